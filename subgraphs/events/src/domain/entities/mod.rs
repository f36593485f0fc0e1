//! What events owns: state and rules.

pub mod address;
mod address_form;
pub mod category;
pub mod drawing;
pub mod event;
pub mod event_details;
pub mod image;
pub mod layout;
pub mod performer;
pub mod venue;
