//! Contract and adapter tests of payments: the whole service against the sandbox's Stripe.

#![expect(clippy::unwrap_used, reason = "a test may panic, also in what it shares with others")]

mod abuse;
mod ages;
mod balances;
mod books;
mod cards;
mod catching_up;
mod checkout;
mod claims;
mod clocks;
mod connected;
mod crashes;
mod declined_pages;
mod disputes;
mod earlier_sales;
mod ending;
mod graph;
mod health;
mod hot_path;
mod organizer;
mod payout_histories;
mod payouts;
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
