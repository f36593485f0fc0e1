//! What every saga is tested with.

mod model;
mod walk;

pub use model::no_order_of_messages_breaks;
pub use walk::every_walk_ends_well;
