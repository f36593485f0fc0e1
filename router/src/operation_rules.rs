//! What an operation may not do, beside the limits of router.yaml.

use crate::{cost::Cost, errors};
use hive_router::{
    GraphQLError,
    executor::{
        execution::plan::PlanExecutionOutput, plugin_context::RouterHttpRequest,
        plugin_trait::from_graphql_error_to_bytes,
    },
    graphql_tools::static_graphql::query::{Definition, Document},
    http::{StatusCode, header::ACCEPT},
    ntex::http::Response,
    query_planner::{
        ast::{operation::OperationDefinition, selection_item::SelectionItem, selection_set::SelectionSet},
        state::supergraph_state::OperationKind,
    },
    sonic_rs::json,
};
use kernel::{COSTLY_MUTATIONS, MOST_COSTLY_MUTATIONS, MOST_MUTATIONS, reasons};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// Why these mutations may not be made by one operation; nothing, when they may.
///
/// Root fields are counted as they would be carried out: fragments resolved, each alias by itself.
pub(crate) fn too_many_mutations(names: &[&str]) -> Option<GraphQLError> {
    let costly = names.iter().filter(|name| COSTLY_MUTATIONS.contains(name)).count();
    let message = if names.len() > MOST_MUTATIONS {
        format!(
            "This operation has {} mutations: at most {MOST_MUTATIONS} are allowed (limit max_mutations). Nothing was \
             carried out; split it into several operations.",
            names.len()
        )
    } else if costly > MOST_COSTLY_MUTATIONS {
        format!(
            "This operation has {costly} of {}: at most {MOST_COSTLY_MUTATIONS} are allowed (limit max_costly_mutations). Nothing \
             was carried out; split it into several operations.",
            COSTLY_MUTATIONS.join(", ")
        )
    } else {
        return None;
    };
    Some(refusal(message, "query"))
}

/// The names of an operation's mutations, as they would be carried out; none of another operation.
pub(crate) fn mutations(operation: &OperationDefinition) -> Vec<&str> {
    let mut names = Vec::new();
    if matches!(operation.operation_kind, Some(OperationKind::Mutation)) {
        root_fields(&operation.selection_set, &mut names);
    }
    names
}

/// Why this operation is not run: its answer could be too large.
pub(crate) fn too_costly(cost: Cost) -> GraphQLError {
    let Cost { estimated, most } = cost;
    let message = format!(
        "This operation could cost {estimated}, more than {most} (limit operation_cost: one for each object that the \
         answer may hold, lists as long as `first` says, multiplied where they are within lists). Nothing was run; ask \
         for shorter pages, or for fewer lists within lists."
    );
    refusal(message, "query")
}

fn root_fields<'a>(selections: &'a SelectionSet, names: &mut Vec<&'a str>) {
    for item in &selections.items {
        match item {
            SelectionItem::Field(field) if field.name.starts_with("__") => {}
            SelectionItem::Field(field) => names.push(&field.name),
            SelectionItem::InlineFragment(fragment) => root_fields(&fragment.selections, names),
            // Resolved before anybody comes here.
            SelectionItem::FragmentSpread(_) => {}
        }
    }
}

/// Of several operations one must be named, or nothing is run (GraphQL, `GetOperation`).
pub(crate) fn unnamed_operation(document: &Document, name: Option<&str>) -> Option<GraphQLError> {
    let operations = document
        .definitions
        .iter()
        .filter(|definition| matches!(definition, Definition::Operation(_)))
        .count();
    let is_named = name.is_some_and(|name| !name.is_empty());
    (operations > 1 && !is_named).then(|| {
        let message = format!(
            "This document has {operations} operations, and it is not said which one to run. Nothing was run; name one \
             in operationName."
        );
        refusal(message, "operationName")
    })
}

fn refusal(message: String, field: &str) -> GraphQLError {
    let reason = if field == "query" { reasons::OPERATION_TOO_LARGE } else { reasons::REQUIRED };
    let mut refusal = errors::refused(reason, message);
    refusal.extensions.set("field".into(), json!(field));
    refusal
}

/// A refusal as this client expects it (GraphQL over HTTP): 200 in plain JSON, 400 in the media type of its own.
pub(crate) fn refused(request: &RouterHttpRequest<'_>, refusal: GraphQLError) -> Response {
    let (kind, status) = if wants_graphql_response(request) {
        (GRAPHQL_RESPONSE, StatusCode::BAD_REQUEST)
    } else {
        ("application/json", StatusCode::OK)
    };
    Response::build(status).content_type(kind).body(from_graphql_error_to_bytes(refusal))
}

/// The same, where hive-router adds the headers.
pub(crate) fn refused_by_plan(request: &RouterHttpRequest<'_>, refusal: GraphQLError) -> PlanExecutionOutput {
    let status_code = if wants_graphql_response(request) { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    PlanExecutionOutput { body: from_graphql_error_to_bytes(refusal), error_count: 1, status_code }
}

fn wants_graphql_response(request: &RouterHttpRequest<'_>) -> bool {
    let accepted =
        request.headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    accepted.trim_start().starts_with(GRAPHQL_RESPONSE)
}
