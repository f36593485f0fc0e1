//! The command, as a person or a script uses it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod command;
mod commands;
mod dead_letters;
mod running;
mod store;
mod tour;
