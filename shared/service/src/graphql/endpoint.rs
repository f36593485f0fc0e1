use std::{sync::Arc, time::Duration};

use async_graphql::{Data, ObjectType, Schema, SubscriptionType, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Extension, Router,
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use kernel::{Clock, Refusal, reasons};

use super::socket_token::{TokenEnd, WrongToken, refused};
use crate::{
    Caller, Foundation, TokenVerifier, request,
    shedding::SocketPlace,
    tokens::{bearer, strip_scheme},
};

/// What is read of a socket at once, in bytes: operations are short, and each socket keeps so much memory.
const READ_AT_ONCE: usize = 8 * 1024;
/// How long one operation may take: less than the router waits, which would take a service that it gives up for one that
/// is down.
const PATIENCE: Duration = Duration::from_secs(9);
/// How long a silent WebSocket is kept.
const SILENCE: Duration = Duration::from_mins(2);

struct Endpoint<Q, M, S> {
    schema: Schema<Q, M, S>,
    tokens: TokenVerifier,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

/// The schema in the federation's SDL, as it is checked in.
pub fn sdl<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options =
        async_graphql::SDLExportOptions::new().federation().compose_directive().include_specified_by();
    let sdl = schema.sdl_with_options(options).replace(CHRONOS_INSTANTS, INSTANTS);
    without_what_goes_without_saying(&sdl)
}

/// What async-graphql says of the scalar of chrono's instants. RFC 3339 leaves open what is answered.
const CHRONOS_INSTANTS: &str = "https://datatracker.ietf.org/doc/html/rfc3339";
/// What `DateTime` is: this says how instants are written when answered, too.
const INSTANTS: &str = "https://scalars.graphql.org/andimarek/date-time.html";

/// Leaves out what async-graphql prints of its own accord: the definitions of directives that every GraphQL server has, and
/// that pages of a list, which one service makes, could be made by others as well.
fn without_what_goes_without_saying(sdl: &str) -> String {
    const EVERYWHERE: [&str; 5] = ["include", "skip", "specifiedBy", "deprecated", "oneOf"];
    let defines_one_of_them = |line: &str| {
        let name = line.strip_prefix("directive @").and_then(|rest| rest.split('(').next());
        name.is_some_and(|name| EVERYWHERE.contains(&name.trim()))
    };
    let mut left = String::with_capacity(sdl.len());
    for line in sdl.lines() {
        if defines_one_of_them(line) {
            // With what is said of it in the lines before.
            let described = left.strip_suffix("\"\"\"\n").and_then(|before| before.rfind("\"\"\""));
            left.truncate(described.unwrap_or(left.len()));
            continue;
        }
        let (head, rest) = line.split_once(" @shareable").unwrap_or((line, ""));
        let of_a_list = head.starts_with("type ") && (head.ends_with("Connection") || head.ends_with("Edge"));
        if of_a_list {
            left.push_str(head);
            left.push_str(rest);
        } else {
            left.push_str(line);
        }
        left.push('\n');
    }
    left
}

/// GraphQL over HTTP at `/graphql` and over WebSocket at `/ws`. A bearer token is verified before
/// anything is executed: with a wrong one nothing is.
pub fn endpoint<Q, M, S>(schema: Schema<Q, M, S>, foundation: &Foundation) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    endpoint_within(schema, foundation, PATIENCE)
}

/// The same, for a service whose operations may take longer or shorter than others'. The router must wait longer still.
pub fn endpoint_within<Q, M, S>(
    schema: Schema<Q, M, S>,
    foundation: &Foundation,
    patience: Duration,
) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let (tokens, clock) = (foundation.tokens.clone(), foundation.clock.clone());
    let endpoint = Endpoint { schema, tokens, clock, patience };
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
    let executing = async {
        let caller = match known_by(bearer(&headers), &endpoint.tokens).await {
            Ok(caller) => caller,
            Err(refusal) => return refused(refusal),
        };
        let mut request = request.into_inner();
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        endpoint.schema.execute(request).await
    };
    let answering = request::answering(request::client_of(&headers), Box::pin(executing));
    let answered = tokio::time::timeout(endpoint.patience, answering).await;
    let response = answered.unwrap_or_else(|_| {
        let message = "This took too long and was given up. Try again in a moment.";
        refused(Refusal::new(reasons::TOOK_TOO_LONG, message))
    });
    response.into()
}

async fn subscribe<Q, M, S>(
    State(endpoint): State<Arc<Endpoint<Q, M, S>>>,
    headers: HeaderMap,
    protocol: GraphQLProtocol,
    place: Option<Extension<SocketPlace>>,
    upgrade: WebSocketUpgrade,
) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let known = known_by(bearer(&headers), &endpoint.tokens).await;
    let client = request::client_of(&headers);
    let upgrade = upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).read_buffer_size(READ_AT_ONCE);
    upgrade.on_upgrade(async move |socket| {
        let _until_it_closes = place;
        let (tokens, clock) = (endpoint.tokens.clone(), endpoint.clock.clone());
        let serving = GraphQLWebSocket::new(socket, endpoint.schema.clone(), protocol)
            .keepalive_timeout(SILENCE)
            .on_connection_init(async move |payload| {
                let token = init_token(&payload);
                let known = if token.is_some() { known_by(token, &tokens).await } else { known };
                let mut data = Data::default();
                match known {
                    Ok(Some(caller)) => {
                        data.insert(caller);
                        data.insert(TokenEnd { at: caller.until, session: caller.session, clock, tokens });
                    }
                    Ok(None) => {}
                    // The connection stays, and each operation on it is refused: one that is not taken looks like
                    // a service that is down to the router, which would then keep everybody from it for a while.
                    Err(refusal) => data.insert(WrongToken(refusal)),
                }
                Ok(data)
            })
            .serve();
        request::serving(client, serving).await;
    })
}

/// Whose token this is; nobody's where there is none.
async fn known_by(token: Option<&str>, tokens: &TokenVerifier) -> Result<Option<Caller>, Refusal> {
    match token {
        Some(token) => tokens.verify(token).await.map(Some),
        None => Ok(None),
    }
}

/// Where clients and routers put a token when they open a WebSocket.
fn init_token(payload: &serde_json::Value) -> Option<&str> {
    let places = [payload, payload.get("headers").unwrap_or(&serde_json::Value::Null)];
    places
        .into_iter()
        .flat_map(|place| [place.get("authorization"), place.get("Authorization")])
        .flatten()
        .find_map(|value| value.as_str().and_then(strip_scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_schema_leaves_out_what_goes_without_saying() {
        let printed = "type EventConnection @shareable {\n\tnodes: [Event!]!\n}\ntype EventEdge @shareable {\n}\n\
            type Money @shareable {\n}\n\"\"\"\nIncludes.\n\"\"\"\ndirective @include(if: Boolean!) on FIELD\n\
            directive @specifiedBy(url: String!) on SCALAR\ndirective @access(who: [Who!]!) on OBJECT\n";
        let left = without_what_goes_without_saying(printed);
        assert_eq!(
            left,
            "type EventConnection {\n\tnodes: [Event!]!\n}\ntype EventEdge {\n}\ntype Money @shareable {\n}\n\
             directive @access(who: [Who!]!) on OBJECT\n"
        );
    }
}
