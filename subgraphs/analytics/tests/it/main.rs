//! Contract and adapter tests of analytics.
