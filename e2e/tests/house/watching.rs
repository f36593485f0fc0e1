//! What operators look at, against what is told.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// Told by others: Prometheus itself, the gateway, and what every process tells of itself.
const OF_OTHERS: [&str; 3] = ["up", "traefik_", "process_"];

#[test]
fn every_metric_that_is_drawn_or_watched_is_documented() {
    let documented = documented();
    assert!(documented.len() > 20, "{documented:?}");
    let mut unknown = Vec::new();
    for (place, expression) in expressions() {
        let named = metrics(&expression);
        assert!(!named.is_empty(), "{place}: no metric is seen in {expression}; write it with its braces");
        for name in named {
            let of_others = OF_OTHERS.iter().any(|known| name == *known || name.starts_with(known));
            if !of_others && !documented.contains(family(&name)) {
                unknown.push(format!("{place}: {name}"));
            }
        }
    }
    assert!(unknown.is_empty(), "not in docs/operations/metrics.md:\n{}", unknown.join("\n"));
}

#[test]
fn every_alert_says_what_to_do() {
    let rules = alerts();
    assert!(rules.len() > 10);
    for rule in rules {
        let name = &rule["alert"];
        for part in ["summary", "action"] {
            assert!(rule["annotations"][part].as_str().is_some_and(|text| text.len() > 10), "{name}: {part}");
        }
        assert!(["page", "ticket"].iter().any(|known| rule["labels"]["severity"] == *known), "{name}");
    }
}

/// The names in the first column of the table.
fn documented() -> BTreeSet<String> {
    let text = read("docs/operations/metrics.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`').map(|(name, _)| name.to_owned())).collect()
}

/// Every expression of dashboards and alerts, with where it stands.
fn expressions() -> Vec<(String, String)> {
    let mut all: Vec<_> = alerts()
        .iter()
        .map(|rule| (rule["alert"].to_string(), rule["expr"].as_str().unwrap().to_owned()))
        .collect();
    let folder = root().join("deploy/grafana/dashboards");
    let mut boards = 0;
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let board: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        boards += 1;
        for panel in board["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let place = format!("{} of {}", panel["title"], board["title"]);
                all.push((place, target["expr"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert_eq!(boards, 5);
    all
}

fn alerts() -> Vec<Value> {
    let rules: Value = serde_yaml_ng::from_str(&read("deploy/prometheus/alerts.yml")).unwrap();
    let groups = rules["groups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap()).cloned().collect()
}

/// Words before a brace.
fn metrics(expression: &str) -> Vec<String> {
    let parts: Vec<_> = expression.split('{').collect();
    let before = parts[..parts.len() - 1].iter();
    let words = before.map(|text| text.rsplit(|sign: char| !sign.is_alphanumeric() && sign != '_').next());
    words.flatten().filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A histogram is told in three parts.
fn family(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name)
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
