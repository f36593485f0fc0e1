//! Contract and adapter tests of tickets.
