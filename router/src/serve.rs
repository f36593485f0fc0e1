use std::{net::TcpListener, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use hive_router::{
    PluginRegistry, RouterPaths,
    background_tasks::BackgroundTasksManager,
    build_http_service_config,
    config::HiveRouterConfig,
    configure_app_from_config, configure_ntex_app, invoke_shutdown_hooks,
    ntex::{self, SharedCfg, http::HttpService, web},
    pipeline::{
        request_identifiers::RequestIdentifiersService, request_summary::RequestSummaryService,
        response_compression::ResponseCompressionService,
    },
    plugins::plugins_service::PluginService,
    telemetry::{TelemetryContext, traces::set_tracing_enabled},
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{
    RouterOptions,
    errors::Wording,
    live::Live,
    measured::Measured,
    pages::{self, Neighbours, Pages, Told},
    plugin::Odysseus,
    proxy::{self, Proxy},
    websocket::{self, Sockets},
};

/// How often is looked whether the supergraph has been read.
const GLANCE: Duration = Duration::from_millis(5);

/// Builds the server from hive-router's parts, as its own binary does, with our routes beside.
pub(crate) async fn serve(
    options: RouterOptions,
    config: &'static HiveRouterConfig,
    listener: TcpListener,
    stop: CancellationToken,
    leaving: CancellationToken,
    started: oneshot::Sender<()>,
    ready: CancellationToken,
) -> anyhow::Result<()> {
    // Instead of `Telemetry::init_global`, which would take the process's tracing subscriber: the host has installed
    // its own. Hive's spans are tracing's, so that the host's subscriber exports them with all others; its metrics
    // go to a registry that `/metrics` reads.
    set_tracing_enabled(true);
    let measured = Measured::begin(&config.telemetry)?;
    let telemetry = TelemetryContext::from_propagation_config_with_meter(
        &config.telemetry.tracing.propagation,
        &config.log,
        Some(measured.meter()),
        false,
    );

    let mut background = BackgroundTasksManager::new();
    let plugins = PluginRegistry::new().register::<Odysseus>();
    let (shared, schema) = configure_app_from_config(config, telemetry, &mut background, plugins)
        .await
        .map_err(|error| anyhow!("{error}"))
        .context("hive-router refused its configuration or the supergraph")?;
    let paths = RouterPaths::new(config.graphql_path().to_owned(), None, None);
    paths.detect_conflicts(&None).map_err(|error| anyhow!("{error}"))?;

    let pages = Arc::new(Pages::new(&options, leaving, measured));
    let told = Arc::new(Told::new(&options));
    let proxies = Arc::new(options.proxies);
    let compression = ResponseCompressionService::new(config);
    let state = shared.clone();
    let workers = config.workers();
    let settings: SharedCfg = SharedCfg::new("ROUTER").add(build_http_service_config(config)).into();
    let most = config.traffic_shaping.router.max_long_lived_clients;
    let live = Live::default();
    let sockets = Arc::new(Sockets::new(most, options.sockets, live.clone(), Arc::new(Wording::new(config))));
    let followed = live.clone();
    let graph = schema.clone();
    let mut server = ntex::server::build().listen("router", listener, async move |service| {
        service.config(settings.clone());
        let paths = paths.clone();
        let app = web::App::new()
            .middleware(PluginService::new(paths.clone(), None))
            .middleware(RequestSummaryService::new(&paths.graphql))
            .middleware(RequestIdentifiersService)
            .middleware(compression.clone())
            .state(state.clone())
            .state(schema.clone())
            .state(state.telemetry_context.clone())
            .state(schema.callback_subscriptions.clone())
            .state(pages.clone())
            .state(sockets.clone())
            .state(followed.clone())
            // One for each worker: its connections live in the worker's own runtime.
            .state(Proxy::new(proxies.clone()))
            .state(Neighbours::new(told.clone()))
            .configure(move |app| {
                websocket::route(app, &paths.graphql);
                configure_ntex_app(app, &paths, None);
            })
            .configure(pages::routes)
            .default_service(web::to(proxy::forward_or_not_found));
        HttpService::new(app)
    })?;
    if let Some(workers) = workers {
        server = server.workers(workers.get());
    }
    let server = server.shutdown_timeout(config.shutdown_timeout()).disable_signals().run();

    let stopping = server.clone();
    let given_up = stop.clone();
    ntex::rt::spawn(async move {
        // A task of hive-router's reads the supergraph, and tells nobody when it has.
        while graph.configured_runtime().is_none() && !given_up.is_cancelled() {
            ntex::time::sleep(GLANCE).await;
        }
        ready.cancel();
    });
    ntex::rt::spawn(async move {
        stop.cancelled().await;
        tracing::info!("router stopping");
        live.close().await;
        stopping.stop(true).await;
    });
    // The host may have given up waiting; the token then ends this.
    let _ = started.send(());
    let result = server.await;
    background.graceful_shutdown().await;
    invoke_shutdown_hooks(&shared).await;
    tracing::info!("router stopped");
    Ok(result?)
}
