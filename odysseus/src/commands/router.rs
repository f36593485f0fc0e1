use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::bail;
use router::{Jwks, Proxied, RouterOptions};
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
    let mut signals = Signals::listen()?;
    let router = router::start(options, CancellationToken::new()).await?;
    out::line(format!("listening on {}", router.url));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    router.stop().await?;
    Ok(ExitCode::SUCCESS)
}
