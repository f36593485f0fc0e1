//! The whole platform in one process: what `odysseus run` starts, and end-to-end tests too.

pub(crate) mod folder;
mod rest;
mod services;
mod start;

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use router::RunningRouter;
use sandbox::Sandbox;
use service::Database;

use crate::{embedded::folder::Folder, subgraphs::Subgraph};

pub(crate) use rest::at_rest;
pub use services::Hosted;

/// What is to be started, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where data lies; made where there is none.
    pub data: PathBuf,
    /// Where the router listens, on this machine only; 0 takes a free port.
    pub port: u16,
    /// Whether an empty store gets the demonstration's content.
    pub demo: bool,
    /// How many threads the router serves with; one for each core when not said.
    pub router_workers: Option<NonZeroUsize>,
}

impl Options {
    /// On a free port, without the demonstration, with few threads: as a test wants it.
    pub fn bare(data: impl Into<PathBuf>) -> Self {
        Self { data: data.into(), port: 0, demo: false, router_workers: NonZeroUsize::new(1) }
    }

    fn listen(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }
}

/// The platform, running.
///
/// Dropping it without [`Embedded::stop`] leaves tasks behind until their runtime ends.
pub struct Embedded {
    url: String,
    folder: Folder,
    loaded_now: bool,
    router: Option<RunningRouter>,
    services: Vec<Hosted>,
    sandbox: Sandbox,
}

impl Embedded {
    /// Starts everything; requests are answered once this returns.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let mut platform = Box::pin(start::behind_closed_doors(&options)).await?;
        platform.open_doors(&options).await?;
        Ok(platform.finish())
    }

    /// Loads the demonstration into an empty folder and stops again. False when it was there before.
    pub async fn load_demo(data: &Path) -> anyhow::Result<bool> {
        let options = Options { demo: true, ..Options::bare(data) };
        let platform = Box::pin(start::behind_closed_doors(&options)).await?.finish();
        let loaded = platform.loaded_now;
        platform.stop().await;
        Ok(loaded)
    }

    /// The router's address, such as `http://127.0.0.1:4000`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where data lies.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// True when this start loaded the demonstration.
    pub fn demo_was_loaded_now(&self) -> bool {
        self.loaded_now
    }

    /// True when the demonstration's accounts are in the store.
    pub fn has_demo(&self) -> bool {
        self.folder.demo().is_ok_and(|state| state == folder::DemoState::Loaded)
    }

    /// The stand-ins for Stripe, mail and SMS.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The services, each with its address and its database.
    pub fn services(&self) -> &[Hosted] {
        &self.services
    }

    /// A service's database, for tests that look at what is kept.
    pub fn database(&self, subgraph: Subgraph) -> Option<&Database> {
        self.services.iter().find(|hosted| hosted.subgraph == subgraph).map(|hosted| &hosted.database)
    }

    /// Waits until every outbox is empty: everything that was said has been heard. An error names the
    /// services that still have something to say when time runs out.
    pub async fn at_rest(&self, within: Duration) -> anyhow::Result<()> {
        at_rest(&self.services, within).await
    }

    /// Ends when the router ends, which it does by itself only when it fails.
    pub async fn router_ended(&mut self) -> anyhow::Result<()> {
        match &mut self.router {
            Some(router) => router.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Says in `/readyz` that it is about to stop, and goes on answering for as long as `grace`.
    pub async fn leave(&self, grace: Duration) {
        if let Some(router) = &self.router {
            router.leave(grace).await;
        }
    }

    /// Takes no more requests, finishes what has begun, and ends: router, then services, then sandbox.
    pub async fn stop(self) {
        if let Some(router) = self.router
            && let Err(error) = router.stop().await
        {
            tracing::warn!(error = format!("{error:#}"), "the router did not stop as it should");
        }
        // All at once: what one has begun may need another to finish.
        futures::future::join_all(self.services.into_iter().map(Hosted::stop)).await;
        self.sandbox.stop().await;
    }
}
