use std::sync::Arc;

use hive_router::{
    RouterSharedState, SchemaState,
    executor::executors::graphql_transport_ws::WS_SUBPROTOCOL,
    http::{HeaderName, HeaderValue, StatusCode, header},
    ntex::{
        self, SharedCfg,
        http::{RequestHead, body::BodySize, h1},
        io::{IoBoxed, IoConfig},
        time::Seconds,
        web::{self, Error, HttpRequest, HttpResponse, ws},
        ws::handshake,
    },
};

use super::{Place, Sockets, execute::Caller, socket};
use crate::{
    client_address::{CLIENT_ADDRESS, ClientAddress},
    deprecated::CLIENT_NAME,
    inside::Inside,
};

/// What a page can say in the request for a socket, where it can say anything. The rest of its headers is not of the
/// graph's concern; `connection_init` may say the same again.
const HEADERS: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::ACCEPT_LANGUAGE,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static(CLIENT_NAME),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

thread_local! {
    /// The socket's own beats tell whether somebody is there.
    static WITHOUT_KEEPALIVE: SharedCfg =
        SharedCfg::new("ws").add(IoConfig::new().set_keepalive_timeout(Seconds::ZERO)).into();
}

/// Takes requests for a socket, before anybody else takes the path.
pub(crate) fn route(app: &mut web::ServiceConfig, path: &str) {
    app.service(web::resource(path).guard(web::guard::fn_guard(is_upgrade)).route(web::get().to(upgrade)));
}

pub(crate) fn is_upgrade(request: &RequestHead) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

async fn upgrade(
    request: HttpRequest,
    schema: web::types::State<Arc<SchemaState>>,
    shared: web::types::State<Arc<RouterSharedState>>,
    sockets: web::types::State<Arc<Sockets>>,
) -> Result<HttpResponse, Error> {
    let Some(place) = sockets.place() else {
        // Worded by the plugin, as for event streams.
        return Ok(HttpResponse::ServiceUnavailable().header(header::RETRY_AFTER, "5").finish());
    };
    let mut answer = handshake(request.head())?;
    let speaks_ours = ws::subprotocols(&request).any(|protocol| protocol == WS_SUBPROTOCOL);
    if speaks_ours {
        answer.set_header(header::SEC_WEBSOCKET_PROTOCOL, WS_SUBPROTOCOL);
    }
    let Some((io, codec)) = request.head().take_io() else {
        return Ok(HttpResponse::BadRequest().finish());
    };
    let answer = answer.finish().into_parts().0;
    if io.encode(h1::Message::Item((answer, BodySize::Empty)), &codec).is_err() {
        return Ok(HttpResponse::BadRequest().finish());
    }
    io.set_config(WITHOUT_KEEPALIVE.with(Clone::clone));
    io.stop_timer();
    let caller = Caller {
        inside: Inside::new(request.path(), &schema, &shared),
        headers: known_headers(&request),
        address: request.headers().get(CLIENT_ADDRESS).cloned().map(|address| ClientAddress(address.into())),
    };
    begin(io, speaks_ours.then_some(caller), sockets.get_ref().clone(), place);
    Ok(HttpResponse::new(StatusCode::OK))
}

fn begin(io: IoBoxed, caller: Option<Caller>, sockets: Arc<Sockets>, place: Place) {
    let following = sockets.live.follow();
    ntex::rt::spawn(async move {
        socket::serve(io, caller, &sockets, following).await;
        drop(place);
    });
}

fn known_headers(request: &HttpRequest) -> Vec<(HeaderName, HeaderValue)> {
    HEADERS
        .iter()
        .filter_map(|name| Some((name.clone(), request.headers().get(name)?.clone().into())))
        .collect()
}

/// The header that this key of `connection_init` stands for.
pub(super) fn header_named(key: &str) -> Option<HeaderName> {
    HEADERS.into_iter().find(|name| key.eq_ignore_ascii_case(name.as_str()))
}
