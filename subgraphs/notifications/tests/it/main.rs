//! Contract and adapter tests of notifications.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_mails;
mod ages;
mod called_off;
mod claims;
mod declines;
mod disputes;
mod erasing;
mod gallery;
mod graph;
mod invoices;
mod kit;
mod languages;
mod mails;
mod messages;
mod moved;
mod organizers;
mod refunds;
mod refusals;
mod reminders;
mod rest;
mod samples;
mod schema;
mod sms;
mod statements;
mod stopping;
mod transfers;
mod waiting;
mod withdrawn;
