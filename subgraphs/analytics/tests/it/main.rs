//! Contract and adapter tests of analytics.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ages;
mod any_order;
mod reading;
mod refunds;
mod rest;
mod schema;
mod statements;
mod telling;
mod timeline;
mod together;
mod watching;
mod world;
