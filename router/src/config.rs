use std::path::Path;

use anyhow::Context as _;
use hive_router::config::HiveRouterConfig;
use serde_json::{Map, Value, json};

use crate::{Jwks, RouterOptions, plugin};

/// What hive-router reads at its start, each from a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    pub(crate) supergraph: &'a Path,
    pub(crate) documents: &'a Path,
}

/// The router.yaml that is compiled in, with comments that say what each setting is for.
pub const SHIPPED_CONFIG: &str = include_str!("../router.yaml");

/// The operations of the project's own pages by the hashes of their texts, as `tools/compose` gathers them.
pub(crate) const SHIPPED_DOCUMENTS: &str = include_str!("../trusted-documents.json");

/// Completes router.yaml with what only the program knows.
///
/// Hive's own readers are passed by: they let `PORT`, `HOST`, `LOG_LEVEL` and others of the environment overrule the
/// file, while here the environment is read by the host alone.
pub(crate) fn hive_config(
    options: &RouterOptions,
    files: Files<'_>,
    port: u16,
) -> anyhow::Result<HiveRouterConfig> {
    let mut config: Map<String, Value> =
        serde_yaml_ng::from_str(&options.config).context("router.yaml is not a YAML mapping")?;
    set(&mut config, &["http", "host"], json!(options.listen.ip().to_string()))?;
    set(&mut config, &["http", "port"], json!(port))?;
    if let Some(workers) = options.workers {
        set(&mut config, &["http", "workers"], json!(workers))?;
    }
    set(&mut config, &["supergraph"], json!({ "source": "file", "path": files.supergraph }))?;
    // They come with the program, and change with it only.
    let documents = json!({ "type": "file", "path": files.documents, "watch": false });
    set(&mut config, &["persisted_documents", "storage"], documents)?;
    let urls: Map<String, Value> = options
        .subgraphs
        .iter()
        .map(|(name, base)| {
            (name.clone(), json!({ "url": format!("{}/graphql", base.trim_end_matches('/')) }))
        })
        .collect();
    set(&mut config, &["override_subgraph_urls", "subgraphs"], json!(urls))?;
    match jwks_provider(&options.jwks) {
        Some(provider) => set(&mut config, &["jwt", "jwks_providers"], json!([provider]))?,
        None => set(&mut config, &["jwt"], json!({ "enabled": false, "jwks_providers": [] }))?,
    }
    let trusted: Vec<_> = options.trusted_proxies.iter().map(ToString::to_string).collect();
    let settings = json!({ "trusted_proxies": trusted, "origins": options.origins });
    let ours = json!({ "enabled": true, "config": settings });
    set(&mut config, &["plugins", plugin::NAME], ours)?;
    serde_json::from_value(Value::Object(config))
        .context("router.yaml is refused; mend the key that is named here")
}

fn jwks_provider(jwks: &Jwks) -> Option<Value> {
    match jwks {
        Jwks::Url(url) => Some(remote_jwks(url, false)),
        Jwks::Answered(url) => Some(remote_jwks(url, true)),
        Jwks::File(path) => Some(json!({ "source": "file", "path": path })),
        Jwks::Nobody => None,
    }
}

fn remote_jwks(url: &str, prefetch: bool) -> Value {
    json!({ "source": "remote", "url": url, "polling_interval": "30s", "prefetch": prefetch })
}

fn set(config: &mut Map<String, Value>, path: &[&str], value: Value) -> anyhow::Result<()> {
    let [parents @ .., last] = path else { return Ok(()) };
    let mut at = config;
    for key in parents {
        at = at
            .entry(*key)
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .with_context(|| format!("`{key}` in router.yaml must be a mapping"))?;
    }
    at.insert((*last).to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hive_router::config::primitives::value_or_expression::ValueOrExpression;

    use super::*;

    fn options() -> RouterOptions {
        let mut options = RouterOptions::new(
            "type Query { a: Int }",
            "unused",
            Jwks::Url("http://127.0.0.1:1/jwks".into()),
        );
        options.subgraphs.insert("tickets".into(), "http://127.0.0.1:4711/".into());
        options
    }

    fn hive_config(options: &RouterOptions) -> anyhow::Result<HiveRouterConfig> {
        let file = std::env::current_exe().unwrap();
        super::hive_config(options, Files { supergraph: &file, documents: &file }, 4000)
    }

    #[test]
    fn the_shipped_configuration_is_accepted_and_has_every_limit() {
        let config = hive_config(&options()).unwrap();
        let limits = &config.limits;
        assert!(limits.max_depth.is_some() && limits.max_tokens.is_some());
        assert!(limits.max_aliases.is_some() && limits.max_directives.is_some());
        assert!(config.demand_control.is_some());
        assert_eq!(config.traffic_shaping.router.max_long_lived_clients, 20_000);
    }

    #[test]
    fn a_connection_is_kept_for_longer_than_the_gateway_keeps_it() {
        let gateway = include_str!("../../deploy/traefik/dynamic/middlewares.yml");
        let (_, idle) = gateway.split_once("idleConnTimeout: ").unwrap();
        let (idle, _) = idle.split_once('s').unwrap();
        let idle = Duration::from_secs(idle.parse().unwrap());
        let config = hive_config(&options()).unwrap();
        let kept = config.traffic_shaping.router.keep_alive;
        assert!(kept > idle, "{kept:?} here, {idle:?} there");
    }

    #[test]
    fn without_keys_no_token_is_looked_at() {
        let options = RouterOptions { jwks: Jwks::Nobody, ..options() };
        let config = hive_config(&options).unwrap();
        assert!(config.jwt.is_jwt_auth_disabled());
    }

    #[test]
    fn documents_are_known_by_their_hashes_and_any_other_is_allowed() {
        let config = hive_config(&options()).unwrap();
        assert!(config.persisted_documents.enabled);
        assert!(matches!(config.persisted_documents.require_id, ValueOrExpression::Value(false)));
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let mut options = options();
        options.config = options.config.replace("max_long_lived_clients", "max_longlived_clients");
        let refusal = hive_config(&options).unwrap_err();
        assert!(format!("{refusal:#}").contains("max_longlived_clients"), "{refusal:#}");
    }
}
