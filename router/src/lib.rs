//! The federation router: hive-router as a library, our pages and a small proxy, in one server.
//!
//! [`start`] takes where everything is and returns once connections are accepted. The router runs in threads of its
//! own, because hive-router stands on ntex, whose tasks cannot move between threads.

#![recursion_limit = "256"] // ntex's middlewares nest types deeply

mod config;
mod errors;
mod measured;
mod nesting;
mod options;
mod pages;
mod plugin;
mod proxy;
mod rewording;
mod running;
mod serve;
mod websocket_checks;
mod websocket_slots;

pub use config::SHIPPED_CONFIG;
pub use options::{DemoAccount, FrontPage, Jwks, Link, MetricsText, Proxied, ReadinessCheck, RouterOptions};
pub use pages::pages_are_built;
pub use running::{RunningRouter, start};
