use std::{net::Ipv4Addr, sync::Arc};

use anyhow::Context as _;
use futures::future::try_join_all;
use kernel::{Clock, SystemClock};
use messaging::InProcessBus;
use service::{Database, Foundation, Running, TokenVerifier};
use tokio::net::TcpListener;

use crate::subgraphs::{Settings, Subgraph};

/// A service that runs in this process.
pub struct Hosted {
    /// Which.
    pub subgraph: Subgraph,
    /// Its address, which only this machine reaches.
    pub url: String,
    /// Its database.
    pub database: Database,
    running: Running,
}

impl Hosted {
    /// Finishes what it has begun, and ends.
    pub(super) async fn stop(self) {
        self.running.stop().await;
    }
}

/// A port of this machine for each service. Connections wait until its service is there.
pub(super) struct Ports(Vec<(Subgraph, TcpListener)>);

impl Ports {
    pub(super) async fn take() -> anyhow::Result<Self> {
        let mut ports = Vec::new();
        for subgraph in Subgraph::ALL {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            ports.push((subgraph, listener.context("no free port on this machine for a service")?));
        }
        Ok(Self(ports))
    }

    pub(super) fn url(&self, subgraph: Subgraph) -> anyhow::Result<String> {
        let (_, listener) =
            self.0.iter().find(|(known, _)| *known == subgraph).context("every service has a port")?;
        Ok(format!("http://{}", listener.local_addr()?))
    }
}

/// A service with its settings and its database, whose schema is up to date.
pub(super) struct Prepared {
    pub(super) subgraph: Subgraph,
    pub(super) settings: Settings,
    pub(super) database: Database,
}

/// Connects the databases and brings their schemas up to date, all at once.
pub(super) async fn prepare(settings: Vec<(Subgraph, Settings)>) -> anyhow::Result<Vec<Prepared>> {
    try_join_all(settings.into_iter().map(|(subgraph, settings)| async move {
        let database = settings
            .open_database(subgraph)
            .await
            .with_context(|| format!("the database of {} cannot be reached", subgraph.name()))?;
        let migrated = subgraph.migrate(&database).await;
        migrated
            .with_context(|| format!("the database of {} cannot be brought up to date", subgraph.name()))?;
        anyhow::Ok(Prepared { subgraph, settings, database })
    }))
    .await
}

/// What all services in this process share: a bus in memory, the machine's clock, users' keys.
pub(super) fn foundation(ports: &Ports) -> anyhow::Result<Foundation> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let jwks = format!("{}{}", ports.url(Subgraph::Users)?, crate::JWKS_PATH);
    let tokens = TokenVerifier::from_url(jwks, clock.clone())?;
    Ok(Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens })
}

/// Starts the services; once all are subscribed, messages flow.
pub(super) async fn start(
    prepared: Vec<Prepared>,
    ports: Ports,
    foundation: &Foundation,
) -> anyhow::Result<Vec<Hosted>> {
    let mut hosted = Vec::new();
    for (Prepared { subgraph, settings, database }, (_, listener)) in prepared.into_iter().zip(ports.0) {
        let assembled = subgraph.assemble(settings, database.clone(), foundation).await?;
        let running = assembled.start(listener, foundation).await;
        let running = running.with_context(|| format!("{} did not start", subgraph.name()))?;
        hosted.push(Hosted { subgraph, url: running.url(), database, running });
    }
    foundation.bus.open().await.context("the bus did not open")?;
    Ok(hosted)
}
