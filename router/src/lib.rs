//! The federation router: hive-router as a library, our pages and a small proxy, in one server.
//!
//! [`start`] takes where everything is and returns once connections are accepted. The router runs in threads of its
//! own, because hive-router stands on ntex, whose tasks cannot move between threads.

#![recursion_limit = "256"] // ntex's middlewares nest types deeply

mod bodies;
mod browser;
mod buying;
mod client_address;
mod config;
mod cors;
mod cost;
mod delivery;
mod deprecated;
mod detours;
mod errors;
mod guarded;
mod inside;
mod live;
mod measured;
mod nesting;
mod operation_rules;
mod options;
mod outgoing;
mod pages;
mod payload;
mod places;
mod plugin;
mod problem;
mod proxy;
mod running;
mod serve;
mod sharing;
mod trusted;
mod unanswered;
mod variables;
mod websocket;

pub use config::SHIPPED_CONFIG;
/// The allocator that hive-router is made for: mimalloc.
pub use hive_router::RouterGlobalAllocator as Allocator;
pub use ipnet::IpNet;
pub use options::{
    DemoAccount, FrontPage, Jwks, Link, MetricsText, Proxied, ReadinessCheck, RouterOptions, SocketLimits,
};
pub use pages::pages_are_built;
pub use running::{RunningRouter, start};
