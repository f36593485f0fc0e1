//! What takes several services, each as a table.

pub mod cancellation;
pub mod purchase;
pub mod refund;
