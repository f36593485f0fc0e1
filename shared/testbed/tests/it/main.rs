//! The servers come, go, and come back.

#![expect(clippy::unwrap_used, reason = "a server that is not there is a test that failed")]

mod lines;
mod servers;
