//! Contract and adapter tests of payments: the whole service against the sandbox's Stripe.

#![expect(clippy::unwrap_used, reason = "a test may panic, also in what it shares with others")]

mod ages;
mod cards;
mod clocks;
mod crashes;
mod disputes;
mod ending;
mod graph;
mod hot_path;
mod refunds;
mod rest;
mod returning;
mod schema;
mod stage;
mod statements;
mod told;
mod webhooks;
