//! What comes in: the graph, and what others tell.

mod events;
pub mod graphql;
pub(crate) mod http;

pub use events::{BREATH, Hearer, SUBJECTS, fact};
