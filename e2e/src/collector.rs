use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, KeyValue, any_value},
};
use prost::Message as _;
use tokio::net::TcpListener;

/// Takes the spans that the platform exports by OTLP over HTTP.
#[derive(Clone)]
pub struct Collector {
    url: String,
    received: Arc<Mutex<Received>>,
}

/// A span as it came.
#[derive(Clone, Debug)]
pub struct Span {
    /// Whose, as the process calls itself.
    pub process: String,
    /// What it is called.
    pub name: String,
    /// Of which trace, in hex.
    pub trace: String,
    /// Its own id, in hex.
    pub id: String,
    /// Within which other span, in hex; empty for a trace's first.
    pub parent: String,
    /// Which other traces it is linked to.
    pub links: Vec<String>,
    /// What it says, as text.
    pub attributes: Vec<(String, String)>,
}

#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    /// Everything, as it came over the wire.
    raw: Vec<Bytes>,
}

impl Collector {
    /// One of one's own, on a free port.
    pub async fn listens() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let received = Arc::<Mutex<Received>>::default();
        let routes = Router::new().route("/v1/traces", post(take)).with_state(received.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, received }
    }

    /// Where spans are to be sent.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What has come by now.
    pub fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).spans.clone()
    }

    /// True when this text stands anywhere in what has come.
    pub fn has(&self, text: &str) -> bool {
        let received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.raw.iter().any(|raw| raw.windows(text.len()).any(|piece| piece == text.as_bytes()))
    }
}

impl Span {
    /// What it says under that name.
    pub fn says(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

async fn take(State(received): State<Arc<Mutex<Received>>>, body: Bytes) -> (StatusCode, Vec<u8>) {
    let Ok(request) = ExportTraceServiceRequest::decode(body.clone()) else {
        return (StatusCode::BAD_REQUEST, Vec::new());
    };
    let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
    received.raw.push(body);
    for resource in request.resource_spans {
        let said = resource.resource.map(|resource| resource.attributes).unwrap_or_default();
        let process = texts(said).into_iter().find(|(name, _)| name == "service.name");
        let process = process.map(|(_, name)| name).unwrap_or_default();
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            received.spans.push(Span {
                process: process.clone(),
                name: span.name,
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                links: span.links.iter().map(|link| hex(&link.trace_id)).collect(),
                attributes: texts(span.attributes),
            });
        }
    }
    (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
}

fn texts(attributes: Vec<KeyValue>) -> Vec<(String, String)> {
    attributes.into_iter().map(|attribute| (attribute.key, text(attribute.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes whatever is written");
        text
    })
}
