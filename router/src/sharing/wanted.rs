use std::{collections::BTreeMap, sync::Arc};

use hive_router::{
    executor::{
        execution::client_request_details::JwtRequestDetails,
        hooks::{on_graphql_analysis::OnGraphqlAnalysisHookPayload, on_graphql_params::GraphQLParams},
    },
    http::header::AUTHORIZATION,
    query_planner::ast::{operation::OperationDefinition, selection_item::SelectionItem},
    sonic_rs::{self, Value},
};
use serde::Serialize;

use crate::inside::Inside;

/// Bytes that tell what is wanted. Those of an honest page are some hundreds.
const LONGEST: usize = 8 * 1024;

/// What a client sent, as far as a shared stream can need it. Hive takes the variables out of the parameters once it
/// has coerced them, so that it is remembered before.
pub(crate) struct Asked {
    operation: String,
    variables: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<&'a str>,
    variables: &'a BTreeMap<&'a String, &'a Value>,
}

impl Asked {
    /// Nothing, where it is no subscription anyway.
    pub(crate) fn by(params: &GraphQLParams) -> Option<Self> {
        let query = params.query.as_deref().filter(|query| query.contains("subscription"))?;
        let variables: BTreeMap<_, _> = params.variables.iter().collect();
        let operation =
            Request { query, operation_name: params.operation_name.as_deref(), variables: &variables };
        let operation = sonic_rs::to_string(&operation).ok()?;
        Some(Self { operation, variables: sonic_rs::to_string(&variables).ok()? })
    }
}

/// What a request asks for in the name of nobody in particular.
pub(crate) struct Wanted<'exec> {
    operation: &'exec OperationDefinition,
    query: &'exec str,
    asked: Arc<Asked>,
    inside: Inside,
}

impl<'exec> Wanted<'exec> {
    /// Nothing, where somebody has a token that is not good, which is for the service to refuse.
    pub(super) fn by(request: &OnGraphqlAnalysisHookPayload<'exec>) -> Option<Self> {
        let client = &request.client_request_details;
        let is_anybodys = matches!(*client.jwt, JwtRequestDetails::Authenticated { .. })
            || !client.headers.contains_key(AUTHORIZATION);
        let inside = request.context.get_ref::<Inside>().filter(|_| is_anybodys)?.as_ref().clone();
        let asked = request.context.get_ref::<Arc<Asked>>()?.as_ref().clone();
        let query = request.graphql_params.query.as_deref()?;
        Some(Self { operation: request.filtered_operation_for_plan, query, asked, inside })
    }

    /// The same for all who want the same. Nothing, where it is too long to be kept.
    pub(super) fn what(&self) -> Option<String> {
        let what = if self.query.contains("__") {
            // Fields of introspection at the root are no part of the operation here, but of its answer.
            self.asked.operation.clone()
        } else {
            format!("{}\n{}", self.operation, self.asked.variables)
        };
        (what.len() <= LONGEST).then_some(what)
    }

    /// The root's field.
    pub(super) fn field(&self) -> &str {
        match self.operation.selection_set.items.first() {
            Some(SelectionItem::Field(field)) => &field.name,
            _ => "",
        }
    }

    /// The body of a request for it.
    pub(super) fn operation(&self) -> &str {
        &self.asked.operation
    }

    pub(super) fn inside(&self) -> &Inside {
        &self.inside
    }
}
