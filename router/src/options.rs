use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
};

use futures::future::BoxFuture;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{SHIPPED_CONFIG, config::SHIPPED_DOCUMENTS};

/// Answers whether the platform can take requests; the error is a line for the person who looks at `/readyz`.
pub type ReadinessCheck = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What else `/metrics` tells, in Prometheus' text format: what the host counts.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// All that the router must be told. [`RouterOptions::new`] has defaults for the rest.
#[derive(Clone)]
pub struct RouterOptions {
    /// Where to listen; port 0 takes a free one, which [`crate::RunningRouter::url`] then names.
    pub listen: SocketAddr,
    /// The supergraph's SDL.
    pub supergraph: String,
    /// Each subgraph's base address, such as `http://127.0.0.1:4711`: GraphQL is at `/graphql` there, subscriptions at `/ws`.
    pub subgraphs: BTreeMap<String, String>,
    /// Where the public keys are that tokens are verified with.
    pub jwks: Jwks,
    /// What else is served from here by asking another server.
    pub proxies: Vec<Proxied>,
    /// A folder that may be written to; created when missing.
    pub data_dir: PathBuf,
    /// Asked on each `/readyz`, with a limit of five seconds.
    pub readiness: ReadinessCheck,
    /// Added to what `/metrics` tells of the router itself.
    pub metrics: MetricsText,
    /// What `/developers` tells about this installation.
    pub front_page: FrontPage,
    /// How many threads serve; one for each core when not said.
    pub workers: Option<NonZeroUsize>,
    /// The proxies that are believed when they say in `X-Forwarded-For` for whom they ask; nobody, when not said.
    pub trusted_proxies: Vec<IpNet>,
    /// Other origins, such as `https://shop.example`, whose pages may ask the graph and REST from their visitors' browsers;
    /// `*` stands for all.
    pub origins: Vec<String>,
    /// What one WebSocket may do.
    pub sockets: SocketLimits,
    /// The operations that may be asked for by the hashes of their texts alone: a JSON object of texts by hash.
    pub documents: String,
    /// The text of router.yaml.
    pub config: String,
}

impl RouterOptions {
    /// A router for this supergraph on a free port of this machine, always ready, proxying nothing.
    pub fn new(supergraph: impl Into<String>, data_dir: impl Into<PathBuf>, jwks: Jwks) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            supergraph: supergraph.into(),
            subgraphs: BTreeMap::new(),
            jwks,
            proxies: Vec::new(),
            data_dir: data_dir.into(),
            readiness: Arc::new(|| Box::pin(async { Ok(()) })),
            metrics: Arc::new(String::new),
            front_page: FrontPage::default(),
            workers: None,
            trusted_proxies: Vec::new(),
            origins: Vec::new(),
            sockets: SocketLimits::default(),
            documents: SHIPPED_DOCUMENTS.to_owned(),
            config: SHIPPED_CONFIG.to_owned(),
        }
    }
}

/// Where the public keys are found that tokens are verified with.
#[derive(Clone, Debug)]
pub enum Jwks {
    /// Asked again every half minute; who answers there may start later.
    Url(String),
    /// The same, where somebody answers already: they are read before the first request.
    Answered(String),
    /// Read once at start.
    File(PathBuf),
    /// Nobody's: the router looks at no token, and passes each on.
    Nobody,
}

/// What one WebSocket may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocketLimits {
    /// Operations open at a time; subscriptions above all.
    pub open: u32,
    /// The same for a socket without a token.
    pub open_anonymous: u32,
    /// Operations begun within ten seconds.
    pub operations_per_ten_seconds: u32,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { open: 100, open_anonymous: 20, operations_per_ten_seconds: 100 }
    }
}

/// Requests whose path is `prefix`, or lies below it, are passed on with their path unchanged.
#[derive(Clone, Debug)]
pub struct Proxied {
    /// For example `/api/users`; matches whole segments only.
    pub prefix: String,
    /// The base address they go to, for example `http://127.0.0.1:4711`.
    pub target: String,
}

/// What `/developers` tells about this installation.
#[derive(Clone, Debug, Default)]
pub struct FrontPage {
    /// Whose passwords may be shown to everybody, since they are for trying things out.
    pub demo_accounts: Vec<DemoAccount>,
    /// What else runs, and where.
    pub links: Vec<Link>,
}

/// An account for trying things out.
#[derive(Clone, Debug)]
pub struct DemoAccount {
    /// What one logs in with.
    pub email: String,
    /// Its password, which `/` shows.
    pub password: String,
    /// What it is good for, in a few words.
    pub purpose: String,
}

/// A line in the list of what runs.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its name, such as `tickets`.
    pub name: String,
    /// Its address, absolute or a path on this server.
    pub url: String,
    /// What it is, in a few words.
    pub about: String,
}
