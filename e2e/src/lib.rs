//! The platform under test, and the people who use it.
//!
//! [`Platform`] is the real program as a process of its own, on the embedded stack, in a folder of its own.
//! [`Person`] speaks to it as clients do, through the router, in the words of the business. Waiting is
//! always on something that happens, never for longer than [`PATIENCE`]. When a platform is dropped by a
//! test that held, the [`invariants`] of what it keeps are looked at.

mod answer;
mod buyer;
mod doorkeeper;
mod gateway;
pub mod invariants;
mod live;
pub mod organizer;
mod person;
mod platform;
pub mod qr;
mod sandbox;
mod show;
mod store;
mod waiting;

pub use answer::{Answer, Outcome, Refused};
pub use gateway::{Behind, Gateway, SERVICES};
pub use live::Live;
pub use person::{Person, anybody};
pub use platform::{Address, Platform, Settings};
pub use sandbox::{Mail, Sandbox};
pub use show::{Show, hall, seat_ids};
pub use store::Store;
pub use waiting::{PATIENCE, eventually, once, until, within};
