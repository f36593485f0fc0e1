//! One engine for every business transaction over several services.
//!
//! A saga is one file with its table: its steps, of whom each is asked, what undoes it, and how long an answer is waited
//! for ([`Saga`]). [`advance`] is the whole logic, and pure. [`go_on`] runs it on whatever the saga acts upon
//! ([`Stage`]), inside the transaction in which all of that is locked: what is asked of the saga's own service is done
//! there and then, what is asked of others leaves with the commit. [`rows`] keeps where each saga stands, and [`clock`]
//! moves on those whose time is over. A saga that cannot go on rests, and delays no other.
//!
//! With the feature `suite` there are the tests that every saga passes: walks over its table, and its model with every
//! order, loss and repetition of messages.

mod advance;
pub mod clock;
pub mod migrations;
pub mod rows;
mod running;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
mod table;

pub use advance::{ASK_AGAIN, Ask, Input, Progress, Why, advance};
pub use contracts::saga::Step;
pub use running::{Kept, Running, Stage, go_on};
pub use table::{Back, Line, Patience, Saga, Whom};

#[cfg(test)]
mod tests;
