//! Everything that notifications keep, on SQLite or PostgreSQL.

mod ages;
mod erasing;
mod facts;
mod organizations;
mod queue;
mod reads;
mod reminders;
mod rows;
mod stops;
mod store;
mod told;

pub use ages::AGES;
pub use store::SeaStore;
