use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::bail;
use futures::future::join_all;
use router::{Jwks, Proxied, ReadinessCheck, RouterOptions};
use serde::{Deserialize, Serialize};
use service::settings::{self, WrongSetting};
use tokio_util::sync::CancellationToken;

use super::{Host, signals::Signals};
use crate::{SUPERGRAPH, out, subgraphs::Subgraph};

/// Settings of the router when it runs alone: `ROUTER__LISTEN`, `ROUTER__SUBGRAPHS__USERS` and so on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RouterSettings {
    /// Where it listens; before `ODYSSEUS__LISTEN`.
    listen: Option<SocketAddr>,
    /// The base address of each service.
    subgraphs: BTreeMap<String, String>,
    /// Where the keys of access tokens are.
    jwks_url: Option<String>,
    /// A folder that may be written to.
    data_dir: PathBuf,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self {
            listen: None,
            subgraphs: BTreeMap::new(),
            jwks_url: None,
            data_dir: std::env::temp_dir().join("odysseus-router"),
        }
    }
}

impl RouterSettings {
    /// The settings of this process, complete, or what is missing.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let settings: Self = settings::load("ROUTER")?;
        for subgraph in Subgraph::ALL {
            if !settings.subgraphs.contains_key(subgraph.name()) {
                let name = subgraph.name();
                bail!("where is {name}? Set ROUTER__SUBGRAPHS__{} to its base address", name.to_uppercase());
            }
        }
        for name in settings.subgraphs.keys() {
            if !Subgraph::ALL.iter().any(|subgraph| subgraph.name() == name) {
                bail!(
                    "the setting ROUTER__SUBGRAPHS__{} is wrong: there is no such service",
                    name.to_uppercase()
                );
            }
        }
        Ok(settings)
    }

    /// Where the router of this process listens, or else whatever listens `elsewhere`.
    pub(crate) fn listen_or(elsewhere: Option<SocketAddr>) -> Result<SocketAddr, WrongSetting> {
        let settings: Self = settings::load("ROUTER")?;
        Ok(settings.listen.or(elsewhere).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 4000))))
    }
}

pub(super) async fn router() -> anyhow::Result<ExitCode> {
    let settings = RouterSettings::from_env()?;
    let users = &settings.subgraphs[Subgraph::Users.name()];
    let jwks =
        settings.jwks_url.unwrap_or_else(|| format!("{}{}", users.trim_end_matches('/'), crate::JWKS_PATH));
    let mut options = RouterOptions::new(SUPERGRAPH, settings.data_dir, Jwks::Url(jwks));
    options.listen = RouterSettings::listen_or(Host::from_env()?.listen)?;
    options.proxies = settings
        .subgraphs
        .iter()
        .map(|(name, target)| Proxied { prefix: format!("/api/{name}"), target: target.clone() })
        .collect();
    options.subgraphs = settings.subgraphs;
    options.readiness = readiness(&options.subgraphs);
    options.metrics = Arc::new(service::telemetry::metrics);
    let mut signals = Signals::listen()?;
    let router = router::start(options, CancellationToken::new()).await?;
    out::line(format!("listening on {}", router.url));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    router.leave(Host::from_env()?.drain()).await;
    router.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// How long a service may take to say whether it is ready.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// A service that is down costs its own fields only, so a router is ready while any service is: it would help nobody
/// to take every router away because one service is missing.
fn readiness(subgraphs: &BTreeMap<String, String>) -> ReadinessCheck {
    let client = reqwest::Client::new();
    let urls: Arc<Vec<_>> = Arc::new(
        subgraphs
            .iter()
            .map(|(name, base)| (name.clone(), format!("{}/readyz", base.trim_end_matches('/'))))
            .collect(),
    );
    Arc::new(move || {
        let (client, urls) = (client.clone(), urls.clone());
        Box::pin(async move {
            let looks = urls.iter().map(async |(name, url)| {
                let answer = client.get(url).timeout(LONGEST_LOOK).send().await;
                answer
                    .and_then(reqwest::Response::error_for_status)
                    .map_err(|error| format!("{name}: {}", error.without_url()))
            });
            let (ready, missing): (Vec<_>, Vec<_>) =
                join_all(looks).await.into_iter().partition(Result::is_ok);
            let missing: Vec<_> = missing.into_iter().filter_map(Result::err).collect();
            if ready.is_empty() {
                return Err(format!("no service is ready; {}", missing.join("; ")));
            }
            if !missing.is_empty() {
                tracing::warn!(missing = missing.join("; "), "some services are not ready");
            }
            Ok(())
        })
    })
}
