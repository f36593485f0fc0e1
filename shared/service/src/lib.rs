//! Hosting of a service: settings, telemetry, database, tokens, endpoints, shutdown.
