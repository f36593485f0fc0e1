//! Documents that are asked for by their hashes, without their texts.
//!
//! Hive-router knows those of our own pages (router.yaml's `persisted_documents`). What is said of a hash that nobody
//! knows is here.

use hive_router::{
    GraphQLError,
    executor::{plugin_context::PluginContext, plugin_trait::from_graphql_error_to_bytes},
    http::StatusCode,
    ntex::{http::Response, util::Bytes},
    sonic_rs,
};

/// Hive-router's code for a hash that it does not know.
const UNKNOWN: &str = "PERSISTED_DOCUMENT_NOT_FOUND";

/// In a request's context: it names its document by `documentId`, as Relay's clients and others do.
struct ById;
/// In a request's context: it names one that nobody knows, as Apollo's clients do.
struct UnknownHash;

/// Notes how a request names its document, where it names one.
pub(crate) fn note(context: &PluginContext, body: &Bytes, query: Option<&str>) {
    let in_query = || query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("documentId=")));
    if sonic_rs::get(&body[..], ["documentId"]).is_ok() || in_query() {
        context.insert(ById);
    }
}

/// What is said instead of hive-router's own error, where it is about a hash that nobody knows.
///
/// The messages and codes are Apollo's own, the one exception from the API's closed list, because clients look for them.
/// Apollo's client sends no hashes any more once it has heard that nobody knows any, which spares one that has no hash of
/// ours a second request for each operation. Others are told that there is no such document.
pub(crate) fn about_unknown(error: &GraphQLError, context: &PluginContext) -> Option<GraphQLError> {
    if error.extensions.code.as_deref() != Some(UNKNOWN) {
        return None;
    }
    if context.contains::<ById>() {
        return Some(GraphQLError::from_message_and_code(
            "PersistedQueryNotFound",
            "PERSISTED_QUERY_NOT_FOUND",
        ));
    }
    context.insert(UnknownHash);
    Some(not_supported())
}

/// The whole answer to Apollo's client, where it is that.
pub(crate) fn answer(context: &PluginContext) -> Option<Response> {
    context.contains::<UnknownHash>().then(send_the_text)
}

/// Apollo's clients send the hash of a document first, and its text once they are told that this hash is of no use.
pub(crate) fn send_the_text() -> Response {
    Response::build(StatusCode::OK)
        .content_type("application/json")
        .header("cache-control", "no-store")
        .body(from_graphql_error_to_bytes(not_supported()))
}

fn not_supported() -> GraphQLError {
    GraphQLError::from_message_and_code("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
}
