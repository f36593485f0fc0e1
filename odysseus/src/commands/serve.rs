use std::{process::ExitCode, sync::Arc};

use anyhow::{Context as _, bail};
use kernel::{Clock, SystemClock};
use messaging::InProcessBus;
use service::{Database, Foundation, TokenVerifier};
use tokio::net::TcpListener;

use super::{Host, signals::Signals};
use crate::{cli::Serve, out, subgraphs::Settings};

pub(super) async fn serve(ask: Serve) -> anyhow::Result<ExitCode> {
    let name = ask.service.name();
    let Some(jwks_url) = Host::from_env()?.jwks_url else {
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
    let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens };
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(ask.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another address with --listen", ask.listen))?;
    let running =
        ask.service.assemble(settings, database, &foundation).await?.start(listener, &foundation).await?;
    // The bus stays closed: what this service has to tell waits in its outbox instead of being lost.
    tracing::warn!(
        service = name,
        "this service is alone: what it has to tell stays in its outbox, and purchases do not come to their end; \
         use `odysseus run` for that"
    );
    out::line(format!("listening on {}", running.url()));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}
