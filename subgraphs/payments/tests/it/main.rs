//! Contract and adapter tests of payments: the whole service against the sandbox's Stripe.

#![expect(clippy::unwrap_used, reason = "a test may panic, also in what it shares with others")]

mod abuse;
mod ages;
mod books;
mod cards;
mod catching_up;
mod checkout;
mod clocks;
mod crashes;
mod disputes;
mod ending;
mod graph;
mod health;
mod hot_path;
mod organizer;
mod reconciling;
mod refunds;
mod rest;
mod returning;
mod schema;
mod stage;
mod statements;
mod table_of_books;
mod told;
mod webhooks;
