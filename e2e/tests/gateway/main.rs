//! The gateway: a real Traefik, by the files that production mounts, before the platform or before stand-ins for its
//! parts where those show more.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod answers;
mod doors;
mod failing;
mod limits;
mod stories;
mod streams;
mod tls;
mod upstream;

use e2e::{Behind, Gateway, SERVICES};
use upstream::Upstream;

/// A gateway before one stand-in that takes every part.
async fn before(upstream: &Upstream) -> Gateway {
    Gateway::before(everything_at(upstream)).await
}

fn everything_at(upstream: &Upstream) -> Behind {
    let behind = Behind::default().with("router", [upstream.url()]);
    SERVICES.iter().fold(behind, |behind, service| behind.with(service, [upstream.url()]))
}
