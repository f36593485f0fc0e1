//! How services tell each other things, so that nothing is lost or done twice.
//!
//! A change of state and what it tells ([`outbox::append`]) are one transaction. The [`Relay`] publishes
//! what was committed on the [`Bus`]. A [`Consumer`] receives it at least once; its handler writes an
//! [`inbox`] row in the same transaction as its effects, so that a second delivery changes nothing.
//! What fails ten times is kept as a dead letter, where a person finds it.

pub mod bus;
pub mod dead_letters;
mod in_process;
pub mod inbox;
mod message;
pub mod outbox;
mod relay;
pub mod tables;

pub use bus::{Bus, Consumer, Handler, MAX_DELIVERIES};
pub use dead_letters::DeadLetters;
pub use in_process::InProcessBus;
pub use message::Message;
pub use outbox::Outbox;
pub use relay::Relay;
