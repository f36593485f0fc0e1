//! SQLite or PostgreSQL, through SeaORM.

mod ages;
mod answers;
mod cache;
mod called_off;
mod cancellations;
mod catalogue;
mod contacts;
mod deadlines;
mod inventory;
mod invoices;
mod keys;
mod locking;
mod moves;
mod orders;
mod promo_codes;
mod reads;
mod refunds;
mod reservations;
mod rounds;
mod seat_changes;
mod seat_maps;
mod settings;
mod sql;
mod store;
mod tickets;
mod transaction;
mod why_blocked;

pub use ages::AGES;
pub(crate) use cache::{Events, Houses};
pub(crate) use keys::kept_secret;
pub(crate) use reads::SeaReads;
pub(crate) use rounds::Rounds;
pub(crate) use store::{SeaStore, cancellation_topic, order_topic, reservation_topic, seats_topic};
