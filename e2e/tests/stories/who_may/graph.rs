//! Every root field, through the router.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use e2e::{
    PATIENCE,
    access::{Access, Declared},
};
use odysseus::Subgraph;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::{
    Findings, Outcome, call, call_of_nothing,
    cases::{Call, Case, MUTATIONS, QUERIES, SUBSCRIPTIONS},
    gets_in, knows_nothing_of,
    world::{PEOPLE, World},
};

/// For how long a stream that tells only of what comes has to stay open.
const QUIET: Duration = Duration::from_millis(300);

pub(super) async fn is_tried(world: &World, found: &mut Findings) {
    let public = Public::of(world).await;
    let tables = [("Query", QUERIES), ("Mutation", MUTATIONS), ("Subscription", SUBSCRIPTIONS)];
    let tried = tables.iter().flat_map(|(kind, cases)| cases.iter().map(|case| key(kind, case.field)));
    let there: BTreeSet<_> = public.fields.keys().cloned().collect();
    assert_eq!(tried.collect::<BTreeSet<_>>(), there, "left: in the tables, right: in the public schema");
    let declared = declared();
    for (kind, cases) in tables {
        for case in cases {
            let key = key(kind, case.field);
            let access = declared.get(&key).unwrap_or_else(|| panic!("{key:?} does not say who may"));
            let may = |name: &&str| gets_in(access, case.about, case.holders, name);
            // Those who may come last: what they do may end it.
            let (last, first): (Vec<&str>, Vec<&str>) = PEOPLE.iter().partition(|name| may(name));
            for name in first.iter().chain(&last).copied() {
                let about = case.about.map_or("", |about| about.thing);
                let what = format!("{kind}.{} {about}", case.field);
                let field = &public.fields[&key];
                let may = last.contains(&name);
                let came = field.is_tried(case, &call(world, name, case.about), may).await;
                if !case.selection.is_empty() {
                    found.note(&what, name, may, &mentioning(came, world, case), None);
                } else if may || case.about.is_none() {
                    found.note(&what, name, may, &came, None);
                } else {
                    let of_nothing =
                        field.is_tried(case, &call_of_nothing(world, name, case.about), may).await;
                    let alike = knows_nothing_of(case.about, name);
                    found.note(&what, name, may, &came, Some((&of_nothing, alike)));
                }
            }
        }
    }
}

/// Who may ask for each root field, as the services' schemas say.
fn declared() -> BTreeMap<(String, String), Access> {
    let mut all = BTreeMap::new();
    for subgraph in Subgraph::ALL {
        for (kind, field, access) in Declared::by(&subgraph.sdl()).roots() {
            all.extend(access.map(|access| (key(kind, field), access.clone())));
        }
    }
    all
}

fn key(kind: &str, field: &str) -> (String, String) {
    (kind.to_owned(), field.to_owned())
}

/// A list is open to all; in, in what is hidden, is who finds the thing there.
fn mentioning(outcome: Outcome, world: &World, case: &Case) -> Outcome {
    let wanted = world.thing(case.about.expect("a list has something in it").thing);
    match outcome {
        Outcome::In(data) if !data.to_string().contains(wanted) => Outcome::Out(Vec::new()),
        other => other,
    }
}

/// The public schema's root fields.
struct Public {
    fields: BTreeMap<(String, String), Field>,
}

struct Field {
    kind: String,
    name: String,
    /// Its arguments' types, as they are written.
    arguments: BTreeMap<String, String>,
    is_leaf: bool,
}

impl Public {
    async fn of(world: &World) -> Self {
        let ty = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let fields = format!("fields {{ name args {{ name {ty} }} {ty} }}");
        let query = format!(
            "{{ __schema {{ queryType {{ {fields} }} mutationType {{ {fields} }} subscriptionType {{ {fields} }} }} }}"
        );
        let schema = world.person("anonymous").does("__schema", &query, json!({})).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut all = BTreeMap::new();
        for kind in ["Query", "Mutation", "Subscription"] {
            for field in schema[format!("{}Type", kind.to_lowercase())]["fields"].as_array().unwrap() {
                let name = text(&field["name"]);
                let arguments = field["args"].as_array().unwrap().iter();
                let arguments = arguments.map(|one| (text(&one["name"]), written(&one["type"]))).collect();
                let is_leaf = ["SCALAR", "ENUM"].contains(&text(&innermost(&field["type"])["kind"]).as_str());
                let key = (kind.to_owned(), name.clone());
                all.insert(key, Field { kind: kind.to_lowercase(), name, arguments, is_leaf });
            }
        }
        Self { fields: all }
    }
}

impl Field {
    /// The operation that asks for it, with what is given as variables.
    fn operation(&self, given: &Map<String, Value>, selection: &str) -> String {
        let unknown: Vec<_> = given.keys().filter(|name| !self.arguments.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "{} takes no {unknown:?}", self.name);
        let declared: Vec<_> =
            given.keys().map(|name| format!("${name}: {}", self.arguments[name])).collect();
        let passed: Vec<_> = given.keys().map(|name| format!("{name}: ${name}")).collect();
        let list =
            |of: Vec<String>| if of.is_empty() { String::new() } else { format!("({})", of.join(", ")) };
        let selection = match selection {
            "" if self.is_leaf => "",
            "" => "{ __typename }",
            given => given,
        };
        format!("{}{} {{ {}{} {selection} }}", self.kind, list(declared), self.name, list(passed))
    }

    async fn is_tried(&self, case: &Case, of: &Call<'_>, may: bool) -> Outcome {
        let arguments = (case.arguments)(of);
        let operation = self.operation(arguments.as_object().unwrap(), case.selection);
        let who = of.world.person(of.name);
        if self.kind == "subscription" {
            let mut live = who.follows(&self.name, &operation, arguments).await;
            // Who is kept out hears so; who is in may have to wait for news.
            let heard = timeout(if may { QUIET } else { PATIENCE }, live.next()).await;
            let heard = heard.unwrap_or_else(|_| Ok(Value::from("nothing yet")));
            return match heard {
                Ok(data) => Outcome::of(data, Vec::new(), &of.id),
                Err(refused) => Outcome::of(Value::Null, vec![(refused.code, refused.message)], &of.id),
            };
        }
        let answer =
            who.asks(&operation, arguments).await.unwrap_or_else(|none| panic!("{operation}: {none}"));
        let refused = answer.errors.into_iter().map(|refused| (refused.code, refused.message)).collect();
        Outcome::of(answer.data[&self.name].clone(), refused, &of.id)
    }
}

/// A type as it is written.
fn written(ty: &Value) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&ty["ofType"])),
        Some("LIST") => format!("[{}]", written(&ty["ofType"])),
        _ => ty["name"].as_str().unwrap().to_owned(),
    }
}

fn innermost(ty: &Value) -> &Value {
    if ty["ofType"].is_null() { ty } else { innermost(&ty["ofType"]) }
}
