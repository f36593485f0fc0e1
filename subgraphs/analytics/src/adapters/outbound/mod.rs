//! What goes out: the database, and announcements on the bus.

mod announcements;
mod members;
mod persistence;

pub use announcements::Announcements;
pub use members::KnownMembers;
pub use persistence::{AGES, SeaReads, SeaStore};
