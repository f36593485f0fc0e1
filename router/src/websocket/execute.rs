use std::sync::Arc;

use futures::StreamExt as _;
use hive_router::{
    RouterSharedState, SchemaState,
    executor::{
        headers::response::ResponseHeaderSink,
        plugin_context::PluginContext,
        request_context::{RequestContextExt as _, SharedRequestContext},
    },
    http::{
        HeaderName, HeaderValue,
        header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    },
    ntex::web::{HttpResponse, test::TestRequest, types::Payload},
    pipeline::{
        error::handle_pipeline_error, graphql_request_handler, header::ResponseMode, timeout::handle_timeout,
    },
    sonic_rs,
    telemetry::{
        HeaderExtractor, logging::request_id::WithRequestIdentifiers as _,
        traces::spans::http_request::HttpServerRequestSpan,
    },
};
use tokio::sync::mpsc;
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{message::Answers, operations::Running};
use crate::{client_address::ClientAddress, delivery::Piece, errors::Wording, payload};

/// Who asks on a socket, and by whom it is answered.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) path: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) address: Option<ClientAddress>,
    pub(super) schema: Arc<SchemaState>,
    pub(super) shared: Arc<RouterSharedState>,
}

impl Caller {
    /// What `connection_init` says counts more than what the request for the socket said.
    pub(super) fn say(&mut self, headers: Vec<(HeaderName, HeaderValue)>) {
        self.headers.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        self.headers.extend(headers);
    }

    pub(super) fn is_anonymous(&self) -> bool {
        !self.headers.iter().any(|(name, _)| name == AUTHORIZATION)
    }

    /// Carries an operation out and tells the socket what comes of it, until it ends or is not wanted any more.
    pub(super) async fn run(
        self,
        operation: String,
        running: Running,
        answers: Answers,
        socket: mpsc::Sender<String>,
        wording: Arc<Wording>,
    ) {
        // Not cut off by a `complete`: what was begun, perhaps a mutation, ends as it would over HTTP.
        let mut response = Box::pin(self.execute(operation)).await;
        if running.is_stopped() {
            return;
        }
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_stream = kind.starts_with("text/event-stream");
        let is_full = response.headers().contains_key(RETRY_AFTER);
        let mut body = response.take_body();
        let last = if is_stream {
            loop {
                let chunk = tokio::select! {
                    () = running.stopped() => return,
                    chunk = body.next() => chunk,
                };
                let piece = chunk.and_then(Result::ok).map_or(Piece::Complete, |chunk| Piece::read(&chunk));
                match piece {
                    Piece::Next(result) => {
                        let result = payload::reworded(result, &wording);
                        let next = answers.next(&String::from_utf8_lossy(&result));
                        let sent = tokio::select! {
                            () = running.stopped() => return,
                            sent = socket.send(next) => sent,
                        };
                        if sent.is_err() {
                            return;
                        }
                    }
                    Piece::Complete => break answers.complete(),
                    Piece::Beat => {}
                }
            }
        } else if is_full {
            answers.refusal(&wording.too_many_clients())
        } else {
            let mut result = Vec::new();
            while let Some(Ok(chunk)) = body.next().await {
                result.extend_from_slice(&chunk);
            }
            let result = String::from_utf8_lossy(&result);
            if let Some(refused) = errors_of_refusal(&result) {
                answers.error(refused)
            } else {
                if running.is_stopped() || socket.send(answers.next(&result)).await.is_err() {
                    return;
                }
                answers.complete()
            }
        };
        if !running.is_stopped() {
            // Its id is free before the client can know.
            drop(running);
            socket.send(last).await.ok();
        }
    }

    /// The way of a request over HTTP, from where its head has been read.
    async fn execute(&self, operation: String) -> HttpResponse {
        let shared = &self.shared;
        let mut request = TestRequest::post()
            .uri(&self.path)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .set_payload(operation);
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        let (mut request, body) = request.to_http_parts();
        request.write_request_context(SharedRequestContext::default());
        let context = PluginContext::default();
        if let Some(address) = &self.address {
            context.insert(address.clone());
        }
        request.extensions_mut().insert(Arc::new(context));

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

/// A result without data is a refusal: nothing was carried out.
fn errors_of_refusal(result: &str) -> Option<&str> {
    if sonic_rs::get(result, ["data"]).is_ok() {
        return None;
    }
    let errors = sonic_rs::get(result, ["errors"]).ok()?;
    let start = errors.as_raw_str().as_ptr().addr().checked_sub(result.as_ptr().addr())?;
    result.get(start..start + errors.as_raw_str().len())
}
