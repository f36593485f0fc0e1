//! The rules of the house that can be read off its sources.

#![expect(clippy::unwrap_used, reason = "the sources are there to be read")]

mod access;
mod errors;
mod metrics;
mod rest;
mod sources;
mod watching;

use sources::{Source, folder, subgraphs, text};

/// Which crates and which part of the house the domain must not know.
const NOT_IN_DOMAIN: [&str; 8] =
    ["sea_orm", "async_graphql", "axum", "async_nats", "stripe", "lettre", "reqwest", "adapters"];
const SQL: [&str; 7] = [
    "\"SELECT ",
    "\"INSERT INTO ",
    "\"UPDATE ",
    "\"DELETE FROM ",
    "\"WITH ",
    "Statement::from",
    "query_all_raw",
];

#[test]
fn the_domain_knows_no_technology() {
    let mut wrong = Vec::new();
    for subgraph in subgraphs() {
        let sources = folder(&format!("subgraphs/{subgraph}/src/domain"));
        assert!(sources.len() > 5, "{subgraph} has a domain");
        for source in sources {
            // As words of the language: what stands in texts and comments is no dependency.
            for word in source.words().filter(|word| NOT_IN_DOMAIN.contains(&word.as_str())) {
                wrong.push(format!("{} mentions {word}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_subgraph_depends_on_another_subgraph() {
    let all = subgraphs();
    for subgraph in &all {
        for manifest in ["Cargo.toml", "migration/Cargo.toml"] {
            let path = format!("subgraphs/{subgraph}/{manifest}");
            let needed = sources::dependencies(&path);
            assert!(needed.len() > 2, "{path} names what it needs: {needed:?}");
            for other in all.iter().filter(|other| *other != subgraph) {
                for name in [other.clone(), format!("{other}-migration"), format!("odysseus-{other}")] {
                    assert!(!needed.contains(&name), "{path} depends on {name}");
                }
            }
        }
    }
}

#[test]
fn shared_crates_depend_on_no_subgraph() {
    let all = subgraphs();
    for shared in ["kernel", "contracts", "messaging", "service", "printing", "breaker"] {
        let needed = sources::dependencies(&format!("shared/{shared}/Cargo.toml"));
        let wrong: Vec<_> = needed.iter().filter(|name| all.contains(name)).collect();
        assert!(wrong.is_empty(), "{shared} depends on {wrong:?}");
    }
}

#[test]
fn sql_is_written_in_persistence_only() {
    let sources = subgraphs().into_iter().flat_map(|subgraph| folder(&format!("subgraphs/{subgraph}/src")));
    let outside = sources.filter(|source| !source.path.contains("/adapters/outbound/persistence"));
    let wrong: Vec<_> = outside.flat_map(|source| source.lines_with(&SQL)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn queries_name_the_columns_they_read() {
    // PostgreSQL refuses a prepared query whose columns have become others: an upgrade that adds one would stop the
    // replicas that are still to be replaced.
    let all = ["SELECT *", "RETURNING *", ".*,", ".* FROM"];
    let services = everything().into_iter().filter(|source| !source.path.starts_with("e2e/"));
    let wrong: Vec<_> = services.flat_map(|source| source.lines_with(&all)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_rest_answers_is_in_its_document() {
    // `routes!` mounts an operation and documents it; a bare route would be in no document, and tried by no check.
    let sources = subgraphs().into_iter().flat_map(|subgraph| folder(&format!("subgraphs/{subgraph}/src")));
    let rest = sources.filter(|source| source.path.contains("/adapters/inbound/http"));
    let wrong: Vec<_> =
        rest.flat_map(|source| source.lines_with(&[".route(", ".route_service(", "axum::routing"])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_schema_can_be_moved_by_sea_orm_cli() {
    // It runs the migration's own program, and can ask for no feature.
    for subgraph in subgraphs() {
        let manifest = text(&format!("subgraphs/{subgraph}/migration/Cargo.toml"));
        assert!(manifest.contains("default = [\"cli\"]"), "{subgraph}: {manifest}");
    }
}

#[test]
fn the_environment_is_read_in_settings_only() {
    let readers = ["env::var", "env::vars", "env!(\"ODYSSEUS", "Env::prefixed", "Env::raw"];
    let wrong: Vec<_> = everything()
        .into_iter()
        .filter(|source| source.path != "shared/service/src/settings/mod.rs")
        // Hands the rest of the test's environment on to the platform.
        .filter(|source| !source.path.starts_with("e2e/"))
        // Asks which servers tests are to use.
        .filter(|source| source.path != "shared/testbed/src/tools.rs")
        .flat_map(|source| source.lines_with(&readers))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_time_comes_from_the_clock_or_the_database() {
    let watches = ["Utc::now(", "Local::now(", "SystemTime::now("];
    let wrong: Vec<_> = everything()
        .into_iter()
        .filter(|source| {
            !["shared/kernel/src/clock.rs", "sandbox/src/clock.rs"].contains(&source.path.as_str())
        })
        .flat_map(|source| source.lines_with(&watches))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_to_be_written() {
    let stubs = ["todo!(", "unimplemented!(", "#[allow(", "#![allow("];
    let wrong: Vec<_> = everything().into_iter().flat_map(|source| source.lines_with(&stubs)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long = everything().into_iter().filter(|source| source.length > 500);
    let wrong: Vec<_> = long.map(|source| format!("{} has {} lines", source.path, source.length)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every source of ours, without what tests it.
fn everything() -> Vec<Source> {
    let mut sources = Vec::new();
    for place in ["shared", "subgraphs", "router", "sandbox", "odysseus", "e2e/src"] {
        sources.extend(folder(place));
    }
    assert!(sources.len() > 100, "they are all there");
    sources
}
