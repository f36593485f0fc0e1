//! How services tell each other things, so that nothing is lost or done twice.
//!
//! A change of state and what it tells ([`outbox::Told`]) are one transaction. The [`Relay`] publishes
//! what was committed on the [`Bus`]. A [`Consumer`] receives it at least once; its handler writes an
//! [`inbox`] row in the same transaction as its effects, so that a second delivery changes nothing.
//! What fails ten times is kept as a dead letter, where a person finds it.

pub mod bus;
pub mod dead_letters;
mod gaps;
mod handling;
#[cfg(test)]
mod history;
mod in_process;
pub mod inbox;
pub mod jetstream;
mod message;
pub mod migrations;
pub mod outbox;
mod refilling;
mod relay;
mod rows;
mod sending;
pub mod tables;
mod together;
pub mod trace;

pub use bus::{Bus, Consumer, Handler, MAX_DELIVERIES, Store};
pub use dead_letters::{DeadLetter, DeadLetters};
pub use in_process::InProcessBus;
pub use jetstream::JetStream;
pub use message::Message;
pub use outbox::{Outbox, Told};
pub use relay::Relay;
pub use together::{Together, Work};
