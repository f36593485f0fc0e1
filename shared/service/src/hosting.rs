//! Running a service: its endpoint, its consumers, its workers, from start to a clean stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::IntoResponse,
    routing::get,
    serve::ListenerExt as _,
};
use kernel::{Clock, Fault};
use messaging::{Bus, Consumer, DeadLetters, Outbox, Relay};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer};
use tracing::{Instrument as _, info_span};

use crate::{
    Database, TokenVerifier, database, ended_sessions,
    shedding::{self, Door},
    telemetry, unread,
    workers::Worker,
};

/// The largest request body a service reads, in bytes.
pub const MAX_BODY: usize = 11 * 1024 * 1024;
/// How long a stop waits for what has begun.
const FINISHING: Duration = Duration::from_secs(10);

/// What a process gives to each service in it.
#[derive(Clone)]
pub struct Foundation {
    /// How services tell each other things.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is calling.
    pub tokens: TokenVerifier,
}

/// A service, put together and not yet running.
pub struct Assembled {
    /// Its name: `tickets`.
    pub name: &'static str,
    /// Its schema in the federation's SDL.
    pub sdl: String,
    /// GraphQL at `/graphql` and `/ws`, and whatever else it serves.
    pub routes: Router,
    /// Its database.
    pub database: Database,
    /// What its commits wake.
    pub outbox: Outbox,
    /// What it reads from the bus; one durable name per service.
    pub subjects: Vec<&'static str>,
    /// What it does with what it reads.
    pub handler: Option<Arc<dyn messaging::Handler>>,
    /// What it does by itself.
    pub workers: Vec<Worker>,
}

/// A service that runs.
pub struct Running {
    /// Its name.
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    leaving: CancellationToken,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Assembled {
    /// Opens connections to the database, subscribes it to the bus, then starts endpoint, workers and relay.
    pub async fn start(self, listener: TcpListener, foundation: &Foundation) -> Result<Running, Fault> {
        let address = listener.local_addr().map_err(|cause| Fault::new("opening a port", cause))?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let leaving = CancellationToken::new();
        self.database.open_connections().await;
        let dead_letters = DeadLetters::new(self.database.background().writes, foundation.clock.clone());
        if let Some(handler) = self.handler {
            foundation
                .bus
                .subscribe(Consumer {
                    name: self.name,
                    subjects: self.subjects,
                    handler,
                    dead_letters: dead_letters.clone(),
                })
                .await?;
        }
        let health = Router::new()
            .route("/healthz", get(async || "alive"))
            .route("/readyz", get(ready))
            .route("/readyz/self", get(accepting))
            .route("/metrics", get(async || telemetry::metrics()))
            .with_state(Readiness {
                database: self.database.clone(),
                bus: foundation.bus.clone(),
                leaving: leaving.clone(),
            });
        let door = from_fn_with_state(Door::new(self.name, self.database.clone()), shedding::door);
        // Probes come every few seconds, and are no requests that anybody wants to hear of.
        let observed = from_fn_with_state(self.name, telemetry::observed);
        let routes = self
            .routes
            .layer(CatchPanicLayer::new())
            .layer(door)
            .layer(observed)
            .merge(health)
            .layer(RequestBodyLimitLayer::new(MAX_BODY))
            .layer(CatchPanicLayer::new())
            .layer(from_fn(unread::announced));
        let stopping = stop.clone();
        let name = self.name;
        tasks.spawn(async move {
            // Or the second of two frames waits until the first is acknowledged: for 40 ms.
            let listener = listener.tap_io(|client| drop(client.set_nodelay(true)));
            let serving = axum::serve(listener, routes).with_graceful_shutdown(stopping.clone().cancelled_owned());
            let limit = async {
                stopping.cancelled().await;
                tokio::time::sleep(FINISHING).await;
            };
            tokio::select! {
                ended = serving => if let Err(error) = ended { tracing::error!(service = name, %error, "the endpoint failed"); },
                () = limit => tracing::warn!(service = name, "some requests did not finish in time"),
            }
        });
        let watching = telemetry::watch(name, self.database.clone(), dead_letters);
        tasks.spawn(stop.clone().run_until_cancelled_owned(watching));
        for worker in self.workers {
            let stop = stop.clone();
            let span =
                info_span!(target: telemetry::BACKGROUND, "worker", service = name, worker = worker.name);
            tasks.spawn((worker.work)(stop).instrument(span));
        }
        tasks.spawn(ended_sessions::listen(foundation.bus.clone(), foundation.tokens.clone(), stop.clone()));
        tasks.spawn(database::watch(self.database.clone(), stop.clone()));
        let relay = Relay {
            service: name,
            database: self.database.background().writes,
            outbox: self.outbox,
            bus: foundation.bus.clone(),
        };
        let span = info_span!(target: telemetry::BACKGROUND, "relay", service = name);
        tasks.spawn(relay.run(stop.clone()).instrument(span));
        tasks.close();
        Ok(Running { name, address, leaving, stop, tasks })
    }
}

impl Running {
    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says that it is about to stop, in `/readyz`, and goes on answering for as long as `grace`: until whoever
    /// sends requests has looked there, and sends them elsewhere.
    pub async fn leave(&self, grace: Duration) {
        self.leaving.cancel();
        tokio::time::sleep(grace).await;
    }

    /// Takes no more work, finishes what it has begun, and ends. Within a limit.
    pub async fn stop(self) {
        self.leaving.cancel();
        self.stop.cancel();
        if tokio::time::timeout(FINISHING + Duration::from_secs(5), self.tasks.wait()).await.is_err() {
            tracing::warn!(service = self.name, "did not finish in time");
        }
    }
}

/// What a service needs in order to answer.
#[derive(Clone)]
struct Readiness {
    database: Database,
    bus: Arc<dyn Bus>,
    leaving: CancellationToken,
}

/// For whoever sends requests here: whether they are taken, whatever the service itself has to wait for. A database
/// that is away is away for all replicas, and then it would help nobody to take every one of them for gone.
async fn accepting(State(needed): State<Readiness>) -> (StatusCode, &'static str) {
    if needed.leaving.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "leaving")
    } else {
        (StatusCode::OK, "accepting")
    }
}

async fn ready(State(needed): State<Readiness>) -> impl IntoResponse {
    let Readiness { database, bus, leaving } = needed;
    if leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(serde_json::json!({ "process": "stopping" })));
    }
    let (answers, bus, pending) = tokio::join!(database.ready(), bus.ready(), database.still_pending());
    let migrations = match &pending {
        Ok(pending) if pending.is_empty() => "applied".to_owned(),
        Ok(pending) => format!("pending: {}", pending.join(", ")),
        Err(_) => "not known".to_owned(),
    };
    // Without the bus it sells all the same; what it has to tell waits in its outbox.
    let all_is_well = answers.is_ok() && migrations == "applied";
    let state = |outcome: &Result<(), Fault>| if outcome.is_ok() { "ready" } else { "not reachable" };
    for fault in [answers.as_ref().err(), bus.as_ref().err(), pending.as_ref().err()].into_iter().flatten() {
        tracing::warn!(error = fault.chain(), "not ready");
    }
    let status = if all_is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body =
        serde_json::json!({ "database": state(&answers), "bus": state(&bus), "migrations": migrations });
    (status, Json(body))
}
