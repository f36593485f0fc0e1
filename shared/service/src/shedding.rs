//! No pile-up: what cannot be answered in time is refused at once, as `SERVICE_UNAVAILABLE`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::{Refusal, reasons};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Database, rest::Problem};

/// Where services publish what must be readable even when their database is gone, such as keys.
const WELL_KNOWN: &str = "/.well-known/";

/// What an overload looks like to a client.
const OVERLOADED: &str = "Too much is asked of this part of the system just now. Try again in a moment.";
/// What an outage of the database looks like to a client.
const NO_DATABASE: &str = "This part of the system is not available just now. Try again in a moment.";

/// The door of a service: so many requests at a time, so many sockets, and none for a database that is
/// left alone.
#[derive(Clone)]
pub(crate) struct Door {
    service: &'static str,
    requests: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
    database: Database,
}

/// A socket's place, to be kept for as long as it is open.
#[derive(Clone, Debug)]
pub(crate) struct SocketPlace {
    _kept: Arc<Counted>,
}

impl Door {
    pub(crate) fn new(service: &'static str, database: Database) -> Self {
        let of = |places: usize| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        let limits = database.limits;
        Self { service, requests: of(limits.requests), sockets: of(limits.sockets), database }
    }

    fn request(&self) -> Option<Counted> {
        let gauge = metrics::gauge!("requests_in_flight", "service" => self.service);
        Counted::place(&self.requests, gauge)
    }

    fn socket(&self) -> Option<Counted> {
        let gauge = metrics::gauge!("sockets_open", "service" => self.service);
        Counted::place(&self.sockets, gauge)
    }

    fn refuse(&self, request: &Request, why: &'static str, message: &str) -> Response {
        metrics::counter!("requests_refused_total", "service" => self.service, "why" => why).increment(1);
        tracing::debug!(service = self.service, why, "a request was refused");
        if request.uri().path() == "/graphql" {
            let error = json!({
                "message": message,
                "extensions": {
                    "code": "SERVICE_UNAVAILABLE", "reason": reasons::OVERLOADED.name(), "retryAfterSeconds": 1,
                },
            });
            return Json(json!({ "data": null, "errors": [error] })).into_response();
        }
        Problem::from(Refusal::new(reasons::OVERLOADED, message).with("retryAfterSeconds", 1)).into_response()
    }
}

/// A place that is taken, and counted while it is.
#[derive(Debug)]
struct Counted {
    gauge: metrics::Gauge,
    _permit: OwnedSemaphorePermit,
}

impl Counted {
    fn place(of: &Arc<Semaphore>, gauge: metrics::Gauge) -> Option<Self> {
        let permit = of.clone().try_acquire_owned().ok()?;
        gauge.increment(1.0);
        Some(Self { gauge, _permit: permit })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauge.decrement(1.0);
    }
}

/// Lets a request in, or not.
pub(crate) async fn door(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::UPGRADE) {
        // What is asked on the socket meets the database's breaker by itself.
        let Some(place) = door.socket() else {
            return door.refuse(&request, "sockets", OVERLOADED);
        };
        request.extensions_mut().insert(SocketPlace { _kept: Arc::new(place) });
        return next.run(request).await;
    }
    if door.database.is_left_alone() && !request.uri().path().starts_with(WELL_KNOWN) {
        return door.refuse(&request, "database", NO_DATABASE);
    }
    let Some(_place) = door.request() else {
        return door.refuse(&request, "requests", OVERLOADED);
    };
    next.run(request).await
}
