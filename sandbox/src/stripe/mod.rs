//! The stand-in for Stripe's API: who calls, the switches, idempotency, then the operation itself.

pub(crate) mod authentication;
pub(crate) mod balance;
pub(crate) mod books;
mod cards;
pub(crate) mod charge;
mod charging;
pub(crate) mod connect;
pub(crate) mod dashboard;
pub(crate) mod dispute;
mod events;
mod form;
pub(crate) mod idempotency;
pub(crate) mod intent;
mod intents;
mod listing;
pub(crate) mod money;
mod operations;
pub(crate) mod refund;
pub(crate) mod refunds;
mod refused;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod tokens;
mod unasked;

use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use self::charging::Changes;
use self::form::Params;
use self::idempotency::{Answer, Claimed};
use self::refused::Refused;
use crate::auth::basic_auth;
use crate::state::{Change, State};
use crate::world::World;
use crate::{clock, ids};

/// The version of the API whose shapes are spoken here.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";
/// How long a call that was told never to answer is kept open.
const NEVER: Duration = Duration::from_mins(10);

/// What an operation may know.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) now: i64,
    pub(crate) public_url: &'a str,
    pub(crate) origin: &'a Origin,
    /// The connected account for which the caller acts; the platform itself without.
    pub(crate) account: Option<&'a str>,
    /// How long a charge's money takes until it can be used.
    pub(crate) pending_ms: i64,
}

/// Which request made something happen; events tell it.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// An operation that went well.
pub(crate) struct Done {
    body: Value,
    changes: Vec<Change>,
}

impl Done {
    fn new(body: Value, changes: Changes<'_>) -> Self {
        Self { body, changes: changes.made }
    }
}

/// Everything under `/v1`.
pub(crate) async fn serve(
    Shared(world): Shared<Arc<World>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    world.calls.fetch_add(1, Ordering::Relaxed);
    let request_id = ids::fresh("req");
    let stop = world.stop.clone();
    // In a task of its own: what was begun is finished even if the caller hangs up.
    let tasks = world.tasks.clone();
    let work = tasks.spawn({
        let request_id = request_id.clone();
        async move { answer(world, request_id, &method, &uri, &headers, &body).await }
    });
    let mut response = tokio::select! {
        answered = work => answered.unwrap_or_else(|_| broken().into_response()),
        () = stop.cancelled() => broken().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("request-id", id);
    }
    response
}

async fn answer(
    world: Arc<World>,
    request_id: String,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    if let Err(refused) = authenticate(&world, headers) {
        return refused.into_response();
    }
    if world.board.strikes(|switches| &mut switches.api_fail) {
        return should_retry(broken().into_response());
    }
    let read = read(method, uri, headers, body);
    let (params, account) = match read.and_then(|params| Ok((params, acting_for(&world, headers)?))) {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let account = account.as_deref();
    let key = match headers.get("idempotency-key").filter(|_| method == Method::POST) {
        None => None,
        Some(key) => match key.to_str() {
            Ok(key) => Some(key.to_owned()),
            Err(_) => return Refused::invalid("The Idempotency-Key is not readable").into_response(),
        },
    };
    let fingerprint = params.fingerprint();
    let claimed = key
        .as_deref()
        .map(|key| idempotency::claim(&world, account, key, uri.path(), &fingerprint, clock::now_ms()))
        .transpose();
    let claim = match claimed {
        Err(refused) if refused.status == StatusCode::CONFLICT => {
            return should_retry(refused.into_response());
        }
        Err(refused) => return refused.into_response(),
        Ok(Some(Claimed::Before(answer))) => return replay(answer),
        Ok(Some(Claimed::New(claim))) => Some(claim),
        Ok(None) => None,
    };
    let latency = Duration::from_millis(world.board.now().api_latency_ms);
    tokio::select! {
        () = tokio::time::sleep(latency) => (),
        () = world.stop.cancelled() => return broken().into_response(),
    }
    let origin = Origin { request_id: Some(request_id), idempotency_key: key };
    let asked = Asked { account, method, path: uri.path(), params: &params, fingerprint: &fingerprint };
    let response = perform_and_keep(&world, &asked, &origin);
    drop(claim);
    if world.board.strikes(|switches| &mut switches.api_time_out) {
        tokio::select! {
            () = world.stop.cancelled() => (),
            () = tokio::time::sleep(NEVER) => (),
        }
    }
    response
}

/// What a call asks for.
struct Asked<'a> {
    account: Option<&'a str>,
    method: &'a Method,
    path: &'a str,
    params: &'a Params,
    fingerprint: &'a str,
}

/// Does the work and keeps the answer of its key, in one stroke.
fn perform_and_keep(world: &World, asked: &Asked<'_>, origin: &Origin) -> Response {
    let public_url = world.public_url();
    let pending_ms = world.board.now().pending_ms();
    let now = clock::now_ms();
    let Asked { account, method, path, params, fingerprint } = *asked;
    let written = world.store.write(|state| {
        let call = Call { state, now, public_url: &public_url, origin, account, pending_ms };
        let (status, body, mut changes, begun) = match operations::perform(&call, method, path, params) {
            Ok(done) => (StatusCode::OK, done.body, done.changes, true),
            Err(refused) => (refused.status, refused.body(), refused.changes, refused.begun),
        };
        let body = body.to_string();
        if let (Some(key), true) = (&origin.idempotency_key, begun) {
            changes.push(Change::Answer(Answer {
                key: idempotency::name(account, key),
                path: path.to_owned(),
                fingerprint: fingerprint.to_owned(),
                status: status.as_u16(),
                body: body.clone(),
                request_id: origin.request_id.clone().unwrap_or_default(),
                at: now,
            }));
        }
        ((status, body), changes)
    });
    match written {
        Ok((status, body)) => json(status, body),
        Err(failed) => {
            tracing::error!(%failed, "the sandbox could not write its journal");
            should_retry(broken().into_response())
        }
    }
}

/// The secret key comes as a bearer token or as the user name of basic authentication.
fn authenticate(world: &World, headers: &HeaderMap) -> Result<(), Refused> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let given = bearer.or_else(|| basic_auth(headers).map(|(user, _)| user));
    let refused =
        |message: String| Err(Refused::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message));
    let Some(given) = given else {
        return refused("You did not provide an API key.".to_owned());
    };
    let accepted = match &world.api_key {
        Some(known) => given == *known,
        None => given.starts_with("sk_test_") || given.starts_with("rk_test_"),
    };
    if accepted {
        return Ok(());
    }
    let end = given.char_indices().rev().nth(3).map_or("", |(start, _)| &given[start..]);
    refused(format!("Invalid API Key provided: ***{end}"))
}

/// The connected account for which the caller acts, if it does.
fn acting_for(world: &World, headers: &HeaderMap) -> Result<Option<String>, Refused> {
    let Some(named) = headers.get("stripe-account") else { return Ok(None) };
    let id = named.to_str().unwrap_or_default();
    let known = world.store.read(|state| state.accounts.get(id).is_some());
    if known { Ok(Some(id.to_owned())) } else { Err(Refused::no_such_account(id)) }
}

fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Params, Refused> {
    if method != Method::POST {
        return Ok(Params::read(uri.query().unwrap_or_default().as_bytes()));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if body.is_empty() || kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Ok(Params::read(body));
    }
    Err(Refused::invalid(
        "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
    ))
}

fn replay(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, answer.body);
    let headers = response.headers_mut();
    headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        headers.insert("original-request", id);
    }
    response
}

fn broken() -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", "An unknown error occurred in the sandbox")
}

fn should_retry(mut response: Response) -> Response {
    let name = HeaderName::from_static("stripe-should-retry");
    response.headers_mut().insert(name, HeaderValue::from_static("true"));
    response
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        json(self.status, self.body().to_string())
    }
}
