//! The command, as a person or a script uses it.

mod command;
mod commands;
mod running;
mod tour;
