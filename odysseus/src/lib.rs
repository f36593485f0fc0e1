//! The one binary: every service and the router.

pub mod demo;
