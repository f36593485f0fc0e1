use std::{error::Error, sync::Arc, time::Duration};

use hive_router::{
    async_trait,
    executor::plugins::{
        hooks::{
            on_graphql_error::{OnGraphQLErrorHookPayload, OnGraphQLErrorHookResult},
            on_graphql_params::{OnGraphQLParamsStartHookPayload, OnGraphQLParamsStartHookResult},
            on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload},
            on_plugin_init::{OnPluginInitPayload, OnPluginInitResult},
            on_subgraph_http_request::{OnSubgraphHttpRequestHookPayload, OnSubgraphHttpRequestHookResult},
        },
        plugin_trait::{
            EndHookPayload as _, RouterPlugin, StartHookPayload as _, from_graphql_error_to_bytes,
        },
    },
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, RETRY_AFTER},
    },
    ntex::{
        http::Response,
        web::{DefaultError, WebRequest},
    },
    telemetry::logging::request_id::REQUEST_IDENTIFIERS,
};
use serde::Deserialize;

use crate::{
    errors::Wording,
    nesting::{self, Nesting},
    rewording,
    websocket_checks::WebSocketChecks,
};

/// Under which router.yaml's `plugins` knows it.
pub(crate) const NAME: &str = "odysseus";

/// Seconds.
const TRY_AGAIN_AFTER: &str = "5";
/// How much of a body that is refused for its size is read nevertheless, and for how long.
const MOST_DRAINED: u64 = 64 * 1024 * 1024;
const LONGEST_DRAINED: Duration = Duration::from_secs(10);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What hive-router does not do by itself: the API's error codes, and the request's id on its way down and back.
pub(crate) struct Odysseus {
    wording: Arc<Wording>,
    websocket_checks: WebSocketChecks,
    largest_body: u64,
}

#[derive(Deserialize)]
pub(crate) struct OdysseusConfig {
    supergraph: String,
}

#[async_trait]
impl RouterPlugin for Odysseus {
    type Config = OdysseusConfig;

    fn plugin_name() -> &'static str {
        NAME
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let config = payload.router_config();
        let wording = Arc::new(Wording::new(config));
        let websocket_checks = WebSocketChecks::new(&payload.config()?.supergraph, &config.limits)
            .map_err(Box::<dyn Error>::from)?;
        let largest_body = config.limits.max_request_body_size.to_bytes();
        payload.initialize_plugin(Self { wording, websocket_checks, largest_body })
    }

    /// Lets clients finish what is too large, so that they read why it is refused: they would not while they write.
    /// Names the request in its answer, and rewords the one refusal of hive's that is no GraphQL: 503 with
    /// Retry-After, when there are too many long-lived clients.
    fn on_http_request<'req>(
        &'req self,
        mut request: OnHttpRequestHookPayload<'req>,
    ) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let id = request_id();
            if announced_body(&request.router_http_request) > self.largest_body {
                drain(&mut request.router_http_request).await;
            }
            request.on_end(move |mut answer| {
                if answer.response.status() == StatusCode::SERVICE_UNAVAILABLE
                    && answer.response.headers().contains_key(RETRY_AFTER)
                {
                    let refusal = self.wording.too_many_clients();
                    let response = Response::build(StatusCode::SERVICE_UNAVAILABLE)
                        .header(RETRY_AFTER, TRY_AGAIN_AFTER)
                        .content_type("application/json")
                        .body(from_graphql_error_to_bytes(refusal));
                    return answer.end_with_response(response);
                }
                answer.response = rewording::event_stream(answer.response, self.wording.clone());
                if let Some(id) = id {
                    answer.response.headers_mut().insert(REQUEST_ID, id.into());
                }
                answer.proceed()
            })
        })
    }

    /// Only requests over WebSocket come here with their parameters already read; what is nested too deeply in the
    /// others must not be read.
    async fn on_graphql_params<'exec>(
        &'exec self,
        request: OnGraphQLParamsStartHookPayload<'exec>,
    ) -> OnGraphQLParamsStartHookResult<'exec> {
        let may_be_read = Nesting::of(&request.body)
            && request.router_http_request.uri.query().is_none_or(nesting::query_may_be_read);
        if !may_be_read {
            let refusal = Wording::nested_too_deeply();
            return request.end_with_graphql_error(refusal, StatusCode::BAD_REQUEST);
        }
        let query = request.graphql_params.as_ref().and_then(|params| params.query.as_deref());
        let refusals = query.map(|query| self.websocket_checks.refusals(query)).unwrap_or_default();
        if refusals.is_empty() {
            return request.proceed();
        }
        let refusals = refusals.into_iter().map(|error| self.wording.public(error, StatusCode::OK));
        request.end_with_graphql_errors(refusals, StatusCode::OK)
    }

    /// Gives each mutation its request's id. A query has one only where the client sent it (router.yaml propagates
    /// it): an id of our own would make each query unlike all others, and equal ones in flight would not be shared.
    async fn on_subgraph_http_request<'exec>(
        &'exec self,
        mut request: OnSubgraphHttpRequestHookPayload<'exec>,
    ) -> OnSubgraphHttpRequestHookResult<'exec> {
        let outgoing = &mut request.execution_request;
        if !outgoing.dedupe
            && let Some(id) = request_id()
        {
            outgoing.headers.insert(REQUEST_ID, id);
        }
        request.proceed()
    }

    fn on_graphql_error<'req>(
        &'req self,
        mut failed: OnGraphQLErrorHookPayload<'req>,
    ) -> OnGraphQLErrorHookResult<'req> {
        failed.error = self.wording.public(failed.error, failed.status_code);
        failed.proceed()
    }
}

/// As the client says it; 0 where it does not, and then hive-router counts what it reads.
fn announced_body(request: &WebRequest<DefaultError>) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

async fn drain(request: &mut WebRequest<DefaultError>) {
    let mut body = request.take_payload();
    let mut drained = 0;
    let draining = async {
        while let Some(Ok(chunk)) = body.recv().await {
            drained += chunk.len() as u64;
            if drained > MOST_DRAINED {
                break;
            }
        }
    };
    // Whoever is slower than that meets a closed connection.
    tokio::time::timeout(LONGEST_DRAINED, draining).await.ok();
}

fn request_id() -> Option<HeaderValue> {
    REQUEST_IDENTIFIERS.try_with(|ids| HeaderValue::from_str(ids.req_id()).ok()).ok().flatten()
}
