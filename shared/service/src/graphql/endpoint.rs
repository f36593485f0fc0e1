use std::{sync::Arc, time::Duration};

use async_graphql::{Data, ObjectType, Schema, SubscriptionType, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Router,
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kernel::{Clock, Refusal};

use super::into_graph;
use crate::{Caller, Foundation, TokenVerifier};

/// How long one operation may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a silent WebSocket is kept.
const SILENCE: Duration = Duration::from_mins(2);

struct Endpoint<Q, M, S> {
    schema: Schema<Q, M, S>,
    tokens: TokenVerifier,
    clock: Arc<dyn Clock>,
}

/// The schema in the federation's SDL, as it is checked in.
pub fn sdl<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options = async_graphql::SDLExportOptions::new()
        .federation()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    schema.sdl_with_options(options)
}

/// GraphQL over HTTP at `/graphql` and over WebSocket at `/ws`. A bearer token is verified before
/// anything is executed: with a wrong one nothing is.
pub fn endpoint<Q, M, S>(schema: Schema<Q, M, S>, foundation: &Foundation) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let endpoint = Endpoint { schema, tokens: foundation.tokens.clone(), clock: foundation.clock.clone() };
    Router::new()
        .route("/graphql", post(execute::<Q, M, S>))
        .route("/ws", get(subscribe::<Q, M, S>))
        .with_state(Arc::new(endpoint))
}

async fn execute<Q, M, S>(
    State(endpoint): State<Arc<Endpoint<Q, M, S>>>,
    headers: HeaderMap,
    request: GraphQLRequest,
) -> GraphQLResponse
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let caller = match bearer(&headers) {
        None => None,
        Some(token) => match endpoint.tokens.verify(token).await {
            Ok(caller) => Some(caller),
            Err(refusal) => return refused(refusal).into(),
        },
    };
    let mut request = request.into_inner();
    if let Some(caller) = caller {
        request = request.data(caller);
    }
    match tokio::time::timeout(PATIENCE, endpoint.schema.execute(request)).await {
        Ok(response) => response.into(),
        Err(_) => {
            refused(Refusal::unavailable("This took too long and was given up. Try again in a moment."))
                .into()
        }
    }
}

async fn subscribe<Q, M, S>(
    State(endpoint): State<Arc<Endpoint<Q, M, S>>>,
    headers: HeaderMap,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let caller = match bearer(&headers) {
        None => None,
        Some(token) => match endpoint.tokens.verify(token).await {
            Ok(caller) => Some(caller),
            Err(refusal) => return (axum::http::StatusCode::UNAUTHORIZED, refusal.message).into_response(),
        },
    };
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(async move |socket| {
        let (tokens, clock) = (endpoint.tokens.clone(), endpoint.clock.clone());
        let (known, ends) = tokio::sync::oneshot::channel::<Caller>();
        let serving = GraphQLWebSocket::new(socket, endpoint.schema.clone(), protocol)
            .keepalive_timeout(SILENCE)
            .on_connection_init(async move |payload| {
                let caller = match init_token(&payload) {
                    Some(token) => {
                        Some(tokens.verify(token).await.map_err(|refusal| into_graph(refusal.into()))?)
                    }
                    None => caller,
                };
                let mut data = Data::default();
                if let Some(caller) = caller {
                    data.insert(caller);
                    known.send(caller).ok(); // nobody listens any more: the socket is closing
                }
                Ok(data)
            })
            .serve();
        // A token's end ends what was opened with it.
        let token_ends = async move {
            match ends.await {
                Ok(caller) => {
                    let left = (caller.until - clock.now()).to_std().unwrap_or_default();
                    tokio::time::sleep(left).await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = serving => {}
            () = token_ends => {}
        }
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok().and_then(strip)
}

/// The token of the scheme `Bearer`, however it is written; an empty one is a wrong one, not none.
fn strip(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where clients and routers put a token when they open a WebSocket.
fn init_token(payload: &serde_json::Value) -> Option<&str> {
    let places = [payload, payload.get("headers").unwrap_or(&serde_json::Value::Null)];
    places
        .into_iter()
        .flat_map(|place| [place.get("authorization"), place.get("Authorization")])
        .flatten()
        .find_map(|value| value.as_str().and_then(strip))
}

fn refused(refusal: Refusal) -> async_graphql::Response {
    let error = into_graph(refusal.into()).into_server_error(async_graphql::Pos::default());
    async_graphql::Response::from_errors(vec![error])
}
