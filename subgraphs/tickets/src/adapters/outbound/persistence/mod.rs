//! SQLite or PostgreSQL, through SeaORM.

mod called_off;
mod catalogue;
mod inventory;
mod keys;
mod measures;
mod orders;
mod reads;
mod reservations;
mod seat_changes;
mod sql;
mod store;
mod tickets;

pub(crate) use keys::ticket_keys;
pub(crate) use reads::SeaReads;
pub(crate) use store::{Houses, SeaStore, order_topic, seats_topic};
