//! Venues, layouts, events and their discovery.
