//! One purchase is one trace: how its context goes along with messages, and with what is queued.
//!
//! The context is W3C's `traceparent`, read and written by the process's own propagator. Where there is
//! none, as in most tests, nothing is carried and every function here does nothing.

use std::collections::BTreeMap;

use opentelemetry::{
    Context, global,
    trace::{SpanContext, TraceContextExt as _},
};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::Message;

/// The header that says which trace a message belongs to, as W3C names it.
pub const TRACEPARENT: &str = "traceparent";

/// The trace that is under way here, as headers of a message; empty where there is none.
pub fn headers() -> BTreeMap<String, String> {
    let mut headers = std::collections::HashMap::new();
    let context = Span::current().context();
    if context.span().span_context().is_valid() {
        global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut headers));
    }
    headers.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The trace that is under way here, to be kept with something that waits in a queue.
pub fn traceparent() -> Option<String> {
    headers().remove(TRACEPARENT)
}

/// Makes a span that nobody has entered yet a part of the trace that was kept. Whatever is under way here
/// and is another trace is linked to it.
pub fn continued(span: Span, traceparent: Option<&str>) -> Span {
    if let Some(traceparent) = traceparent {
        let carrier = BTreeMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
        continue_from(&span, &carrier);
    }
    span
}

/// The span of handing a message to the bus.
pub(crate) fn publishing(service: &'static str, message: &Message) -> Span {
    let span = info_span!(
        "publish",
        otel.name = format!("publish {}", message.subject),
        otel.kind = "producer",
        service,
        messaging.message.id = %message.id,
        messaging.destination.name = message.subject,
        otel.status_code = Empty,
    );
    continue_from(&span, &message.headers);
    span
}

/// The span of handling a message once; its trace is that of who sent it.
pub fn delivery(consumer: &'static str, message: &Message, delivery: u32) -> Span {
    let span = info_span!(
        "deliver",
        otel.name = format!("deliver {}", message.subject),
        otel.kind = "consumer",
        service = consumer,
        messaging.message.id = %message.id,
        messaging.destination.name = message.subject,
        messaging.delivery = delivery,
        otel.status_code = Empty,
    );
    continue_from(&span, &message.headers);
    span
}

fn continue_from(span: &Span, headers: &BTreeMap<String, String>) {
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let kept = extracted(&headers);
    let Some(parent) = valid(&kept) else { return };
    // Refused only for a span that was entered before, or by nobody's subscriber.
    let _ = span.set_parent(kept);
    if let Some(here) = valid(&Span::current().context())
        && here.trace_id() != parent.trace_id()
    {
        span.add_link(here);
    }
}

fn extracted(headers: &std::collections::HashMap<String, String>) -> Context {
    global::get_text_map_propagator(|propagator| propagator.extract_with_context(&Context::new(), headers))
}

fn valid(context: &Context) -> Option<SpanContext> {
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}
