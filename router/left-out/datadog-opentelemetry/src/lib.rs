//! Datadog's exporter as far as hive-router names it. Nothing is sent to Datadog in its own format, and the log says so when
//! the configuration asks for it; its agents take OTLP too.

use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, SpanProcessor, TracerProviderBuilder},
};

pub mod configuration {
    //! Where spans would be sent.

    /// What was set, which nobody reads.
    #[derive(Debug, Default)]
    pub struct Config;

    impl Config {
        /// Begins one.
        #[must_use]
        pub fn builder() -> ConfigBuilder {
            ConfigBuilder
        }
    }

    /// Takes what is set.
    #[derive(Debug)]
    pub struct ConfigBuilder;

    impl ConfigBuilder {
        /// The agent's address.
        pub fn set_trace_agent_url(&mut self, _url: String) -> &mut Self {
            self
        }

        /// The share of traces that would be kept.
        pub fn set_trace_sample_rate(&mut self, _share: f64) -> &mut Self {
            self
        }

        /// All of it.
        #[must_use]
        pub fn build(&self) -> Config {
            Config
        }
    }
}

/// Begins a provider that has no exporter of Datadog's.
#[must_use]
pub fn tracing() -> DatadogTracingBuilder {
    DatadogTracingBuilder(SdkTracerProvider::builder())
}

/// A provider, and what it shall have beside Datadog's exporter.
#[derive(Debug)]
pub struct DatadogTracingBuilder(TracerProviderBuilder);

/// What would hand traces on in Datadog's headers.
#[derive(Debug)]
pub struct DatadogPropagator;

impl DatadogTracingBuilder {
    /// Nothing of it is used.
    #[must_use]
    pub fn with_config(self, _config: configuration::Config) -> Self {
        self
    }

    /// What spans say of their program.
    #[must_use]
    pub fn with_resource(self, resource: Resource) -> Self {
        Self(self.0.with_resource(resource))
    }

    /// Another exporter.
    #[must_use]
    pub fn with_span_processor<P: SpanProcessor + 'static>(self, processor: P) -> Self {
        Self(self.0.with_span_processor(processor))
    }

    /// The most events that a span has.
    #[must_use]
    pub fn with_max_events_per_span(self, most: u32) -> Self {
        Self(self.0.with_max_events_per_span(most))
    }

    /// The most attributes that a span has.
    #[must_use]
    pub fn with_max_attributes_per_span(self, most: u32) -> Self {
        Self(self.0.with_max_attributes_per_span(most))
    }

    /// The most attributes that an event has.
    #[must_use]
    pub fn with_max_attributes_per_event(self, most: u32) -> Self {
        Self(self.0.with_max_attributes_per_event(most))
    }

    /// The most attributes that a link has.
    #[must_use]
    pub fn with_max_attributes_per_link(self, most: u32) -> Self {
        Self(self.0.with_max_attributes_per_link(most))
    }

    /// The provider, after a warning.
    #[must_use]
    pub fn init_local(self) -> (SdkTracerProvider, DatadogPropagator) {
        tracing::warn!("this program is built without Datadog's exporter; send traces to its agent by OTLP");
        (self.0.build(), DatadogPropagator)
    }
}
