//! Turns every error into one of the API's closed list of codes, with a reason, and at its place in the answer.

use hive_router::{
    GraphQLError, config::HiveRouterConfig, executor::response::graphql_error::GraphQLErrorExtensions,
    http::StatusCode, sonic_rs::json,
};
use kernel::{ErrorCode, Reason, Refusal, reasons};

use crate::places;

const UNAVAILABLE: &str = "A part of Odysseus does not answer just now. Try again in a few seconds; a live stream has to be subscribed to again.";
const OVERDUE: &str = "This took longer than a request may take. It may still be carried out: look at the current state, then try again.";
const INTERNAL: &str =
    "Something went wrong on our side. It has been logged; try again, and tell us if it stays.";

/// Words errors for clients; knows the limits of router.yaml, to name them.
pub(crate) struct Wording {
    depth: usize,
    tokens: usize,
    aliases: usize,
    directives: usize,
    body: String,
    clients: usize,
}

impl Wording {
    pub(crate) fn new(config: &HiveRouterConfig) -> Self {
        let limits = &config.limits;
        Self {
            depth: limits.max_depth.as_ref().map_or(0, |limit| limit.n),
            tokens: limits.max_tokens.as_ref().map_or(0, |limit| limit.n),
            aliases: limits.max_aliases.as_ref().map_or(0, |limit| limit.n),
            directives: limits.max_directives.as_ref().map_or(0, |limit| limit.n),
            body: limits.max_request_body_size.to_string(),
            clients: config.traffic_shaping.router.max_long_lived_clients,
        }
    }

    /// The error as a client may see it. A subgraph's own passes unchanged, except that nobody is told which subgraph.
    pub(crate) fn public(&self, error: GraphQLError, status: StatusCode) -> GraphQLError {
        self.worded(error, status, false)
    }

    /// The same for one that came with a subscription's result: whatever the client could have got wrong was refused
    /// before, so that it is the subgraph's even where it does not say so.
    pub(crate) fn within_stream(&self, error: GraphQLError) -> GraphQLError {
        self.worded(error, StatusCode::OK, true)
    }

    fn worded(&self, mut error: GraphQLError, status: StatusCode, within_stream: bool) -> GraphQLError {
        let code = error.extensions.code.clone().unwrap_or_default();
        let service = error.extensions.service_name.take();
        let affected = error.extensions.affected_path.take();
        if service.is_some() {
            // They are places in the document that the router made for the subgraph.
            error.locations = None;
        }
        error.path = places::of_the_client(error.path.take(), affected.as_deref());
        if service.is_none()
            && !within_stream
            && let Some((ty, _)) = error.message.split_once(" cannot represent ")
        {
            // What follows is the value as Rust would write it.
            error.message = format!("A variable's value cannot be read as {ty}.");
        }
        if is_public(&code) {
            if code == "BAD_USER_INPUT"
                && service.is_none()
                && !within_stream
                && error.extensions.get("field").is_none()
            {
                error.extensions.set("field".into(), json!("variables"));
            }
            if error.extensions.get("reason").is_none() && service.is_none() && !within_stream {
                error.extensions.set("reason".into(), json!(reasons::MALFORMED.name()));
            }
            return error;
        }
        let verdict = self.verdict(&error.message, &code, service.is_some() || within_stream, status);
        let reason = verdict.reason;
        if reason.code() == ErrorCode::BadUserInput {
            tracing::debug!(code, message = error.message, "operation refused");
        } else {
            tracing::warn!(code, service, affected, message = error.message, "answered as {}", reason.code());
        }
        error.extensions = extensions(reason);
        if let Some(field) = verdict.field {
            error.extensions.set("field".into(), json!(field));
        }
        error.message = verdict.message.unwrap_or(error.message);
        error
    }

    /// One WebSocket or event stream more than there may be.
    pub(crate) fn too_many_clients(&self) -> GraphQLError {
        let message = format!(
            "Too many clients are following live: at most {} can (limit max_long_lived_clients). Try again in a few \
             seconds.",
            self.clients
        );
        refused(reasons::OVERLOADED, message)
    }

    /// The router has not read its supergraph yet.
    pub(crate) fn starting() -> GraphQLError {
        let message = "The router is starting. Try again in a few seconds.";
        refused(reasons::TEMPORARILY_DOWN, message)
    }

    /// JSON with more levels than anything of the API has.
    pub(crate) fn nested_too_deeply() -> GraphQLError {
        let message = "The variables are nested too deeply. No input of this API has that many levels.";
        let mut refusal = refused(reasons::OPERATION_TOO_LARGE, message);
        refusal.extensions.set("field".into(), json!("variables"));
        refusal
    }

    fn too_deep(&self) -> Verdict {
        Verdict::too_large(format!(
            "This operation is nested too deeply: at most {} levels are allowed (limit max_depth). Ask for less at \
             once, or in two operations.",
            self.depth
        ))
    }

    fn verdict(&self, message: &str, code: &str, from_subgraph: bool, status: StatusCode) -> Verdict {
        match code {
            "MAX_DEPTH_EXCEEDED" => self.too_deep(),
            // The parser's own limit, far above ours.
            "GRAPHQL_PARSE_FAILED" if message.contains("Recursion limit exceeded") => self.too_deep(),
            "TOKEN_LIMIT_EXCEEDED" => Verdict::too_large(format!(
                "This document is too long: at most {} tokens are allowed (limit max_tokens). Put values into \
                 variables, or split it into several operations.",
                self.tokens
            )),
            "MAX_ALIASES_EXCEEDED" => Verdict::too_large(format!(
                "This operation has too many aliases: at most {} are allowed (limit max_aliases). Split it into several \
                 operations.",
                self.aliases
            )),
            "MAX_DIRECTIVES_EXCEEDED" => Verdict::too_large(format!(
                "This operation has too many directives: at most {} are allowed (limit max_directives). Leave out those \
                 that are not needed.",
                self.directives
            )),
            "PAYLOAD_TOO_LARGE_CONTENT_LENGTH" | "PAYLOAD_TOO_LARGE_BODY_STREAM" => Verdict::bad_input(
                reasons::BODY_TOO_LARGE,
                "body",
                Some(format!(
                    "This request is too large: at most {} are allowed (limit max_request_body_size). Send less at once.",
                    self.body
                )),
            ),
            "REQUEST_HEADER_FIELDS_TOO_LARGE" => Verdict::bad_input(
                reasons::OPERATION_TOO_LARGE,
                "headers",
                Some("The headers of this request are too large (limit max_request_header_size). Send fewer or shorter ones.".into()),
            ),
            "GATEWAY_TIMEOUT" => Verdict::of(reasons::TOOK_TOO_LONG, OVERDUE),
            "SUBSCRIPTION_SCHEMA_RELOAD" => Verdict::of(reasons::TEMPORARILY_DOWN, UNAVAILABLE),
            _ if code.starts_with("SUBGRAPH_") || code.starts_with("SUBREQUEST_") => {
                Verdict::of(reasons::TEMPORARILY_DOWN, UNAVAILABLE)
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => Verdict::of(reasons::TEMPORARILY_DOWN, UNAVAILABLE),
            _ if status == StatusCode::UNAUTHORIZED || code.starts_with("UNAUTHORIZED_") => {
                Verdict::of(reasons::LOGIN_REQUIRED, "Log in to do this, and send the access token as a bearer token.")
            }
            // What hive calls all its own faults; the cause is in the log.
            _ if from_subgraph || message == "Internal server error" => Verdict::of(reasons::FAULT, INTERNAL),
            "BAD_REQUEST" => Verdict::bad_input(
                reasons::UNREADABLE_REQUEST,
                "body",
                Some("The body is not a GraphQL request. Send JSON: {\"query\": \"…\", \"variables\": {…}}.".into()),
            ),
            // Whatever else is refused is refused because of what the client sent, and hive's message says why.
            _ => Verdict::bad_input(reasons::UNREADABLE_REQUEST, "query", None),
        }
    }
}

/// A refusal of the router's own.
pub(crate) fn refused(reason: Reason, message: impl Into<String>) -> GraphQLError {
    GraphQLError::from_message_and_extensions(message, extensions(reason))
}

/// The refusal of what a client sent, as services tell it.
pub(crate) fn of_an_input(refusal: &Refusal) -> GraphQLError {
    let mut extensions = GraphQLErrorExtensions::new_from_code(refusal.code.as_str());
    extensions.set("reason".into(), json!(refusal.reason));
    for (key, value) in &refusal.details {
        extensions.set(key.to_string(), json!(value));
    }
    extensions.set("path".into(), json!(refusal.path()));
    let problems = refusal.problems.iter().map(
        |problem| json!({ "path": problem.path(), "message": problem.message, "reason": problem.reason }),
    );
    extensions.set("problems".into(), json!(problems.collect::<Vec<_>>()));
    GraphQLError::from_message_and_extensions(refusal.message.clone(), extensions)
}

fn extensions(reason: Reason) -> GraphQLErrorExtensions {
    let mut extensions = GraphQLErrorExtensions::new_from_code(reason.code().as_str());
    extensions.set("reason".into(), json!(reason.name()));
    extensions
}

fn is_public(code: &str) -> bool {
    ErrorCode::ALL.iter().any(|known| known.as_str() == code)
}

struct Verdict {
    reason: Reason,
    field: Option<&'static str>,
    /// The error's own, when there is none here.
    message: Option<String>,
}

impl Verdict {
    fn of(reason: Reason, message: &str) -> Self {
        Self { reason, field: None, message: Some(message.to_owned()) }
    }

    fn bad_input(reason: Reason, field: &'static str, message: Option<String>) -> Self {
        Self { reason, field: Some(field), message }
    }

    fn too_large(message: String) -> Self {
        Self::bad_input(reasons::OPERATION_TOO_LARGE, "query", Some(message))
    }
}
