//! Everything that can be asked for says who may.

use e2e::access::{Access, Declared, operations};
use serde_json::Value;

use crate::sources::{folder, subgraphs, text};

/// By what a resolver decides for itself who may.
const DECIDES: [&str; 7] =
    ["require_user(", "require_self(", "require_own(", "viewer(", "caller(", "self.known(", "loaders::load("];

fn declared(subgraph: &str) -> Declared {
    Declared::by(&text(&format!("subgraphs/{subgraph}/schema.graphql")))
}

/// What is wrong with what is declared, if anything.
fn complaint(access: Option<&Access>, names: &Declared) -> Option<String> {
    let Some(access) = access else { return Some("does not say who may".to_owned()) };
    let unknown: Vec<_> =
        access.who.union(&access.hidden).filter(|name| !names.names.contains(*name)).collect();
    (!unknown.is_empty()).then(|| format!("names {unknown:?}, which schemas do not know"))
}

#[test]
fn every_root_field_and_every_entity_says_who_may() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for subgraph in subgraphs() {
        let schema = declared(&subgraph);
        for (kind, field, access) in schema.roots() {
            seen += 1;
            wrong.extend(complaint(access, &schema).map(|why| format!("{subgraph}: {kind}.{field} {why}")));
        }
        for (entity, access) in &schema.entities {
            seen += 1;
            let why = complaint(access.as_ref(), &schema);
            wrong.extend(why.map(|why| format!("{subgraph}: the entity {entity} {why}")));
        }
    }
    assert!(seen > 50, "{seen} are not all of them");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rest_operation_says_who_may() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for subgraph in subgraphs() {
        let schema = declared(&subgraph);
        let document: Value =
            serde_json::from_str(&text(&format!("subgraphs/{subgraph}/openapi.json"))).unwrap();
        for (method, path, said) in operations(&document) {
            seen += 1;
            let why = complaint(Access::of_operation(&said).as_ref(), &schema);
            wrong.extend(why.map(|why| format!("{method} {path} {why}")));
        }
    }
    assert!(seen > 10, "{seen} are not all of them");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_field_with_a_rule_of_its_own_says_who_may() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for source in
        subgraphs().iter().flat_map(|name| folder(&format!("subgraphs/{name}/src/adapters/inbound/graphql")))
    {
        let path = source.path.clone();
        for resolver in resolvers(&source.into_code()) {
            if DECIDES.iter().any(|word| resolver.body.contains(word))
                && !resolver.attributes.contains("graphql(entity)")
            {
                seen += 1;
                if !resolver.attributes.contains("access::apply(") {
                    wrong.push(format!("{path}: {} decides who may, and does not say so", resolver.name));
                }
            }
        }
    }
    assert!(seen > 30, "{seen} are not all of them");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field's function, in a block of `#[Object]` or `#[Subscription]`.
struct Resolver {
    name: String,
    attributes: String,
    body: String,
}

fn resolvers(code: &str) -> Vec<Resolver> {
    let (mut found, mut attributes, mut inside, mut pending) = (Vec::new(), String::new(), false, false);
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("#[Object")
            || line.contains("Subscription]")
            || line.starts_with("#[Subscription")
        {
            pending = true;
        } else if line.starts_with("impl ") {
            inside = std::mem::take(&mut pending);
        } else if line == "}" {
            inside = false;
        } else if inside && line.trim().is_empty() {
            attributes.clear();
        } else if let Some(rest) = line.strip_prefix("    async fn ").filter(|_| inside) {
            let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
            let mut body = line.to_owned();
            for line in lines.by_ref().take_while(|line| *line != "    }") {
                body.push('\n');
                body.push_str(line);
            }
            found.push(Resolver { name, attributes: std::mem::take(&mut attributes), body });
        } else if inside {
            attributes.push_str(line);
        }
    }
    found
}
