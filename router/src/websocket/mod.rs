//! The graph over WebSocket: the protocol graphql-transport-ws, before hive-router's pipeline.
//!
//! Hive-router has a server of this protocol (`pipeline/websocket_server.rs`), but it carries out an operation before it
//! reads the next message, so that a `complete` behind a `subscribe` is lost; it drops fragmented messages, hangs up
//! without a code when a message is too large, never answers a close, refuses by `next`, and none of that can be changed
//! from outside. Here each operation goes the way that it would go over HTTP, with the same plugins and limits.

mod execute;
mod frames;
mod message;
mod operations;
mod socket;
mod upgrade;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

pub(crate) use upgrade::{is_upgrade, route};

use crate::{SocketLimits, errors::Wording, live::Live};

/// All sockets of this router.
pub(crate) struct Sockets {
    open: Arc<AtomicUsize>,
    most: usize,
    limits: SocketLimits,
    live: Live,
    wording: Arc<Wording>,
}

/// A socket's place among those that may be open.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Sockets {
    /// At most so many at a time; 0 is no limit.
    pub(crate) fn new(most: usize, limits: SocketLimits, live: Live, wording: Arc<Wording>) -> Self {
        Self { open: Arc::default(), most: if most == 0 { usize::MAX } else { most }, limits, live, wording }
    }

    fn place(&self) -> Option<Place> {
        let one_more = |open: usize| (open < self.most).then_some(open + 1);
        self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Place(self.open.clone()))
    }
}
