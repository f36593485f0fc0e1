//! Contract and adapter tests of tickets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ages;
mod all_at_once;
mod bad_input;
mod cancellation_model;
mod cancellations;
mod checking_in;
mod codes;
mod compact_maps;
mod contacts;
mod credit_notes;
mod files;
mod hidden_stock;
mod holding;
mod hot_path;
mod invoices;
mod kept_back;
mod money_back;
mod more_time;
mod move_model;
mod moved_sales;
mod moves;
mod not_yet;
mod own_terms;
mod prices;
mod promo_codes;
mod promo_codes_back;
mod promo_codes_made;
mod purchase;
mod purchase_model;
mod refunds;
mod rest;
mod returns;
mod rolling_upgrade;
mod rounds;
mod schema;
mod seat_maps;
mod secrets;
mod shown;
mod stage;
mod statements;
mod terms;
mod ticket_keys;
mod waking;
