use anyhow::{Context as _, anyhow};
use hive_router::{
    config::telemetry::TelemetryConfig,
    telemetry::{build_resource, build_scope, metrics::build_meter_provider_from_config},
};
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

/// What hive-router counts by itself, as router.yaml's `telemetry.metrics` wants it.
pub(crate) struct Measured {
    provider: SdkMeterProvider,
    registry: Registry,
}

impl Measured {
    pub(crate) fn begin(config: &TelemetryConfig) -> anyhow::Result<Self> {
        let broken = "hive-router refused the metrics of router.yaml";
        let resource = build_resource(config).map_err(|error| anyhow!("{error}")).context(broken)?;
        let setup = build_meter_provider_from_config(config, resource)
            .map_err(|error| anyhow!("{error}"))
            .context(broken)?
            .context("router.yaml has no exporter of metrics")?;
        let prometheus = setup.prometheus.context("router.yaml has no exporter of metrics for Prometheus")?;
        Ok(Self { provider: setup.provider, registry: prometheus.registry })
    }

    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter_with_scope(build_scope())
    }

    /// In Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .inspect_err(|error| tracing::error!(%error, "the router's metrics cannot be written"))
            .unwrap_or_default()
    }
}
