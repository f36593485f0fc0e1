//! Operations as they are seen from outside: a span, how long they took, and what was refused.

use std::{
    any::TypeId,
    sync::{Arc, OnceLock},
    task::Poll,
    time::Instant,
};

use async_graphql::{
    Data, Request, Response, ServerError, Value,
    parser::types::{ExecutableDocument, OperationType, Selection},
    registry::Registry,
};
use futures::{StreamExt as _, stream, stream::BoxStream};
use kernel::ErrorCode;
use messaging::trace;
use metrics::{counter, gauge, histogram};
use opentelemetry::trace::TraceContextExt as _;
use tracing::{Instrument as _, Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::Caller;

/// One operation. A subscription is open for as long as this lives.
#[derive(Default)]
pub(super) struct Watched {
    /// Such as `mutation checkout`: words of the schema only, so that there are few.
    name: OnceLock<String>,
    following: OnceLock<Following>,
    span: Arc<OnceLock<Span>>,
}

impl Watched {
    /// What comes of a request, within its span.
    pub(super) async fn request(&self, answer: impl Future<Output = Response>) -> Response {
        let begun = Instant::now();
        let span = self.span.get_or_init(new_span).clone();
        let response = answer.instrument(span.clone()).await;
        let name = self.name.get().map_or("unreadable", String::as_str);
        call(&span, name);
        response.errors.iter().for_each(|error| tell(&span, name, error));
        histogram!("graphql_operation_duration_seconds", "operation" => name.to_owned())
            .record(begun.elapsed());
        response
    }

    /// The answers of a subscription, each within its span.
    pub(super) fn stream<'s>(&self, mut answers: BoxStream<'s, Response>) -> BoxStream<'s, Response> {
        let span = self.span.clone();
        stream::poll_fn(move |waker| {
            // Its span is there once the request has been read, which polling does.
            let _within = span.get().map(Span::enter);
            let polled = answers.poll_next_unpin(waker);
            if let Poll::Ready(Some(response)) = &polled {
                let span = span.get().cloned().unwrap_or_else(Span::none);
                response.errors.iter().for_each(|error| tell(&span, "subscription", error));
            }
            polled
        })
        .boxed()
    }

    /// A request has come, over a connection of which this is known.
    pub(super) fn asked(&self, session: &Data, request: &Request) {
        let span = self.span.get_or_init(|| {
            // Over a WebSocket each operation says by itself which trace it belongs to.
            let said = match request.extensions.get(trace::TRACEPARENT) {
                Some(Value::String(said)) => Some(said.as_str()),
                _ => None,
            };
            trace::continued(new_span(), said)
        });
        if let Some(caller) = caller_in(&request.data).or_else(|| caller_in(session)) {
            span.record("user.id", tracing::field::display(caller.user));
        }
    }

    /// The document was read.
    pub(super) fn parsed(&self, registry: &Registry, document: &ExecutableDocument) {
        let (kind, field) = operation_of(registry, document);
        let name = self.name.get_or_init(|| format!("{kind} {field}"));
        if kind == OperationType::Subscription {
            self.following.get_or_init(|| Following::begin(field));
            if let Some(span) = self.span.get() {
                call(span, name);
            }
        }
    }
}

fn new_span() -> Span {
    info_span!("graphql", otel.status_code = Empty, user.id = Empty)
}

/// Names a span that has begun already.
fn call(span: &Span, name: &str) {
    span.context().span().update_name(name.to_owned());
}

/// Counts an error; what broke on our side marks the span as well.
fn tell(span: &Span, operation: &str, error: &ServerError) {
    let code = match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => ErrorCode::ALL.into_iter().find(|known| known.as_str() == code),
        _ => None,
    };
    let code = code.unwrap_or(ErrorCode::BadUserInput);
    counter!("graphql_errors_total", "code" => code.as_str()).increment(1);
    if matches!(code, ErrorCode::Internal | ErrorCode::ServiceUnavailable) {
        span.record("otel.status_code", "ERROR");
    } else {
        counter!("refusals_total", "operation" => operation.to_owned(), "code" => code.as_str()).increment(1);
    }
}

/// The kind of the document's operation and its root field, as the schema calls them.
fn operation_of(registry: &Registry, document: &ExecutableDocument) -> (OperationType, String) {
    let mut operations = document.operations.iter();
    let (Some((_, operation)), None) = (operations.next(), operations.next()) else {
        return (OperationType::Query, "several".to_owned());
    };
    let kind = operation.node.ty;
    let root = match kind {
        OperationType::Query => Some(&registry.query_type),
        OperationType::Mutation => registry.mutation_type.as_ref(),
        OperationType::Subscription => registry.subscription_type.as_ref(),
    };
    let known = |name: &str| root.and_then(|root| registry.types.get(root)?.field_by_name(name)).is_some();
    let field = match operation.node.selection_set.node.items.as_slice() {
        [only] => match &only.node {
            Selection::Field(field) if known(&field.node.name.node) => field.node.name.node.to_string(),
            Selection::Field(_) => "unknown".to_owned(),
            _ => "several".to_owned(),
        },
        _ => "several".to_owned(),
    };
    (kind, field)
}

/// Who asks, if that stands in this data.
fn caller_in(data: &Data) -> Option<&Caller> {
    data.get(&TypeId::of::<Caller>())?.downcast_ref()
}

/// Somebody follows something, until this is dropped.
struct Following {
    field: String,
}

impl Following {
    fn begin(field: String) -> Self {
        gauge!("graphql_subscriptions_open", "operation" => field.clone()).increment(1.0);
        Self { field }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        gauge!("graphql_subscriptions_open", "operation" => self.field.clone()).decrement(1.0);
    }
}
