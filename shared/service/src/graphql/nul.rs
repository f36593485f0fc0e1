//! The character NUL: GraphQL and JSON know it, and PostgreSQL holds it in no text.

use async_graphql::{
    Name, Pos, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use kernel::{Refusal, reasons};

use super::{errors::of_the_operation, into_graph};

/// Refuses an operation that has it in an argument, and names the argument.
pub(super) fn refuse_nul(document: &ExecutableDocument, variables: &Variables) -> Result<(), ServerError> {
    let operations = || document.operations.iter().map(|(_, operation)| &operation.node);
    let defined = operations().flat_map(|operation| &operation.variable_definitions);
    let defaults = defined.filter_map(|definition| {
        let default = definition.node.default_value.as_ref()?;
        Some((&definition.node.name.node, &default.node))
    });
    // Of the variables, which may be large, only those that have it are put in their places.
    let having = variables.iter().chain(defaults).filter(|(_, value)| place_of_nul(value).is_some());
    let search = Search { having: having.collect() };
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut selections = operations().map(|operation| &operation.selection_set.node).chain(fragments);
    let found = selections.find_map(|selections| search.selections(selections));
    match found {
        Some(place) => Err(into_graph(place.refused().into()).into_server_error(Pos::default())),
        None if search.having.is_empty() => Ok(()),
        None => Err(of_the_operation(nul_in("variables"))),
    }
}

fn nul_in(field: &str) -> Refusal {
    let refusal = Refusal::bad_input(field, "must not have the character NUL (\\u0000)");
    refusal.because(reasons::FORBIDDEN_CHARACTERS)
}

/// Where it is.
struct Place {
    /// As the domain calls it: fields of an input by their own names, any other argument by its name.
    field: String,
    /// From the argument on.
    whole: String,
}

impl Place {
    fn refused(self) -> Refusal {
        let mut refusal = nul_in(&self.field);
        for problem in &mut refusal.problems {
            problem.field.clone_from(&self.whole);
        }
        refusal
    }
}

struct Search<'v> {
    having: Vec<(&'v Name, &'v Value)>,
}

impl Search<'_> {
    fn selections(&self, set: &SelectionSet) -> Option<Place> {
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) => {
                let mut arguments = field.node.arguments.iter();
                let here = arguments.find_map(|(name, value)| {
                    let value = value.node.clone().into_const_with(|name| Ok::<_, ()>(self.variable(&name)));
                    let value = value.ok()?;
                    let place = place_of_nul(&value)?;
                    let whole = joined(name.node.as_str(), &place);
                    let field = if matches!(value, Value::Object(_)) { place } else { whole.clone() };
                    Some(Place { field, whole })
                });
                here.or_else(|| self.selections(&field.node.selection_set.node))
            }
            Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => None,
        })
    }

    fn variable(&self, name: &Name) -> Value {
        let named = self.having.iter().find(|(having, _)| *having == name);
        named.map(|(_, value)| (*value).clone()).unwrap_or_default()
    }
}

/// The path of the first text that has it, within a value.
pub(crate) fn place_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::List(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| Some(joined(&format!("[{at}]"), &place_of_nul(item)?)))
        }
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| Some(joined(name, &place_of_nul(value)?)))
        }
        _ => None,
    }
}

fn joined(first: &str, rest: &str) -> String {
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    format!("{first}{dot}{rest}")
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, InputObject, Object, Request, Schema, Subscription};
    use futures::{Stream, StreamExt as _, stream};
    use serde_json::{Value as Json, json};

    use super::super::Operations;
    use super::*;

    #[derive(InputObject)]
    struct Guest {
        names: Vec<String>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn welcome(&self, guest: Option<Guest>, greeting: Option<String>) -> Answer {
            Answer(guest.map_or(0, |guest| guest.names.len()) + greeting.map_or(0, |greeting| greeting.len()))
        }
    }

    struct Answer(usize);

    #[Object]
    impl Answer {
        async fn length(&self, unit: Option<String>) -> usize {
            self.0 + unit.map_or(0, |unit| unit.len())
        }
    }

    struct Subscriptions;

    #[Subscription]
    impl Subscriptions {
        async fn guests(&self, name: String) -> impl Stream<Item = String> {
            stream::iter([name])
        }
    }

    async fn asks(query: &str, variables: Json) -> Json {
        let schema = Schema::build(Query, EmptyMutation, Subscriptions).extension(Operations).finish();
        let request = Request::new(query).variables(Variables::from_json(variables));
        serde_json::to_value(schema.execute_stream(request).next().await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn text_with_nul_is_refused_by_the_name_of_its_argument() {
        let input = "query($guest: Guest) { welcome(guest: $guest) { length } }";
        for (query, variables, field, path) in [
            (
                input,
                json!({ "guest": { "names": ["Ada", "B\0b"] } }),
                "names[1]",
                json!(["guest", "names", "1"]),
            ),
            (
                "query($text: String) { welcome(greeting: $text) { length } }",
                json!({ "text": "\0" }),
                "greeting",
                json!(["greeting"]),
            ),
            (
                r#"{ welcome(greeting: "Hello\u0000") { length } }"#,
                json!({}),
                "greeting",
                json!(["greeting"]),
            ),
            (r#"{ welcome { length(unit: "\u0000") } }"#, json!({}), "unit", json!(["unit"])),
            (
                r#"{ welcome { ...lengths } } fragment lengths on Answer { length(unit: "\u0000") }"#,
                json!({}),
                "unit",
                json!(["unit"]),
            ),
            (r#"subscription { guests(name: "\u0000") }"#, json!({}), "name", json!(["name"])),
            (
                r#"query($text: String = "\u0000") { welcome(greeting: $text) { length } }"#,
                json!({}),
                "greeting",
                json!(["greeting"]),
            ),
            (
                "query($text: String) { welcome(guest: { names: [$text] }) { length } }",
                json!({ "text": "\0" }),
                "names[0]",
                json!(["guest", "names", "0"]),
            ),
            (
                "query($text: String) { welcome @include(if: true) { length } }",
                json!({ "text": "\0" }),
                "variables",
                Json::Null,
            ),
        ] {
            let answer = asks(query, variables).await;
            let told = &answer["errors"][0]["extensions"];
            assert_eq!(
                (&told["code"], &told["field"], &told["reason"], &told["path"]),
                (&json!("BAD_USER_INPUT"), &json!(field), &json!("FORBIDDEN_CHARACTERS"), &path),
                "{query}: {answer}"
            );
            assert_eq!(told["problems"][0]["path"], path, "{query}: {answer}");
            assert!(answer["data"].is_null(), "nothing is done: {answer}");
        }
    }

    #[tokio::test]
    async fn other_text_passes() {
        for text in ["", "Zoë 🎟", "\u{1}", "\\u0000"] {
            let answer =
                asks("query($text: String) { welcome(greeting: $text) { length } }", json!({ "text": text }))
                    .await;
            assert_eq!(answer["data"]["welcome"]["length"], text.len(), "{answer}");
        }
    }
}
