use std::sync::Arc;

use hive_router::{
    RouterSharedState, SchemaState,
    http::header,
    ntex::{
        self,
        web::{self, Error, HttpRequest, HttpResponse},
    },
    pipeline::{long_lived_client_limit::try_reserve_long_lived_client, websocket_server::ws_index},
};

use crate::rewording::RewordedFrames;

/// Takes WebSocket upgrades before hive-router does, to count each connection for as long as it lives.
///
/// Hive's own middleware gives a WebSocket's slot back as soon as the upgrade is answered, so its limit would never
/// bite. The counter is hive's own, shared with event streams, whose slots it keeps rightly.
pub(crate) fn route(app: &mut web::ServiceConfig, path: &str) {
    app.service(web::resource(path).guard(web::guard::fn_guard(is_upgrade)).route(web::get().to(upgrade)));
}

async fn upgrade(
    request: HttpRequest,
    schema: web::types::State<Arc<SchemaState>>,
    shared: web::types::State<Arc<RouterSharedState>>,
) -> Result<HttpResponse, Error> {
    let slot = match try_reserve_long_lived_client(shared.get_ref()) {
        Ok(slot) => slot,
        Err(refused) => return Ok(refused.into()),
    };
    let gone = request.io().map(|connection| {
        RewordedFrames::begin(connection);
        (connection.with_read_buf(|read| read.is_empty()), connection.on_disconnect())
    });
    // Who sends frames before the upgrade is answered breaks the protocol, and nobody has looked at them.
    if let Some((false, _)) = gone {
        return Ok(HttpResponse::BadRequest().force_close().finish());
    }
    let response = ws_index(request, schema, shared).await?;
    if let Some((_, gone)) = gone {
        ntex::rt::spawn(async move {
            gone.await;
            drop(slot);
        });
    }
    Ok(response)
}

fn is_upgrade(request: &ntex::http::RequestHead) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}
