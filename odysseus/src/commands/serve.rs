use std::{
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use kernel::{Clock, SystemClock};
use messaging::{Bus, JetStream};
use service::{Foundation, TokenVerifier};
use tokio::net::TcpListener;

use super::{Host, signals::Signals};
use crate::{cli::Serve, out, subgraphs::Settings};

/// How long a stop may take: whoever runs containers kills them after ten seconds.
const STOPPING: Duration = Duration::from_secs(8);

pub(super) async fn serve(ask: Serve) -> anyhow::Result<ExitCode> {
    let name = ask.service.name();
    let host = Host::from_env()?;
    let Some(jwks_url) = host.jwks_url else {
        bail!(
            "who verifies tokens needs the keys of users: set ODYSSEUS__JWKS_URL to its address followed by {}",
            crate::JWKS_PATH
        );
    };
    let nats = host.nats.of(name)?;
    let settings = Settings::from_env(ask.service)?;
    let database = settings.open_database(ask.service).await.context("its database cannot be reached")?;
    if let Some((pending, _)) = ask.service.migrations(&database).await?.iter().find(|(_, applied)| !applied)
    {
        bail!("the migration {pending} is not applied; run `odysseus migrate {name} up` first");
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = TokenVerifier::from_url(jwks_url, clock.clone())?;
    // Connects in the background: without NATS the service sells all the same, and catches up later.
    let bus: Arc<dyn Bus> = Arc::new(JetStream::connect(nats).await?);
    let foundation = Foundation { bus: bus.clone(), clock, tokens };
    let mut signals = Signals::listen()?;
    let listen = ask.listen.or(host.listen).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let running =
        ask.service.assemble(settings, database, &foundation).await?.start(listener, &foundation).await?;
    bus.open().await?;
    out::line(format!("listening on {}", running.url()));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    running.leave(Host::from_env()?.drain()).await;
    let stopping = async { tokio::join!(running.stop(), bus.close()) };
    if tokio::time::timeout(STOPPING, stopping).await.is_err() {
        tracing::warn!(
            service = name,
            "not everything was finished in time; others or the next start take it up"
        );
    }
    Ok(ExitCode::SUCCESS)
}
