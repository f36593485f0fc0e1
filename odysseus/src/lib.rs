//! The one binary: every service and the router.
//!
//! [`embedded`] is the whole platform in one process, for `odysseus run` and for tests; [`cli`] says what
//! else the command can do; [`demo`] is what an empty store is filled with.

#![recursion_limit = "256"] // the router's middlewares nest types deeply

pub mod cli;
pub mod demo;
pub mod embedded;
pub mod subgraphs;

mod commands;
mod out;

pub use commands::run;
pub use embedded::{Embedded, Options};
pub use subgraphs::Subgraph;

/// Gives memory back that many threads have taken and left, which glibc's keeps.
#[global_allocator]
static ALLOCATOR: router::Allocator = router::Allocator;

/// What the router loads: composed from the services' schemas by `make supergraph`.
pub const SUPERGRAPH: &str = include_str!("../../supergraph.graphql");
/// Where users publishes the keys of access tokens.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";
