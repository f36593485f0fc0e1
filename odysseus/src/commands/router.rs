use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use futures::future::join_all;
use router::{Jwks, Proxied, ReadinessCheck, RouterOptions, RunningRouter, SocketLimits};
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
    /// Another supergraph than the platform's own, as a file: its subgraphs have any names, and addresses of their own.
    supergraph: Option<PathBuf>,
    /// The networks of the proxies in front, such as `["10.0.0.0/8"]`: they are believed when they say for whom they ask.
    trusted_proxies: Vec<String>,
    /// Other origins, such as `["https://shop.example"]`, whose pages may ask the graph and REST; `["*"]` is every one.
    origins: Vec<String>,
    /// What one WebSocket may do.
    sockets: SocketLimits,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self {
            listen: None,
            subgraphs: BTreeMap::new(),
            jwks_url: None,
            data_dir: std::env::temp_dir().join("odysseus-router"),
            supergraph: None,
            trusted_proxies: Vec::new(),
            origins: Vec::new(),
            sockets: SocketLimits::default(),
        }
    }
}

impl RouterSettings {
    /// The settings of this process, complete, or what is missing.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let settings: Self = settings::load("ROUTER")?;
        if settings.supergraph.is_some() {
            return Ok(settings);
        }
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

    /// What these say of clients, to a router that is set up otherwise.
    pub(crate) fn hand_on(&self, options: &mut RouterOptions) -> anyhow::Result<()> {
        for network in &self.trusted_proxies {
            let network = network.parse().map_err(|_| {
                anyhow!(
                    "the setting ROUTER__TRUSTED_PROXIES is wrong: {network} is no network such as 10.0.0.0/8"
                )
            })?;
            options.trusted_proxies.push(network);
        }
        for origin in &self.origins {
            let is_origin = origin == "*"
                || origin.split_once("://").is_some_and(|(scheme, host)| {
                    matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains('/')
                });
            if !is_origin {
                bail!(
                    "the setting ROUTER__ORIGINS is wrong: {origin} is no origin such as https://shop.example, nor *"
                );
            }
        }
        options.origins.clone_from(&self.origins);
        options.sockets = self.sockets;
        Ok(())
    }

    /// Nobody's, where another supergraph is served and nothing is said of keys.
    fn jwks(&self) -> Jwks {
        let users = self.subgraphs.get(Subgraph::Users.name());
        let by_users = || users.map(|users| format!("{}{}", users.trim_end_matches('/'), crate::JWKS_PATH));
        self.jwks_url.clone().or_else(by_users).map_or(Jwks::Nobody, Jwks::Url)
    }

    /// Where the router of this process listens, or else whatever listens `elsewhere`.
    pub(crate) fn listen_or(elsewhere: Option<SocketAddr>) -> Result<SocketAddr, WrongSetting> {
        let settings: Self = settings::load("ROUTER")?;
        Ok(settings.listen.or(elsewhere).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 4000))))
    }
}

pub(super) async fn router() -> anyhow::Result<ExitCode> {
    let settings = RouterSettings::from_env()?;
    let supergraph = match &settings.supergraph {
        Some(file) => fs::read_to_string(file).with_context(|| {
            format!("the setting ROUTER__SUPERGRAPH is wrong: cannot read {}", file.display())
        })?,
        None => SUPERGRAPH.to_owned(),
    };
    let mut options = RouterOptions::new(supergraph, settings.data_dir.clone(), settings.jwks());
    settings.hand_on(&mut options)?;
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
    // Nobody is told where it is before it can answer; whoever stops it meanwhile does not wait for that.
    tokio::select! {
        () = router.ready_soon() => {}
        () = signals.next() => return stop(router, signals).await,
    }
    out::line(format!("listening on {}", router.url));
    signals.next().await;
    stop(router, signals).await
}

async fn stop(router: RunningRouter, signals: Signals) -> anyhow::Result<ExitCode> {
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
            // Of another supergraph's subgraphs nothing is known.
            if ready.is_empty() && !missing.is_empty() {
                return Err(format!("no service is ready; {}", missing.join("; ")));
            }
            if !missing.is_empty() {
                tracing::warn!(missing = missing.join("; "), "some services are not ready");
            }
            Ok(())
        })
    })
}
