//! What takes several services, each as a table.

pub mod purchase;
pub mod refund;
