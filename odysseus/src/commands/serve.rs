use std::{
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::{Clock, Fault, SystemClock};
use messaging::{Bus, Consumer, InProcessBus, Message};
use service::{Database, Foundation, TokenVerifier};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Host, signals::Signals};
use crate::{cli::Serve, out, subgraphs::Settings};

pub(super) async fn serve(ask: Serve) -> anyhow::Result<ExitCode> {
    let name = ask.service.name();
    let host = Host::from_env()?;
    let Some(jwks_url) = host.jwks_url else {
        bail!(
            "who verifies tokens needs the keys of users: set ODYSSEUS__JWKS_URL to its address followed by {}",
            crate::JWKS_PATH
        );
    };
    let settings = Settings::from_env(ask.service)?;
    let (url, connections) = settings.database();
    let database = Database::connect(url, connections).await.context("its database cannot be reached")?;
    if let Some((pending, _)) = ask.service.migrations(&database).await?.iter().find(|(_, applied)| !applied)
    {
        bail!("the migration {pending} is not applied; run `odysseus migrate {name} up` first");
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = TokenVerifier::from_url(jwks_url, clock.clone())?;
    let leaving = CancellationToken::new();
    let bus = Alone { within: InProcessBus::new(), leaving: leaving.clone() };
    let foundation = Foundation { bus: Arc::new(bus), clock, tokens };
    let mut signals = Signals::listen()?;
    let listen = ask.listen.or(host.listen).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let running =
        ask.service.assemble(settings, database, &foundation).await?.start(listener, &foundation).await?;
    tracing::warn!(
        service = name,
        "this service is alone: what it has to tell stays in its outbox, and purchases do not come to their end; \
         use `odysseus run` for that"
    );
    out::line(format!("listening on {}", running.url()));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    leaving.cancel();
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The bus of a service that is alone: it carries things of the moment within the process. What is to be
/// published stays in the outbox instead of being lost.
struct Alone {
    within: InProcessBus,
    leaving: CancellationToken,
}

#[async_trait]
impl Bus for Alone {
    async fn publish(&self, _message: &Message) -> Result<(), Fault> {
        self.leaving.cancelled().await;
        Err(Fault::passing("publishing", "there is no bus between processes"))
    }

    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        self.within.subscribe(consumer).await
    }

    async fn open(&self) -> Result<(), Fault> {
        self.within.open().await
    }

    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        self.within.announce(topic, payload).await
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        self.within.listen(topic).await
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.within.ready().await
    }
}
