//! Time limits and circuit breakers for everything that leaves a process.
//!
//! A [`Breaker`] stands before one other side: a database, a bus, a payment provider, a mail server.
//! Each call has a time limit. Once the other side has failed a few times in a row, or most of the
//! time, it is left alone for a while and calls are refused at once; then one call finds out whether
//! it is back. Pauses grow and are jittered, so that many processes do not come back in step.
//!
//! What it sees becomes metrics: `breaker_state` (0 closed, 1 half-open, 2 open),
//! `breaker_refusals_total`, `breaker_failures_total` and `outgoing_seconds`, by `name`.

mod breaker;
mod fault;
mod policy;
mod settings;
mod state;

pub use breaker::{Breaker, Entry};
pub use fault::{Outage, TookTooLong};
pub use kernel::LeftAlone;
pub use settings::Settings;
