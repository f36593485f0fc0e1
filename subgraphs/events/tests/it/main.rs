//! Contract and adapter tests of events.
