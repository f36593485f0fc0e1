use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use kernel::{ErrorCode, Refusal, reasons};
use serde_json::Value;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    About, Problem, caching, document,
    idempotency::{self, Keyless},
    pages,
    problem::Input,
};
use crate::{Foundation, request};

/// The largest body that is read, in bytes, where a route sets no limit of its own.
const LARGEST_BODY: usize = 64 * 1024;
const KNOWN_METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// How long one operation may take: less than whoever asks through the router waits.
const PATIENCE: Duration = Duration::from_secs(9);

/// Serves the routes under `/api/<service>/v1`, their document at `/api/<service>/openapi.json` and
/// Swagger UI at `/api/<service>/swagger-ui/`. Whatever else is asked for under `/api/<service>` is a
/// problem: 404, or 405 with the methods that are allowed.
///
/// Answers are not kept by anybody on the way unless a handler says so in `Cache-Control`, as [`super::Caching`] does. A
/// page has a `Link` to the next one. An `Idempotency-Key` is refused where the operation's document does not have it.
pub fn mount(about: About, routes: OpenApiRouter, foundation: &Foundation) -> Router {
    mount_within(about, routes, foundation, PATIENCE)
}

/// The same, for a service whose operations may take longer or shorter than others'.
pub fn mount_within(
    about: About,
    routes: OpenApiRouter,
    foundation: &Foundation,
    patience: Duration,
) -> Router {
    let (routes, api) = routes.split_for_parts();
    let document = document(about, api);
    let (tried, keyless) = (methods_to_try(&document), Keyless::of(&document));
    let document = Arc::new(document.to_string());
    let root = format!("/api/{}", about.service);
    let served = Router::new()
        .nest("/v1", routes)
        .route(
            "/openapi.json",
            get(async move || ([(CONTENT_TYPE, "application/json")], document.to_string())),
        )
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_there)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(Extension(foundation.tokens.clone()))
        .layer(middleware::from_fn(pages::linked))
        .layer(middleware::from_fn(caching::tagged))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(middleware::from_fn_with_state(keyless, idempotency::kept_or_refused))
        .layer(middleware::from_fn_with_state(patience, in_time))
        .layer(CatchPanicLayer::custom(|_| Problem::internal().into_response()))
        .layer(middleware::from_fn(counted));
    let page = SwaggerUi::new(format!("{root}/swagger-ui")).config(
        Config::from(format!("{root}/openapi.json")).validator_url("none").supported_submit_methods(tried),
    );
    // With a slash at its end the root is no part of what is nested.
    Router::new().nest(&root, served).route(&format!("{root}/"), any(nothing_there)).merge(page)
}

/// The methods that Swagger UI offers to send: those of operations that are not tagged `webhooks`, which are
/// for other programs alone.
fn methods_to_try(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let is_webhook = |operation: &Value| {
        operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "webhooks"))
    };
    operations
        .filter(|(_, operation)| operation.is_object() && !is_webhook(operation))
        .map(|(method, _)| method.clone())
        .collect()
}

async fn nothing_there() -> Problem {
    let message = "There is nothing at this path; openapi.json lists what there is.";
    Refusal::new(reasons::NO_SUCH_THING, message).into()
}

/// Which methods are allowed is said by axum, in `Allow`.
async fn wrong_method(method: Method) -> Problem {
    let message = format!("{method} is not for this path; the header Allow says what is.");
    let refusal = Refusal::new(reasons::METHOD_NOT_ALLOWED, message);
    Problem::with_status(StatusCode::METHOD_NOT_ALLOWED, refusal)
}

async fn in_time(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    let client = request::client_of(request.headers());
    let answering = request::answering(client, next.run(request));
    tokio::time::timeout(patience, answering).await.unwrap_or_else(|_| {
        let message = "This took too long and was given up. Try again in a moment.";
        Problem::from(Refusal::new(reasons::TOOK_TOO_LONG, message)).into_response()
    })
}

/// Counts problems by their route, never by the path that was asked for.
async fn counted(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let input = Input::of(&method, route.as_ref());
    let response = input.within(next.run(request)).await;
    if let Some(code) = response.extensions().get::<ErrorCode>() {
        // Clients may make up methods and paths, and every label is kept for good.
        let operation = match &route {
            Some(route) if KNOWN_METHODS.contains(&method) => format!("{method} {}", route.as_str()),
            _ => "unknown".to_owned(),
        };
        metrics::counter!("refusals_total", "operation" => operation, "code" => code.as_str()).increment(1);
    }
    response
}
