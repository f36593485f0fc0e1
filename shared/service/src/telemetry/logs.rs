use std::{
    fmt::{self, Debug},
    io::IsTerminal,
};

use opentelemetry::{Context, trace::TraceContextExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

use super::known::{CARRIED, Said};

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings of logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// `text` or `json`.
    pub format: LogFormat,
    /// What is written, in the syntax of tracing's `EnvFilter`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "warn,odysseus=info,service=info,breaker=info,messaging=info,users=info,events=info,tickets=info,\
                     payments=info,notifications=info,analytics=info,router=warn,router::request=error,router::graphql_validation=error,router::coerce_variables=error,router::jwt=error,sandbox=info,\
                     stripe=error,stripe_webhook=error"
                .to_owned(),
        }
    }
}

pub(super) fn text<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> + Send + Sync {
    tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .compact()
}

pub(super) fn json<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> + Send + Sync {
    tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .event_format(Json)
        .fmt_fields(Unwritten)
}

/// The fields of spans are not written as text for lines that may come: of those that lines have, [`Known`](super::known)
/// takes note.
struct Unwritten;

impl<'writer> FormatFields<'writer> for Unwritten {
    fn format_fields<R: RecordFields>(&self, _: Writer<'writer>, _: R) -> fmt::Result {
        Ok(())
    }
}

/// A line is an object: when, how bad, where from, what, its own fields, and what the spans around it know.
struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let mut line = Map::new();
        let mut at = String::new();
        SystemTime.format_time(&mut Writer::new(&mut at))?;
        line.insert("timestamp".into(), at.into());
        line.insert("level".into(), event.metadata().level().as_str().into());
        // Who writes by the crate `log` says under other names where from.
        let target = fields.0.remove("log.target");
        line.insert("target".into(), target.unwrap_or_else(|| event.metadata().target().into()));
        fields.0.retain(|name, _| !name.starts_with("log."));
        line.extend(fields.0);
        for span in context.event_scope().into_iter().flatten() {
            // The innermost comes first, and is right about what it says.
            if !line.contains_key("span") {
                line.insert("span".into(), span.name().into());
            }
            if let Some(Said(said)) = span.extensions().get::<Said>() {
                for ((_, name), value) in CARRIED.iter().zip(said) {
                    if let Some(value) = value.as_ref().filter(|_| !line.contains_key(*name)) {
                        line.insert((*name).into(), value.as_str().into());
                    }
                }
            }
        }
        let traced = Context::current();
        let traced = traced.span().span_context().clone();
        if traced.is_valid() {
            line.insert("trace_id".into(), traced.trace_id().to_string().into());
            line.insert("span_id".into(), traced.span_id().to_string().into());
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }
}
