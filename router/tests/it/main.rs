//! The router in front of two toy subgraphs: what it promises to clients.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod audits;
mod circuit;
mod clients;
mod costs;
mod deprecations;
mod documents;
mod doors;
mod errors;
mod limits;
mod pages;
mod previews;
mod proxy;
mod queries;
mod rules;
mod sharing;
mod sockets;
mod starting_and_stopping;
mod streams;
mod subscriptions;
mod support;
mod tour;
mod toy;
