//! The character NUL: GraphQL and JSON know it, and PostgreSQL holds it in no text.

use async_graphql::{
    Name, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use kernel::Refusal;

use super::into_graph;

/// Refuses an operation that has it in an argument, and names the argument.
pub(super) fn refuse_nul(document: &ExecutableDocument, variables: &Variables) -> Result<(), ServerError> {
    // Variables may be large: they are put in their places only when it is known that one of them has it.
    let given = variables.values().any(|value| place_of_nul(value, String::new()).is_some());
    let search = Search { given: given.then_some(variables) };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let found = operations.chain(fragments).find_map(|selections| search.selections(selections));
    let found = found.or_else(|| given.then(|| "variables".to_owned()));
    found.map_or(Ok(()), |field| {
        let refusal = Refusal::bad_input(&field, "must not have the character NUL (\\u0000)");
        Err(into_graph(refusal.into()).into_server_error(async_graphql::Pos::default()))
    })
}

struct Search<'v> {
    given: Option<&'v Variables>,
}

impl Search<'_> {
    fn selections(&self, set: &SelectionSet) -> Option<String> {
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) => {
                let mut arguments = field.node.arguments.iter();
                let here = arguments.find_map(|(name, value)| {
                    let value = value.node.clone().into_const_with(|name| Ok::<_, ()>(self.variable(&name)));
                    // Fields of an input are called by their own names; any other argument by its name.
                    value.ok().and_then(|value| match value {
                        Value::Object(_) => place_of_nul(&value, String::new()),
                        value => place_of_nul(&value, name.node.to_string()),
                    })
                });
                here.or_else(|| self.selections(&field.node.selection_set.node))
            }
            Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => None,
        })
    }

    fn variable(&self, name: &Name) -> Value {
        self.given.and_then(|variables| variables.get(name)).cloned().unwrap_or_default()
    }
}

fn place_of_nul(value: &Value, path: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(path),
        Value::List(items) => {
            items.iter().enumerate().find_map(|(at, item)| place_of_nul(item, format!("{path}[{at}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            place_of_nul(value, format!("{path}{dot}{name}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, InputObject, Object, Request, Schema, Subscription};
    use futures::{Stream, StreamExt as _, stream};
    use serde_json::{Value as Json, json};

    use super::super::KnownCodes;
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
        let schema = Schema::build(Query, EmptyMutation, Subscriptions).extension(KnownCodes).finish();
        let request = Request::new(query).variables(Variables::from_json(variables));
        serde_json::to_value(schema.execute_stream(request).next().await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn text_with_nul_is_refused_by_the_name_of_its_argument() {
        let input = "query($guest: Guest) { welcome(guest: $guest) { length } }";
        for (query, variables, field) in [
            (input, json!({ "guest": { "names": ["Ada", "B\0b"] } }), "names[1]"),
            (
                "query($text: String) { welcome(greeting: $text) { length } }",
                json!({ "text": "\0" }),
                "greeting",
            ),
            (r#"{ welcome(greeting: "Hello\u0000") { length } }"#, json!({}), "greeting"),
            (r#"{ welcome { length(unit: "\u0000") } }"#, json!({}), "unit"),
            (
                r#"{ welcome { ...lengths } } fragment lengths on Answer { length(unit: "\u0000") }"#,
                json!({}),
                "unit",
            ),
            (r#"subscription { guests(name: "\u0000") }"#, json!({}), "name"),
            (
                "query($text: String) { welcome @include(if: true) { length } }",
                json!({ "text": "\0" }),
                "variables",
            ),
        ] {
            let answer = asks(query, variables).await;
            let told = &answer["errors"][0]["extensions"];
            assert_eq!(told, &json!({ "code": "BAD_USER_INPUT", "field": field }), "{query}: {answer}");
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
