//! Where in the answer a service that answered nothing is missing.
//!
//! Hive-router tells the place of an error that is about one of the things that it asked a service for
//! (`executor/execution_context.rs`). Of a request that failed as a whole it tells one error, and at most the way to all that
//! it was about. Which fields these are the plan says, and the data says which of them are there.

use std::collections::HashMap;

use hive_router::{
    GraphQLError,
    executor::{
        introspection::schema::SchemaMetadata,
        response::{
            graphql_error::{GraphQLErrorPath, GraphQLErrorPathSegment},
            value::Value,
        },
        utils::traverse::traverse_and_callback_mut,
    },
    graphql_tools::{
        parser::query::parse_query,
        static_graphql::query::{self, Definition, Selection, TypeCondition},
    },
    http::StatusCode,
    query_planner::{
        ast::{operation::OperationDefinition, selection_item::SelectionItem, selection_set::SelectionSet},
        planner::plan_nodes::{PathSegment, PlanNode, QueryPlan},
    },
};

use crate::{errors::Wording, places::ENTITIES};

/// The most places that are told of one error. One thing that stands at many places is no reason for an endless answer.
const MOST_PLACES: usize = 100;

/// How an operation is carried out.
pub(crate) struct Carried<'a> {
    pub(crate) plan: &'a QueryPlan,
    pub(crate) asked: &'a OperationDefinition,
    pub(crate) graph: &'a SchemaMetadata,
}

/// A request to a service, and where what it answers goes.
struct Fetch<'a> {
    document: &'a str,
    /// The field of the service that things are asked for by their ids with; none where the answer's own root is asked for.
    entities: Option<&'a str>,
    ways: Vec<&'a [PathSegment]>,
}

impl Carried<'_> {
    /// The same errors, those of whole requests at each field that has no answer for it. Where that is not certain they stay
    /// as they are.
    pub(crate) fn place(
        &self,
        data: &mut Value<'_>,
        errors: Vec<GraphQLError>,
        wording: &Wording,
    ) -> Vec<GraphQLError> {
        let (whole, mut told): (Vec<_>, Vec<_>) = errors.into_iter().partition(is_of_a_whole_request);
        bounded(&mut told);
        let mut alike: Vec<Vec<GraphQLError>> = Vec::new();
        for error in whole {
            match alike.iter_mut().find(|errors| is_of_the_same_request(&errors[0], &error)) {
                Some(errors) => errors.push(error),
                None => alike.push(vec![error]),
            }
        }
        for mut errors in alike {
            let first = &errors[0];
            let is_certain = errors.iter().all(|error| error.message == first.message)
                && !told.iter().any(|error| is_of_the_same_request(first, error) && is_somewhere(error));
            let places = if is_certain { self.missing(data, first, &told) } else { Vec::new() };
            if places.is_empty() {
                told.append(&mut errors);
                continue;
            }
            let service = first.extensions.service_name.clone();
            // Once, because the cause is logged with it.
            let mut worded = wording.public(errors.swap_remove(0), StatusCode::OK);
            worded.extensions.service_name = service;
            told.extend(places.into_iter().map(|place| GraphQLError { path: Some(place), ..worded.clone() }));
        }
        told
    }

    /// The fields that the request was for and that are not there, but for those of which an error tells already.
    fn missing(
        &self,
        data: &mut Value<'_>,
        error: &GraphQLError,
        told: &[GraphQLError],
    ) -> Vec<GraphQLErrorPath> {
        let service = error.extensions.service_name.as_deref().unwrap_or_default();
        let mut fetches = Vec::new();
        if let Some(node) = &self.plan.node {
            fetches_of(node, service, error.extensions.affected_path.as_deref(), &mut fetches);
        }
        let mut places: Vec<GraphQLErrorPath> = Vec::new();
        for fetch in fetches {
            let Ok(document) = parse_query::<String>(fetch.document) else { continue };
            let document = document.into_static();
            let Some(selections) = selected(&document, fetch.entities) else { continue };
            for way in fetch.ways {
                let start = Some(GraphQLErrorPath::default());
                traverse_and_callback_mut(data, way, self.graph, start, &mut |thing, place| {
                    let (Value::Object(fields), Some(place)) = (&*thing, place) else { return };
                    let mut keys = Vec::new();
                    self.keys(selections, fields, &mut keys);
                    for key in keys {
                        let is_there = fields.iter().any(|(name, _)| *name == key);
                        if places.len() == MOST_PLACES || is_there {
                            continue;
                        }
                        let mut place = place.clone();
                        place.push_field(key);
                        let is_told = |other: &GraphQLErrorPath| other.segments == place.segments;
                        let is_told = places.iter().any(is_told)
                            || told.iter().filter_map(|error| error.path.as_ref()).any(is_told);
                        if !is_told && is_asked(&self.asked.selection_set, &place.segments) {
                            places.push(place);
                        }
                    }
                });
            }
        }
        places
    }

    /// What of a thing is asked for in any case, by the names that it has in the answer.
    fn keys<'s>(
        &self,
        selections: &'s query::SelectionSet,
        thing: &[(&str, Value<'_>)],
        keys: &mut Vec<&'s str>,
    ) {
        let ty = thing.iter().find(|(name, _)| *name == "__typename").and_then(|(_, ty)| ty.as_str());
        for selection in &selections.items {
            match selection {
                Selection::Field(field) if field.directives.is_empty() => {
                    keys.push(field.alias.as_ref().unwrap_or(&field.name));
                }
                Selection::InlineFragment(part) if part.directives.is_empty() => {
                    let is_of_it = part.type_condition.as_ref().is_none_or(|TypeCondition::On(condition)| {
                        ty.is_none_or(|ty| {
                            self.graph.possible_types.entity_satisfies_type_condition(ty, condition)
                        })
                    });
                    if is_of_it {
                        self.keys(&part.selection_set, thing, keys);
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_of_a_whole_request(error: &GraphQLError) -> bool {
    let steps = error.path.as_ref().map_or(&[][..], |path| &path.segments);
    error.extensions.service_name.is_some() && (steps.is_empty() || is_somewhere(error) && steps.len() == 1)
}

/// True of an error that is about things that were asked for by their ids, without saying which.
fn is_somewhere(error: &GraphQLError) -> bool {
    let first = error.path.as_ref().and_then(|path| path.segments.first());
    matches!(first, Some(GraphQLErrorPathSegment::String(name)) if name == ENTITIES)
}

fn is_of_the_same_request(one: &GraphQLError, other: &GraphQLError) -> bool {
    let (one, other) = (&one.extensions, &other.extensions);
    one.service_name == other.service_name && one.affected_path == other.affected_path
}

/// The requests to a service that an error may be about: those whose answer goes where it says, or where it does not say it
/// those that are not for one place only. What is run on a condition is left out.
fn fetches_of<'a>(node: &'a PlanNode, service: &str, affected: Option<&str>, found: &mut Vec<Fetch<'a>>) {
    match node {
        PlanNode::Fetch(fetch) if fetch.service_name == service && affected.is_none() => {
            found.push(Fetch { document: &fetch.operation.document_str, entities: None, ways: vec![&[]] });
        }
        PlanNode::Flatten(flatten) => {
            if let PlanNode::Fetch(fetch) = flatten.node.as_ref()
                && fetch.service_name == service
                && affected.is_some_and(|way| way == flatten.path.to_string())
            {
                found.push(Fetch {
                    document: &fetch.operation.document_str,
                    entities: fetch.requires.is_some().then_some(ENTITIES),
                    ways: vec![flatten.path.as_slice()],
                });
            }
        }
        PlanNode::BatchFetch(batch) if batch.service_name == service => {
            for alias in &batch.entity_batch.aliases {
                let ways = alias.merge_paths.iter();
                let ways = ways.filter(|way| affected.is_none_or(|affected| affected == way.to_string()));
                found.push(Fetch {
                    document: &batch.operation.document_str,
                    entities: Some(&alias.alias),
                    ways: ways.map(|way| way.as_slice()).collect(),
                });
            }
        }
        PlanNode::Sequence(sequence) => {
            sequence.nodes.iter().for_each(|node| fetches_of(node, service, affected, found));
        }
        PlanNode::Parallel(parallel) => {
            parallel.nodes.iter().for_each(|node| fetches_of(node, service, affected, found));
        }
        _ => {}
    }
}

/// What is asked for of each thing.
fn selected<'a>(document: &'a query::Document, entities: Option<&str>) -> Option<&'a query::SelectionSet> {
    let root = document.definitions.iter().find_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation.selection_set()),
        Definition::Fragment(_) => None,
    })?;
    let Some(entities) = entities else { return Some(root) };
    root.items.iter().find_map(|selection| match selection {
        Selection::Field(field) if field.alias.as_ref().unwrap_or(&field.name) == entities => {
            Some(&field.selection_set)
        }
        _ => None,
    })
}

/// True where the client asked for what stands at this place, in any case.
fn is_asked(selections: &SelectionSet, place: &[GraphQLErrorPathSegment]) -> bool {
    let Some((step, rest)) = place.split_first() else { return true };
    let GraphQLErrorPathSegment::String(name) = step else { return is_asked(selections, rest) };
    selections.items.iter().any(|selection| match selection {
        SelectionItem::Field(field) => {
            field.selection_identifier() == name
                && field.skip_if.is_none()
                && field.include_if.is_none()
                && is_asked(&field.selections, rest)
        }
        SelectionItem::InlineFragment(part) => {
            part.skip_if.is_none() && part.include_if.is_none() && is_asked(&part.selections, place)
        }
        // Resolved before anybody comes here.
        SelectionItem::FragmentSpread(_) => false,
    })
}

/// Leaves of each error no more places than anybody reads.
fn bounded(errors: &mut Vec<GraphQLError>) {
    let mut told: HashMap<(Option<String>, String), usize> = HashMap::new();
    errors.retain(|error| {
        let same = told.entry((error.extensions.code.clone(), error.message.clone())).or_default();
        *same += 1;
        *same <= MOST_PLACES
    });
}

#[cfg(test)]
mod tests {
    use hive_router::{
        executor::response::graphql_error::GraphQLErrorExtensions,
        sonic_rs::{from_value, json},
    };

    use super::*;

    #[test]
    fn one_thing_at_many_places_is_told_at_a_hundred_of_them() {
        let error = |message: &str| GraphQLError::from_message_and_code(message, "FORBIDDEN");
        let mut errors = vec![error("Not yours."); 250];
        errors.push(error("Not hers."));
        bounded(&mut errors);
        assert_eq!(errors.len(), 101);
        assert_eq!(errors[100].message, "Not hers.");
    }

    #[test]
    fn an_error_is_of_a_whole_request_when_it_names_none_of_the_things() {
        for (path, is_whole, is_uncertain) in [
            (json!(null), true, false),
            (json!(["_entities"]), true, true),
            (json!(["_entities", "heads"]), false, true),
            (json!(["event", "near", 1, "heads"]), false, false),
        ] {
            let error = json!({ "message": "Down.", "path": path, "extensions": { "service": "tickets" } });
            let error: GraphQLError = from_value(&error).unwrap();
            assert_eq!(
                (is_of_a_whole_request(&error), is_somewhere(&error)),
                (is_whole, is_uncertain),
                "{path}"
            );
            let ours = GraphQLError { extensions: GraphQLErrorExtensions::default(), ..error };
            assert!(!is_of_a_whole_request(&ours), "{path}");
        }
    }
}
