//! The platform under test.
