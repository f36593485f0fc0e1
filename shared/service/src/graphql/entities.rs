//! Which of the things that the router asked for an error is about.
//!
//! async-graphql does not say it: an error within one of `_entities`, however the router calls them, has the path to a field,
//! and not the place of the thing. The router needs the place to find the field in the client's answer. In the path to
//! anything else the place of a list's item is never missing.

use std::collections::BTreeMap;

use async_graphql::{PathSegment, Response, ServerError, Value};

/// Adds the places to the paths of errors, as far as they are certain: of those with the same path, when they are all alike
/// and each nulls a field, or when one thing was asked for.
pub(super) fn place(response: &mut Response) {
    let Value::Object(data) = &response.data else { return };
    let mut alike: BTreeMap<(String, Vec<String>), Vec<usize>> = BTreeMap::new();
    for (at, error) in response.errors.iter().enumerate() {
        if let Some((PathSegment::Field(root), way)) = error.path.split_first()
            && let Some(PathSegment::Field(_)) = way.first()
        {
            let steps = way.iter().map(|step| match step {
                PathSegment::Field(name) => name.clone(),
                PathSegment::Index(index) => index.to_string(),
            });
            alike.entry((root.clone(), steps.collect())).or_default().push(at);
        }
    }
    for ((root, way), errors) in alike {
        let Some(Value::List(entities)) = data.get(root.as_str()) else { continue };
        let nulled = entities.iter().enumerate().filter(|(_, entity)| is_null_at(entity, &way));
        let nulled: Vec<usize> = nulled.map(|(place, _)| place).collect();
        let is_certain = nulled.len() == errors.len()
            && errors.iter().all(|at| tell_the_same(&response.errors[*at], &response.errors[errors[0]]));
        let places = match entities.len() {
            1 => vec![0; errors.len()],
            _ if is_certain => nulled,
            _ => continue,
        };
        for (at, place) in errors.into_iter().zip(places) {
            response.errors[at].path.insert(1, PathSegment::Index(place));
        }
    }
}

fn is_null_at(value: &Value, way: &[String]) -> bool {
    let Some((step, rest)) = way.split_first() else { return *value == Value::Null };
    let within = match value {
        // async-graphql leaves out the key of a nulled field that has others beside it.
        Value::Object(fields) if !fields.contains_key(step.as_str()) => return true,
        Value::Object(fields) => fields.get(step.as_str()),
        Value::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
        Value::Null => return true,
        _ => None,
    };
    within.is_some_and(|within| is_null_at(within, rest))
}

fn tell_the_same(one: &ServerError, other: &ServerError) -> bool {
    one.message == other.message && one.extensions == other.extensions
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Request, Schema, Variables};
    use kernel::Refusal;
    use serde_json::{Value as Json, json};

    use super::super::{IntoGraph, Operations};

    struct Query;

    #[Object]
    impl Query {
        async fn hello(&self) -> &str {
            "hello"
        }

        #[graphql(entity)]
        async fn event_by_id(&self, id: ID) -> Event {
            Event { id }
        }
    }

    struct Event {
        id: ID,
    }

    #[Object]
    impl Event {
        async fn id(&self) -> &ID {
            &self.id
        }

        /// Those of events with a letter are not told; of "none" there are none.
        async fn sales(&self) -> async_graphql::Result<Option<i32>> {
            match self.id.as_str() {
                "none" => Ok(None),
                id => id.parse().map(Some).map_err(|_| Refusal::not_found("sale")).graph(),
            }
        }

        /// Each is refused in its own words.
        async fn guests(&self) -> async_graphql::Result<Option<i32>> {
            Err(Refusal::bad_input("guests", self.id.as_str())).graph()
        }
    }

    #[tokio::test]
    async fn what_is_called_otherwise_is_placed_as_well() {
        let found = paths_of("_e0: _entities", "sales", &["1", "a"]).await;
        assert_eq!(found, [json!(["_e0", 1, "it"])]);
    }

    async fn paths(field: &str, ids: &[&str]) -> Vec<Json> {
        paths_of("_entities", field, ids).await
    }

    async fn paths_of(entities: &str, field: &str, ids: &[&str]) -> Vec<Json> {
        let schema =
            Schema::build(Query, EmptyMutation, EmptySubscription).enable_federation().extension(Operations);
        let ids: Vec<_> = ids.iter().map(|id| json!({ "__typename": "Event", "id": id })).collect();
        let query = format!(
            "query($ids: [_Any!]!) {{ {entities}(representations: $ids) {{ ... on Event {{ it: {field} }} }} }}"
        );
        let request = Request::new(query).variables(Variables::from_json(json!({ "ids": ids })));
        let answer = serde_json::to_value(schema.finish().execute(request).await).unwrap();
        answer["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect()
    }

    #[tokio::test]
    async fn an_error_says_which_of_the_things_it_is_about() {
        let found = paths("sales", &["1", "a", "2", "b"]).await;
        assert_eq!(found, [json!(["_entities", 1, "it"]), json!(["_entities", 3, "it"])]);
        assert_eq!(paths("guests", &["a"]).await, [json!(["_entities", 0, "it"])]);
    }

    #[tokio::test]
    async fn it_says_so_too_where_other_fields_are_answered() {
        let found = paths("sales id", &["1", "a", "2", "b"]).await;
        assert_eq!(found, [json!(["_entities", 1, "it"]), json!(["_entities", 3, "it"])]);
    }

    #[tokio::test]
    async fn what_is_not_certain_is_not_told() {
        let unplaced = json!(["_entities", "it"]);
        assert_eq!(paths("sales", &["a", "none"]).await, std::slice::from_ref(&unplaced));
        assert_eq!(paths("guests", &["a", "b"]).await, [unplaced.clone(), unplaced]);
    }
}
