//! Contract and adapter tests of events: the schema over the database, as the router uses it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod ages;
mod all_at_once;
mod bad_input;
mod big_house;
mod consumer;
mod discovery;
mod gallery;
mod graph;
mod images;
mod layouts;
mod migrations;
mod motifs;
mod orders;
mod organizers;
mod own_terms;
mod plans;
mod popularity;
mod rescheduling;
mod rest;
mod rest_headers;
mod schema;
mod searching;
mod statements;
mod stock;
mod tenants;
