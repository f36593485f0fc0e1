use std::{net::TcpListener, path::PathBuf, thread, time::Duration};

use anyhow::{Context as _, anyhow};
use hive_router::{ntex, query_planner::utils::parsing::safe_parse_schema};
use tokio::{sync::oneshot, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    RouterOptions,
    config::{self, Files},
    serve,
};

/// Loading the supergraph takes well under a second; this is for a machine that is busy with other things.
const LONGEST_START: Duration = Duration::from_mins(1);
/// How long it is waited for the supergraph at most before others are told where the router is: `/readyz` then says why not.
const LONGEST_READING: Duration = Duration::from_secs(30);
/// router.yaml gives requests two seconds to finish; the rest is tidying up.
const LONGEST_STOP: Duration = Duration::from_secs(10);

/// Hive-router's parser of documents goes 50 levels deep before it gives up, which in a development build takes more
/// than the 2 MiB that threads have otherwise.
const STACK: usize = 16 * 1024 * 1024;

/// A router that accepts connections.
#[derive(Debug)]
pub struct RunningRouter {
    /// Its address as this machine reaches it, such as `http://127.0.0.1:4000`.
    pub url: String,
    ready: CancellationToken,
    leaving: CancellationToken,
    stop: CancellationToken,
    /// None when it is known how it ended.
    ended: Option<oneshot::Receiver<anyhow::Result<()>>>,
}

impl RunningRouter {
    /// Waits until the supergraph has been read; until then requests are told that the router is starting.
    pub async fn ready(&self) {
        self.ready.cancelled().await;
    }

    /// The same, but not for long: for whoever tells others where it is. If reading takes longer, `/readyz` says why.
    pub async fn ready_soon(&self) {
        drop(timeout(LONGEST_READING, self.ready()).await);
    }

    /// Waits until the router has ended: because its token was cancelled, or because it failed.
    pub async fn join(mut self) -> anyhow::Result<()> {
        self.ended().await
    }

    /// The same, for those who may stop waiting.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        let Some(ended) = &mut self.ended else { return Ok(()) };
        let how = ended.await;
        self.ended = None;
        how.unwrap_or_else(|_| Err(anyhow!("the router's thread panicked")))
    }

    /// Says that it is about to stop, in `/readyz`, and goes on answering for as long as `grace`: until whoever
    /// sends requests has looked there, and sends them elsewhere.
    pub async fn leave(&self, grace: Duration) {
        self.leaving.cancel();
        tokio::time::sleep(grace).await;
    }

    /// Lets what has begun finish within a limit, and ends.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        timeout(LONGEST_STOP, self.join()).await.context("the router did not stop in time")?
    }
}

/// Starts the router and returns when it accepts connections; it ends when `stop` is cancelled.
///
/// It installs no tracing subscriber: hive-router's events (targets `router::…`) and ours go to the host's. It reads no
/// environment and handles no signals.
pub async fn start(options: RouterOptions, stop: CancellationToken) -> anyhow::Result<RunningRouter> {
    install_crypto_provider();
    // Hive-router would start with one that it cannot read, and answer nothing.
    safe_parse_schema(&options.supergraph).map_err(|error| anyhow!("the supergraph is no SDL: {error}"))?;
    let listener = TcpListener::bind(options.listen).with_context(|| {
        format!("cannot listen on {}; choose another port, or 0 for any free one", options.listen)
    })?;
    let address = listener.local_addr()?;
    let url = format!("http://{}", reachable(address));
    let supergraph = write(&options, "supergraph.graphql", &options.supergraph).await?;
    let documents = write(&options, "trusted-documents.json", &options.documents).await?;
    let files = Files { supergraph: &supergraph, documents: &documents };
    let config = config::hive_config(&options, files, address.port())?;

    let stop = stop.child_token();
    let (started, has_started) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let (stop_serving, leaving) = (stop.clone(), stop.child_token());
    let about_to_stop = leaving.clone();
    let ready = CancellationToken::new();
    let is_ready = ready.clone();
    thread::Builder::new().name("router".into()).stack_size(STACK).spawn(move || {
        let result = ntex::rt::System::build()
            .name("router")
            .stack_size(STACK)
            .build(ntex::rt::DefaultRuntime)
            .block_on(serve::serve(
                options,
                config.into_static(),
                listener,
                stop_serving,
                about_to_stop,
                started,
                is_ready,
            ));
        // Nobody may be waiting any more, and then nobody misses it.
        let _ = end.send(result);
    })?;

    match timeout(LONGEST_START, has_started).await.context("the router did not start in time")? {
        Ok(()) => Ok(RunningRouter { url, ready, leaving, stop, ended: Some(ended) }),
        // It ended before it began: its result says why.
        Err(_) => match ended.await {
            Ok(Err(error)) => Err(error.context("the router did not start")),
            Ok(Ok(())) => Err(anyhow!("the router was stopped before it had started")),
            Err(_) => Err(anyhow!("the router's thread panicked at its start")),
        },
    }
}

/// Hive reads files; `absolute`, because relative ones would need its own configuration reader.
async fn write(options: &RouterOptions, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute(&options.data_dir)?;
    tokio::fs::create_dir_all(&folder)
        .await
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let file = folder.join(name);
    tokio::fs::write(&file, text).await.with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// `0.0.0.0` is where to listen, not where to go.
fn reachable(mut address: std::net::SocketAddr) -> std::net::SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address
}

/// Several crates here bring rustls with different providers; one has to be the process's own before the first use.
fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been quicker, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
