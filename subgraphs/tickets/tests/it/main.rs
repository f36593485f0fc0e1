//! Contract and adapter tests of tickets.

mod bad_input;
mod checking_in;
mod holding;
mod purchase;
mod schema;
mod seat_maps;
mod stage;
