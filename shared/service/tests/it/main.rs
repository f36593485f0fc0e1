//! A service as its host and its clients meet it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod codes;
mod databases;
mod hosting;
mod news;
mod overload;
mod postgres;
mod requests;
mod rest;
mod rest_headers;
mod settings;
mod sockets;
mod tokens;
mod upgrades;
mod world;
