//! What a process tells about itself: logs, traces and metrics.
//!
//! Logs go to standard error, for people on a terminal or as JSON for machines. Spans are always made, so
//! that each line of the log names its trace and every call passes it on; they are exported by OTLP where
//! [`TraceSettings::otlp_endpoint`] says so. Metrics are in Prometheus' format at `/metrics`.

mod known;
mod logs;
mod measures;
mod requests;
mod spans;
mod traces;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

pub use logs::{LogFormat, LogSettings};
pub use measures::{CATALOGUE, Kind, Measure, measure, metrics};
pub use requests::{REQUEST_ID, observed, parent_of};
pub use traces::{OtlpProtocol, TraceSettings};

pub(crate) use measures::watch;
pub(crate) use spans::BACKGROUND;

/// Keeps spans flowing to their collector. To be [stopped](Telemetry::stop) at the end.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

/// Starts logs and traces of a process that calls itself `name`, such as `odysseus-tickets`. A second call
/// changes nothing. To be called within a runtime of tokio.
pub fn start(name: &str, logs: &LogSettings, traces: &TraceSettings) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&logs.filter)?.and(filter_fn(spans::is_discreet));
    let provider = traces::provider(name, traces)?;
    let exported = traces.otlp_endpoint.is_some();
    let exporting = traces::layer(&provider).with_filter(spans::Traced { exported });
    let for_machines = logs.format == LogFormat::Json;
    let known = for_machines.then(|| known::Known.with_filter(filter_fn(spans::is_ours)));
    let registry = tracing_subscriber::registry().with(known).with(exporting);
    let started = match logs.format {
        // For people the spans around a line are noise; for machines they hold what belongs to it.
        LogFormat::Text => {
            let only_lines = filter.and(filter_fn(spans::is_a_line));
            registry.with(logs::text().with_filter(only_lines)).try_init()
        }
        LogFormat::Json => {
            let with_spans = filter.or(filter_fn(spans::is_ours));
            registry.with(logs::json().with_filter(with_spans)).try_init()
        }
    };
    if started.is_ok() {
        traces::propagate();
    }
    // Otherwise it is started already: a test, or an embedding program.
    Ok(Telemetry { provider })
}

/// Starts logging alone. A second call changes nothing.
pub fn log(settings: &LogSettings) -> anyhow::Result<()> {
    start("odysseus", settings, &TraceSettings::default()).map(drop)
}

impl Telemetry {
    /// Sends what has not been sent yet, within a few seconds.
    pub async fn stop(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown());
        match tokio::time::timeout(traces::LONGEST_FLUSH, flushed).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the last spans could not be sent"),
            Ok(Err(_)) | Err(_) => tracing::warn!("the last spans could not be sent in time"),
        }
    }
}
