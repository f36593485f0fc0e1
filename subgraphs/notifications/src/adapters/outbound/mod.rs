//! Whom the domain asks.

pub mod announcements;
pub mod letters;
pub mod persistence;
pub mod smtp;
pub mod traced;
pub mod twilio;
mod writers;
