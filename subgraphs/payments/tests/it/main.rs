//! Contract and adapter tests of payments.
