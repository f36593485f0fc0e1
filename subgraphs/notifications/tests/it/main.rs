//! Contract and adapter tests of notifications.
