//! What takes several services, each as a table.

pub mod purchase;
