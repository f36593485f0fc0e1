use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter as Otlp, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    runtime,
    trace::{
        BatchConfigBuilder, Sampler, SdkTracerProvider, SpanData, SpanExporter,
        span_processor_with_async_runtime::BatchSpanProcessor,
    },
};
use serde::{Deserialize, Serialize};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

/// How long a stop waits for the last spans to be sent.
pub(super) const LONGEST_FLUSH: Duration = Duration::from_secs(5);
/// How long one export may take.
const LONGEST_EXPORT: Duration = Duration::from_secs(4);
/// How many spans wait for their export at most; more are dropped, and work goes on.
const QUEUE: usize = 8192;
const BATCH: usize = 512;
/// How long a span waits for others to go with.
const GATHERING: Duration = Duration::from_secs(1);

/// Attributes that may hold what clients wrote into a query: a password, a mail address.
const NOT_EXPORTED: [&str; 3] = ["url.full", "url.query", "graphql.document"];

/// How spans are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OtlpProtocol {
    /// Protobuf over HTTP, by custom on port 4318.
    #[default]
    Http,
    /// gRPC, by custom on port 4317.
    Grpc,
}

/// Settings of traces.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceSettings {
    /// Where spans are sent, such as `http://tempo:4318`; nowhere when not said.
    pub otlp_endpoint: Option<String>,
    /// `http` or `grpc`.
    pub otlp_protocol: OtlpProtocol,
    /// Which part of the traces that begin here is sent, from 0 to 1. One that began elsewhere is sent when
    /// it is sent there.
    pub sample_ratio: f64,
    /// What the process is called in traces; `odysseus-<service>` when not said, `odysseus` for all in one.
    pub service_name: Option<String>,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self { otlp_endpoint: None, otlp_protocol: OtlpProtocol::Http, sample_ratio: 1.0, service_name: None }
    }
}

/// Makes spans, and sends them where the settings say so.
pub(super) fn provider(name: &str, settings: &TraceSettings) -> anyhow::Result<SdkTracerProvider> {
    let name = settings.service_name.clone().unwrap_or_else(|| name.to_owned());
    let resource = Resource::builder()
        .with_service_name(name)
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let builder = SdkTracerProvider::builder().with_resource(resource.clone());
    let Some(endpoint) = &settings.otlp_endpoint else {
        // They have ids, for logs and for whom is called, and nothing else.
        return Ok(builder.with_sampler(Sampler::AlwaysOff).build());
    };
    anyhow::ensure!(
        (0.0..=1.0).contains(&settings.sample_ratio),
        "the setting ODYSSEUS__TELEMETRY__SAMPLE_RATIO is wrong: it must be from 0 to 1"
    );
    let exporter = match settings.otlp_protocol {
        OtlpProtocol::Http => Otlp::builder()
            .with_http()
            .with_endpoint(traces_url(endpoint))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(LONGEST_EXPORT)
            .build(),
        OtlpProtocol::Grpc => {
            Otlp::builder().with_tonic().with_endpoint(endpoint.clone()).with_timeout(LONGEST_EXPORT).build()
        }
    };
    let exporter = exporter.context("the setting ODYSSEUS__TELEMETRY__OTLP_ENDPOINT is wrong")?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(GATHERING)
        .with_max_export_timeout(LONGEST_EXPORT)
        .build();
    // In a thread of its own, so that neither a busy runtime nor its end keeps spans from being sent.
    let processor = BatchSpanProcessor::builder(Discreet(exporter), runtime::TokioCurrentThread)
        .with_batch_config(batches)
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample_ratio)));
    Ok(builder.with_sampler(sampler).with_span_processor(processor).build())
}

pub(super) fn layer<S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync>(
    provider: &SdkTracerProvider,
) -> impl Layer<S> + Send + Sync + use<S> {
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("odysseus"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
}

/// From now on calls and messages say in W3C's form to which trace they belong.
pub(super) fn propagate() {
    global::set_text_map_propagator(TraceContextPropagator::new());
}

/// OTLP over HTTP has a path of its own for spans.
fn traces_url(endpoint: &str) -> String {
    let endpoint = endpoint.trim_end_matches('/');
    if endpoint.ends_with("/v1/traces") { endpoint.to_owned() } else { format!("{endpoint}/v1/traces") }
}

/// Keeps to itself what is nobody's business.
#[derive(Debug)]
struct Discreet<E>(E);

impl<E: SpanExporter> SpanExporter for Discreet<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            span.attributes.retain(|attribute| !NOT_EXPORTED.contains(&attribute.key.as_str()));
        }
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::traces_url;

    #[test]
    fn spans_go_to_their_own_path() {
        for endpoint in ["http://tempo:4318", "http://tempo:4318/", "http://tempo:4318/v1/traces"] {
            assert_eq!(traces_url(endpoint), "http://tempo:4318/v1/traces");
        }
    }
}
