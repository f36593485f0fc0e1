use std::collections::HashMap;

use e2e::{Answer, Person, anybody};
use kernel::ErrorCode;
use serde_json::{Value, json};

use crate::{Stage, id};

/// Every root field of the public schema, asked for by somebody who is nobody and with what it cannot take, beside
/// others: what is refused is null by itself. Operations are made from the schema, so that a new field is tried too.
#[tokio::test]
async fn a_refused_root_field_nulls_itself_alone() {
    let stage = Stage::set().await;
    let nobody = anybody(stage.platform.address());
    let schema = Graph::of(&nobody).await;
    let (event, organization) = (&stage.show.event, &stage.show.organization);
    let mut refused = 0;
    for field in schema.roots("queryType") {
        let others = format!(
            "__typename me {{ id }} organization(id: \"{organization}\") {{ name }} event(id: \"{event}\") {{ title }}"
        );
        let answer = asks(&nobody, &format!("{{ it: {} {others} }}", schema.wrong(&field))).await;
        let kept = json!({
            "it": answer.data["it"], "__typename": "Query", "me": null,
            "organization": { "name": "Olga presents" }, "event": { "title": "Winter Journey" },
        });
        refused += is_alone(&field, &answer, &kept);
    }
    for field in schema.roots("mutationType") {
        let other = |name: &str| format!("{name}: logout(refreshToken: \"nobody's\")");
        let (before, after) = (other("before"), other("after"));
        let answer = asks(
            &nobody,
            &format!("mutation {{ {before} it: {} __typename {after} }}", schema.wrong(&field)),
        )
        .await;
        let kept =
            json!({ "before": false, "it": answer.data["it"], "__typename": "Mutation", "after": false });
        refused += is_alone(&field, &answer, &kept);
    }
    assert!(refused > 30, "{refused} are not all that refuse");
}

#[tokio::test]
async fn what_was_done_is_told_when_what_followed_it_was_refused() {
    let stage = Stage::set().await;
    let query = "mutation($name: String!, $slug: String!, $organization: ID!) { \
        first: createOrganization(input: { name: $name }) { id name } \
        second: createOrganization(input: { name: $name, slug: $slug }) { id } \
        third: inviteMember(input: { organizationId: $organization, email: \"nowhere\", role: SCANNER }) { id } }";
    let taken = json!({ "name": "Second House", "slug": "No Slug", "organization": stage.show.organization });
    let answer = stage.organizer.asks(query, taken).await.unwrap();
    assert_eq!(answer.data["first"]["name"], "Second House", "{answer:?}");
    assert_eq!((&answer.data["second"], &answer.data["third"]), (&Value::Null, &Value::Null), "{answer:?}");
    let codes: Vec<_> = answer.errors.iter().map(|refused| refused.code.as_str()).collect();
    assert_eq!(codes, ["BAD_USER_INPUT", "BAD_USER_INPUT"], "{answer:?}");
    let made = json!({ "id": id(&answer.data["first"]) });
    let query = "query($id: ID!) { organization(id: $id) { name } }";
    let found = stage.organizer.does("organization", query, made).await.unwrap();
    assert_eq!(found["name"], "Second House");
}

async fn asks(nobody: &Person, operation: &str) -> Answer {
    let answer = nobody.asks(operation, json!({})).await;
    answer.unwrap_or_else(|none| panic!("{operation}: {none}"))
}

/// How often something was refused, which stands where it was asked for.
fn is_alone(field: &Value, answer: &Answer, kept: &Value) -> usize {
    let name = &field["name"];
    assert_eq!(&answer.data, kept, "{name}: {:?}", answer.errors);
    for refused in &answer.errors {
        let known = ErrorCode::ALL.iter().any(|code| code.as_str() == refused.code);
        assert!(
            known && !["INTERNAL", "SERVICE_UNAVAILABLE"].contains(&&*refused.code),
            "{name}: {refused:?}"
        );
        assert_eq!(refused.path[0], "it", "{name}: {refused:?}");
        assert!(answer.data["it"].is_null(), "{name}: {}", answer.data);
    }
    answer.errors.len()
}

/// The public schema, as clients read it.
struct Graph {
    roots: Value,
    types: HashMap<String, Value>,
}

impl Graph {
    async fn of(who: &Person) -> Self {
        let ty = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let argument = format!("name defaultValue {ty}");
        let fields = format!("fields {{ name args {{ {argument} }} {ty} }}");
        let query = format!(
            "{{ __schema {{ queryType {{ {fields} }} mutationType {{ {fields} }} \
             types {{ name kind inputFields {{ {argument} }} enumValues {{ name }} }} }} }}"
        );
        let mut roots = who.does("__schema", &query, json!({})).await.unwrap();
        let types = roots["types"].take();
        let named = |ty: &Value| (ty["name"].as_str().unwrap().to_owned(), ty.clone());
        Self { roots, types: types.as_array().unwrap().iter().map(named).collect() }
    }

    fn roots(&self, kind: &str) -> Vec<Value> {
        self.roots[kind]["fields"].as_array().unwrap().clone()
    }

    /// A call of this field that it has to refuse, wherever it can refuse.
    fn wrong(&self, field: &Value) -> String {
        let name = field["name"].as_str().unwrap();
        let given: Vec<_> =
            field["args"].as_array().unwrap().iter().filter_map(|one| self.given(one)).collect();
        let given = if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) };
        let leaf = ["SCALAR", "ENUM"].contains(&named(&field["type"])["kind"].as_str().unwrap());
        format!("{name}{given}{}", if leaf { "" } else { " { __typename }" })
    }

    /// A value for an argument that has to be given, or with which much can be wrong.
    fn given(&self, argument: &Value) -> Option<String> {
        let name = argument["name"].as_str().unwrap();
        let needed = argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
        let value = match name {
            "first" => "0".to_owned(),
            "id" => "\"no id\"".to_owned(),
            _ if needed => self.value(&argument["type"]["ofType"]),
            _ => return None,
        };
        Some(format!("{name}: {value}"))
    }

    fn value(&self, ty: &Value) -> String {
        let known = &self.types[ty["name"].as_str().unwrap_or("ID")];
        match (ty["kind"].as_str().unwrap(), ty["name"].as_str().unwrap_or_default()) {
            ("LIST", _) => "[]".to_owned(),
            ("ENUM", _) => known["enumValues"][0]["name"].as_str().unwrap().to_owned(),
            ("INPUT_OBJECT", _) => {
                let fields = known["inputFields"].as_array().unwrap().iter();
                let given: Vec<_> = fields.filter_map(|field| self.given(field)).collect();
                format!("{{ {} }}", given.join(", "))
            }
            (_, "Int" | "Float") => "-1".to_owned(),
            (_, "Boolean") => "true".to_owned(),
            (_, "DateTime") => "\"2020-01-01T00:00:00Z\"".to_owned(),
            (_, "Decimal") => "\"-1\"".to_owned(),
            _ => "\"none\"".to_owned(),
        }
    }
}

/// A type without what is wrapped around it.
fn named(ty: &Value) -> &Value {
    if ty["ofType"].is_null() { ty } else { named(&ty["ofType"]) }
}
