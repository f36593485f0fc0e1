//! What comes in: the graph, and what others tell.

mod events;
pub mod graphql;

pub use events::{Hearer, SUBJECTS};
