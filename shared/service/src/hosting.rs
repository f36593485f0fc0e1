//! Running a service: its endpoint, its consumers, its workers, from start to a clean stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use kernel::{Clock, Fault};
use messaging::{Bus, Consumer, DeadLetters, Outbox, Relay};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer};

use crate::{Database, TokenVerifier, telemetry, workers::Worker};

/// The largest request body a service reads, in bytes.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
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
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Assembled {
    /// Subscribes it to the bus, then starts endpoint, workers and relay.
    pub async fn start(self, listener: TcpListener, foundation: &Foundation) -> Result<Running, Fault> {
        let address = listener.local_addr().map_err(|cause| Fault::new("opening a port", cause))?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        if let Some(handler) = self.handler {
            foundation
                .bus
                .subscribe(Consumer {
                    name: self.name,
                    subjects: self.subjects,
                    handler,
                    dead_letters: DeadLetters::new(self.database.writes.clone(), foundation.clock.clone()),
                })
                .await?;
        }
        let health = Router::new()
            .route("/healthz", get(async || "alive"))
            .route("/readyz", get(ready))
            .route("/metrics", get(async || telemetry::metrics()))
            .with_state((self.database.clone(), foundation.bus.clone()));
        let routes = self
            .routes
            .merge(health)
            .layer(RequestBodyLimitLayer::new(MAX_BODY))
            .layer(CatchPanicLayer::new());
        let stopping = stop.clone();
        let name = self.name;
        tasks.spawn(async move {
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
        for worker in self.workers {
            let stop = stop.clone();
            tasks.spawn((worker.work)(stop));
        }
        let relay = Relay {
            service: name,
            database: self.database.writes.clone(),
            outbox: self.outbox,
            bus: foundation.bus.clone(),
        };
        tasks.spawn(relay.run(stop.clone()));
        tasks.close();
        Ok(Running { name, address, stop, tasks })
    }
}

impl Running {
    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more work, finishes what it has begun, and ends. Within a limit.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(FINISHING + Duration::from_secs(5), self.tasks.wait()).await.is_err() {
            tracing::warn!(service = self.name, "did not finish in time");
        }
    }
}

async fn ready(State((database, bus)): State<(Database, Arc<dyn Bus>)>) -> impl IntoResponse {
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
