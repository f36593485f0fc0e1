//! Contract and adapter tests of users.

#![expect(clippy::unwrap_used, reason = "a test may panic, also in what it shares with others")]

mod ages;
mod bad_input;
mod cookies;
mod email_changes;
mod erasing;
mod foreign_accounts;
mod guests;
mod invitations;
mod loading;
mod logins;
mod nodes;
mod operators;
mod organizations;
mod passkeys;
mod passwords;
mod privacy;
mod recognised;
mod rest;
mod schema;
mod second_factors;
mod sessions;
mod settings;
mod stage;
mod tokens;
mod verified_again;
