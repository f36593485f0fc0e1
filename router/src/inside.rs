//! This router, asked from within.

use std::sync::Arc;

use hive_router::{
    RouterSharedState, SchemaState,
    executor::{
        headers::response::ResponseHeaderSink,
        plugin_context::PluginContext,
        request_context::{RequestContextExt as _, SharedRequestContext},
    },
    http::{
        HeaderName, HeaderValue,
        header::{ACCEPT, CONTENT_TYPE},
    },
    ntex::{
        util::Bytes,
        web::{HttpResponse, test::TestRequest, types::Payload},
    },
    pipeline::{
        error::handle_pipeline_error, graphql_request_handler, header::ResponseMode, timeout::handle_timeout,
    },
    telemetry::{
        HeaderExtractor, logging::request_id::WithRequestIdentifiers as _, metrics::Metrics,
        traces::spans::http_request::HttpServerRequestSpan,
    },
};
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// That a live stream was not begun, because the socket to its service was closed at that moment: nobody had followed
/// anything on it for `pool_idle_timeout` of router.yaml (hive-router, `executor/executors/websocket_pool.rs`: what was
/// queued when the idle timer went off is refused). The next one is opened anew.
pub(crate) struct Unbegun(bool);

impl Unbegun {
    /// The errors of that.
    const CODES: [&str; 2] =
        ["SUBGRAPH_WEBSOCKET_ARBITER_CHANNEL_CLOSED", "SUBGRAPH_WEBSOCKET_CLIENT_FAILURE"];

    /// Takes note of it, if an error of this code says so.
    pub(crate) fn note(context: &PluginContext, code: Option<&str>) {
        if code.is_some_and(|code| Self::CODES.contains(&code)) {
            context.insert(Self(true));
        }
    }

    fn was_noted(context: &PluginContext) -> bool {
        context.get_mut::<Self>().is_some_and(|mut noted| std::mem::take(&mut noted.0))
    }
}

/// Carries operations out as if they had come over HTTP: with the same plugins and limits.
#[derive(Clone)]
pub(crate) struct Inside {
    path: Arc<str>,
    schema: Arc<SchemaState>,
    shared: Arc<RouterSharedState>,
}

impl Inside {
    pub(crate) fn new(path: &str, schema: &Arc<SchemaState>, shared: &Arc<RouterSharedState>) -> Self {
        Self { path: path.into(), schema: schema.clone(), shared: shared.clone() }
    }

    /// Whether the supergraph has been read.
    pub(crate) fn is_ready(&self) -> bool {
        self.schema.configured_runtime().is_some()
    }

    pub(crate) fn shared(&self) -> &RouterSharedState {
        &self.shared
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.telemetry_context.metrics
    }

    /// The way of a request over HTTP, from where its head has been read. Its answer is JSON, or an event stream. What could
    /// not be begun is begun again, once.
    pub(crate) async fn ask(
        &self,
        headers: &[(HeaderName, HeaderValue)],
        context: Arc<PluginContext>,
        operation: String,
    ) -> HttpResponse {
        let operation = Bytes::from(operation);
        let response = self.ask_once(headers, context.clone(), operation.clone()).await;
        if Unbegun::was_noted(&context) {
            return self.ask_once(headers, context, operation).await;
        }
        response
    }

    async fn ask_once(
        &self,
        headers: &[(HeaderName, HeaderValue)],
        context: Arc<PluginContext>,
        operation: Bytes,
    ) -> HttpResponse {
        let shared = &self.shared;
        let mut request = TestRequest::post()
            .uri(&self.path)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .set_payload(operation);
        for (name, value) in headers {
            request = request.header(name.clone(), value.clone());
        }
        let (mut request, body) = request.to_http_parts();
        request.write_request_context(SharedRequestContext::default());
        request.extensions_mut().insert(context);

        let parent = shared.telemetry_context.extract_context(&HeaderExtractor(request.headers()));
        let identifiers =
            shared.telemetry_context.logging_correlation_extractor.extract(request.headers(), &parent);
        let client = &shared.router_config.telemetry.client_identification;
        let span = HttpServerRequestSpan::from_request(&request, &client.ip_header);
        // Refused only where nobody's subscriber is.
        let _ = span.set_parent(parent);
        let mut mode = ResponseMode::default();
        let handled = graphql_request_handler(
            &mut request,
            Payload(body),
            shared,
            &self.schema,
            &span,
            &mut mode,
            ResponseHeaderSink::default(),
        );
        let handled = Box::pin(handle_timeout(handled, shared))
            .instrument(Span::clone(&span))
            .with_request_id(Arc::new(identifiers))
            .await;
        handled.unwrap_or_else(|error| handle_pipeline_error(error, &request, shared, &mode))
    }
}

#[cfg(test)]
mod tests {
    use hive_router::executor::executors::{error::SubgraphExecutorError, websocket_client::WsClientError};

    use super::*;

    #[test]
    fn a_stream_that_met_a_socket_that_was_being_closed_is_begun_again_once() {
        for met in
            [SubgraphExecutorError::WebSocketArbiterChannelClosed, WsClientError::ConnectionClosed.into()]
        {
            let context = PluginContext::default();
            Unbegun::note(&context, Some(met.error_code()));
            assert!(Unbegun::was_noted(&context), "{met}");
            assert!(!Unbegun::was_noted(&context), "{met}");
        }
    }

    #[test]
    fn what_met_a_service_that_is_down_is_not() {
        let context = PluginContext::default();
        let down = SubgraphExecutorError::WebSocketConnectFailure("ws://tickets".into(), "refused".into());
        for code in [Some(down.error_code()), Some("SERVICE_UNAVAILABLE"), None] {
            Unbegun::note(&context, code);
            assert!(!Unbegun::was_noted(&context), "{code:?}");
        }
    }
}
