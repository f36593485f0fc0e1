//! What is promised whatever fails, on the production stack: a process for each service, PostgreSQL, NATS.
//!
//! Each test kills or hinders something while fifty people buy, mends it, and then looks whether every
//! promise was kept and nothing was lost, doubled or left behind. Moments and victims are random:
//! `E2E_SEED` repeats a run, as far as the moments go.

#![expect(clippy::unwrap_used, reason = "a fault that cannot be made is a test that failed")]

mod bus;
mod checks;
mod clocks;
mod database;
mod mail;
mod money_back;
mod payment_provider;
mod replicas;
mod rounds;
mod services;
mod stage;

use stage::Stage;
