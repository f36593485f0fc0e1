use std::collections::BTreeSet;

use service::telemetry::{CATALOGUE, Kind};

use crate::sources::{Source, folder, text};

const TABLE: &str = "docs/operations/metrics.md";

#[test]
fn every_metric_is_in_the_catalogue_and_the_catalogue_in_the_documentation() {
    let known: BTreeSet<&str> = CATALOGUE.iter().map(|measure| measure.name).collect();
    assert_eq!(known.len(), CATALOGUE.len(), "each is there once");
    let used = measured();
    let unknown: Vec<_> = used.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not in the catalogue of shared/service/src/telemetry");
    let unused: Vec<_> = known.iter().filter(|name| !used.contains(**name)).collect();
    assert!(unused.is_empty(), "{unused:?} are in the catalogue, and nobody measures them");

    let table = text(TABLE);
    let (table, _of_the_router) = table.split_once("\n## The router").unwrap();
    for measure in CATALOGUE {
        let kind = match measure.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let line = table.lines().find(|line| line.starts_with(&format!("| `{}` |", measure.name)));
        let line = line.unwrap_or_else(|| panic!("{} is not in {TABLE}", measure.name));
        assert!(line.contains(&format!("| {kind}")), "{line}");
        for label in measure.labels {
            assert!(line.contains(&format!("`{label}`")), "{label} is missing: {line}");
        }
    }
    let shown = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(shown, CATALOGUE.len(), "{TABLE} has what is not in the catalogue");
}

#[test]
fn no_metric_is_told_apart_by_who_or_what_it_is_about() {
    for measure in CATALOGUE {
        for label in measure.labels {
            assert!(
                !label.ends_with("id") && !["user", "event", "order", "email"].contains(label),
                "{measure:?}"
            );
        }
    }
}

/// The names that sources measure under.
fn measured() -> BTreeSet<String> {
    let macros = ["counter!(", "gauge!(", "histogram!("];
    let sources = ["shared", "subgraphs", "router/src", "odysseus/src"].into_iter().flat_map(folder);
    let mut names = BTreeSet::new();
    for code in sources.map(Source::into_code) {
        for called in macros {
            for (place, _) in code.match_indices(called) {
                let rest = code[place + called.len()..].trim_start();
                if let Some(name) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names
}
