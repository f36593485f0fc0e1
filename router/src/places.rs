//! Where in its answer a client finds what is wrong.

use hive_router::executor::response::graphql_error::{GraphQLErrorPath, GraphQLErrorPathSegment};

/// How the router asks a subgraph about things it knows by their ids; no client has such a field.
pub(crate) const ENTITIES: &str = "_entities";
/// The router renames fields of a subgraph's answer to this and a number where two would have the same name.
const RENAMED: &str = "_internal_qp_alias";

/// The place of an error in the client's answer.
///
/// hive-router puts it there where a subgraph says which entity it is about (`executor/execution_context.rs`), and
/// `unanswered.rs` where it answered about none of them. Else there is only the way to all of them, `affected`: fields with
/// dots between them, `@` where a list is. Then the place is the part of it that is certain.
pub(crate) fn of_the_client(
    path: Option<GraphQLErrorPath>,
    affected: Option<&str>,
) -> Option<GraphQLErrorPath> {
    let Some(mut path) = path else { return affected.and_then(|way| certain(way).0) };
    if !is_field(path.segments.first(), |name| name == ENTITIES) {
        let renamed =
            path.segments.iter().position(|step| is_field(Some(step), |name| name.starts_with(RENAMED)));
        path.segments.truncate(renamed.unwrap_or(path.segments.len()));
        return Some(path).filter(|path| !path.segments.is_empty());
    }
    let (found, is_whole) = certain(affected?);
    let mut found = found?;
    if is_whole {
        let rest = &path.segments[1..];
        let behind_index = usize::from(matches!(rest.first(), Some(GraphQLErrorPathSegment::Index(_))));
        found.extend_from_slice(&rest[behind_index..]);
    }
    Some(found)
}

/// The way as far as it leads to one thing, and whether that is the whole of it.
fn certain(way: &str) -> (Option<GraphQLErrorPath>, bool) {
    let mut place = GraphQLErrorPath::default();
    let mut is_whole = true;
    for step in way.split('.') {
        // What follows the field is the type that it has to be of.
        let field = step.split('|').next().unwrap_or_default();
        if field == "@" {
            is_whole = false;
            break;
        }
        if !field.is_empty() {
            place.push_field(field);
        }
    }
    (Some(place).filter(|place| !place.segments.is_empty()), is_whole)
}

fn is_field(step: Option<&GraphQLErrorPathSegment>, named: impl Fn(&str) -> bool) -> bool {
    matches!(step, Some(GraphQLErrorPathSegment::String(name)) if named(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[&str]) -> GraphQLErrorPath {
        let mut path = GraphQLErrorPath::default();
        for step in steps {
            match step.parse() {
                Ok(index) => path.push_index(index),
                Err(_) => path.push_field(step),
            }
        }
        path
    }

    fn place(steps: Option<&[&str]>, affected: Option<&str>) -> Option<Vec<GraphQLErrorPathSegment>> {
        of_the_client(steps.map(path), affected).map(|path| path.segments)
    }

    #[test]
    fn an_error_is_where_the_client_finds_it_or_as_near_as_is_known() {
        for (steps, affected, expected) in [
            (Some(&["event", "title"][..]), None, Some(&["event", "title"][..])),
            (
                Some(&["events", "nodes", "1", "title"]),
                Some("events.nodes.@"),
                Some(&["events", "nodes", "1", "title"]),
            ),
            (Some(&["_entities", "0", "orders"]), Some("me"), Some(&["me", "orders"])),
            (Some(&["_entities", "orders"]), Some("me"), Some(&["me", "orders"])),
            (Some(&["_entities"]), Some("me"), Some(&["me"])),
            (Some(&["_entities", "3", "orders"]), Some("events.nodes.@.venue"), Some(&["events", "nodes"])),
            (Some(&["_entities", "0", "x"]), Some("@"), None),
            (Some(&["_entities", "0", "x"]), None, None),
            (None, Some("event|Concert|Play.venue"), Some(&["event", "venue"])),
            (None, None, None),
            (Some(&["event", "_internal_qp_alias_0", "x"]), None, Some(&["event"])),
        ] {
            assert_eq!(
                place(steps, affected),
                expected.map(|steps| path(steps).segments),
                "{steps:?} {affected:?}"
            );
        }
    }
}
