//! From a commit to its effect elsewhere, with everything that may go wrong between.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod failing;
mod gaps;
mod jetstream;
mod relaying;
mod stage;
mod world;
