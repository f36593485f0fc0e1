//! Contract and adapter tests of tickets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ages;
mod all_at_once;
mod bad_input;
mod checking_in;
mod codes;
mod compact_maps;
mod files;
mod holding;
mod hot_path;
mod money_back;
mod not_yet;
mod purchase;
mod purchase_model;
mod rest;
mod rounds;
mod schema;
mod seat_maps;
mod secrets;
mod shown;
mod stage;
mod statements;
mod ticket_keys;
mod waking;
