//! Contract and adapter tests of users.

#![expect(clippy::unwrap_used, reason = "a test may panic, also in what it shares with others")]

mod ages;
mod bad_input;
mod guests;
mod invitations;
mod loading;
mod logins;
mod nodes;
mod operators;
mod organizations;
mod privacy;
mod rest;
mod schema;
mod sessions;
mod settings;
mod stage;
mod tokens;
