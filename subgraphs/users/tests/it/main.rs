//! Contract and adapter tests of users.
