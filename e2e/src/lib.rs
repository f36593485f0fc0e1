//! The platform under test, and the people who use it.
//!
//! [`Platform`] is the real program: one process on the embedded stack, or [`Production`], a process for each
//! service on PostgreSQL and NATS, with `E2E_STACK=production`.
//! [`Person`] speaks to it as clients do, through the router, in the words of the business. Waiting is
//! always on something that happens, never for longer than [`PATIENCE`]. When a platform is dropped by a
//! test that held, the [`invariants`] of what it keeps are looked at.

pub mod access;
mod answer;
mod buyer;
pub mod chance;
mod client;
mod collector;
pub mod crowd;
mod dashboard;
mod doorkeeper;
mod embedded;
mod gateway;
pub mod invariants;
mod live;
pub mod organizer;
mod person;
mod platform;
mod process;
mod production;
pub mod qr;
pub mod rebuild;
mod sandbox;
mod settings;
mod show;
mod store;
mod streams;
mod waiting;

pub use answer::{Answer, Outcome, Refused};
pub use collector::{Collector, Span};
pub use crowd::{Crowd, Fate, Purchase};
pub use dashboard::{Click, Dashboard};
pub use gateway::{Behind, Gateway, SERVICES};
pub use live::Live;
pub use person::{Person, anybody};
pub use platform::{Platform, faults_logged};
pub use production::{Production, Shape};
pub use sandbox::{Mail, Sandbox};
pub use settings::{Address, Settings};
pub use show::{Show, amphitheatre, arena, hall, seat_ids};
pub use store::{Store, Stores};
pub use waiting::{PATIENCE, eventually, nothing_missing, once, until, within};
