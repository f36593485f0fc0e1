use std::sync::{Arc, OnceLock};

use async_graphql::{
    ErrorExtensionValues, Name, Pos, Response, ServerError, ServerResult, Value, Variables,
    extensions::ExtensionContext,
    parser::{parse_query, types::ExecutableDocument},
    registry::Registry,
    value,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use kernel::{Error, ErrorCode, InputProblem, Problems, Reason, Refusal, reasons};

use super::{
    entities,
    nul::refuse_nul,
    places::Asked,
    socket_token::{TokenEnd, WrongToken, refused},
    unreadable::{Numbers, unreadable},
};
use crate::faults;

/// The error as clients see it. A refusal keeps its message, code, reason and details, and names all that is wrong with the
/// input; a fault is logged with its cause and answered with `INTERNAL`, or `SERVICE_UNAVAILABLE` when it passes.
pub fn into_graph(error: Error) -> async_graphql::Error {
    let refusal = faults::told(error);
    let mut extensions = ErrorExtensionValues::default();
    told(&mut extensions, &refusal);
    async_graphql::Error { message: refusal.message, source: None, extensions: Some(extensions) }
}

/// Of the input, `path` and `problems` have what the domain knows; which argument it came by is told by [`Coded`].
fn told(extensions: &mut ErrorExtensionValues, refusal: &Refusal) {
    extensions.set("code", refusal.code.as_str());
    extensions.set("reason", refusal.reason.as_ref());
    for (key, value) in &refusal.details {
        extensions.set(key, Value::from_json(value.clone()).unwrap_or_default());
    }
    if let Some(path) = refusal.path() {
        extensions.set("path", path);
    }
    if !refusal.problems.is_empty() {
        extensions.set("problems", refusal.problems.iter().map(problem).collect::<Vec<_>>());
    }
}

fn problem(problem: &InputProblem) -> Value {
    value!({ "path": problem.path(), "message": problem.message.clone(), "reason": problem.reason.as_ref() })
}

/// The refusal of an operation as a whole: its `field` is no part of an input.
pub(super) fn of_the_operation(refusal: Refusal) -> ServerError {
    let mut error = into_graph(refusal.into()).into_server_error(Pos::default());
    let extensions = error.extensions.get_or_insert_default();
    extensions.unset("path");
    extensions.unset("problems");
    error
}

/// `?` for results of use cases in resolvers.
pub trait IntoGraph<T> {
    /// The same, with its error as clients see it.
    fn graph(self) -> async_graphql::Result<T>;
}

impl<T, E: Into<Error>> IntoGraph<T> for Result<T, E> {
    fn graph(self) -> async_graphql::Result<T> {
        self.map_err(|error| into_graph(error.into()))
    }
}

/// Gives every error of one operation a code of the closed list, a reason and its place in the input: what async-graphql
/// itself refuses (syntax, unknown fields, values of a wrong type, limits) is bad input.
#[derive(Clone, Default)]
pub(super) struct Coded {
    operation: Arc<OnceLock<Operation>>,
}

/// What was asked. It is looked into only when something was refused.
struct Operation {
    query: String,
    variables: Variables,
}

impl Coded {
    /// The answers of a subscription, with codes, for as long as the token lasts with which it was begun.
    pub(super) fn stream<'s>(
        &self,
        context: &ExtensionContext<'_>,
        answers: impl FnOnce() -> BoxStream<'s, Response>,
    ) -> BoxStream<'s, Response> {
        if let Some(WrongToken(refusal)) = context.data_opt() {
            let refused = refused(refusal.clone());
            return stream::once(async { refused }).boxed();
        }
        let coded = self.clone();
        let schema = context.schema_env.clone();
        let stream = answers().map(move |response| coded.with_codes(&schema.registry, response)).boxed();
        match context.data_opt::<TokenEnd>() {
            Some(end) => end.ends(stream),
            None => stream,
        }
    }

    /// The document was read. Refuses what no text may hold.
    pub(super) fn parsed(
        &self,
        query: &str,
        document: &ExecutableDocument,
        variables: &Variables,
    ) -> ServerResult<()> {
        refuse_nul(document, variables)?;
        self.operation.get_or_init(|| Operation { query: query.to_owned(), variables: variables.clone() });
        Ok(())
    }

    /// The response, each of whose errors has a code, a reason and, where it has one, a place in the input.
    pub(super) fn with_codes(&self, registry: &Registry, mut response: Response) -> Response {
        response.errors.iter_mut().for_each(|error| self.with_code(registry, error));
        if !response.errors.is_empty() {
            entities::place(&mut response);
        }
        response
    }

    fn with_code(&self, registry: &Registry, error: &mut ServerError) {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", ErrorCode::BadUserInput.as_str());
            if let Some(message) = limit(&error.message) {
                extensions.set("field", "query");
                extensions.set("reason", reasons::OPERATION_TOO_LARGE.name());
                message.clone_into(&mut error.message);
                return;
            }
            extensions.set("reason", of_no_value(error.path.is_empty()).name());
            // What a message is about stands in quotes.
            if let Some(named) = error.message.split('"').nth(1) {
                extensions.set("field", named);
            }
            if is_about_a_value(&error.message) {
                self.name_what_is_unreadable(registry, error);
            }
        } else if extensions.get("path").is_some() && !error.path.is_empty() {
            self.name_the_argument(registry, error);
        }
    }

    /// async-graphql tells the first value that it cannot read, and of it no more than the type.
    fn name_what_is_unreadable(&self, registry: &Registry, error: &mut ServerError) {
        let operation = self.operation.get().and_then(|operation| Some((operation, operation.document()?)));
        let unreadable = operation.and_then(|(operation, document)| {
            let fields = if error.path.is_empty() {
                Asked::everywhere(registry, &document)
            } else {
                Asked::at(registry, &document, &error.path).into_iter().collect()
            };
            fields.into_iter().find_map(|asked| {
                let refusal = operation.unreadable(registry, asked, &error.message)?;
                let mut extensions = error.extensions.clone().unwrap_or_default();
                told(&mut extensions, &refusal);
                with_ways(&mut extensions, |part| asked.way_to(registry, part));
                Some((refusal.message, extensions))
            })
        });
        if let Some((message, extensions)) = unreadable {
            (error.message, error.extensions) = (message, Some(extensions));
        } else if let Some(end) = error.message.find(" (occurred while parsing ") {
            error.message.truncate(end);
        }
    }

    /// The domain calls a part of an input by its own name; a client knows by which argument it came.
    fn name_the_argument(&self, registry: &Registry, error: &mut ServerError) {
        let Some(document) = self.operation.get().and_then(Operation::document) else { return };
        let Some(asked) = Asked::at(registry, &document, &error.path) else { return };
        with_ways(error.extensions.get_or_insert_default(), |part| asked.way_to(registry, part));
    }
}

impl Operation {
    /// It was read once before.
    fn document(&self) -> Option<ExecutableDocument> {
        parse_query(&self.query).ok()
    }

    /// What of a field's arguments cannot be read.
    fn unreadable(&self, registry: &Registry, asked: Asked<'_>, message: &str) -> Option<Refusal> {
        let search = |numbers| {
            let mut found = Problems::default();
            for (name, ty, value) in asked.arguments(&self.variables) {
                unreadable(registry, numbers, (name, ty), &value, &mut found);
            }
            found.refuse().err()
        };
        // The schema does not say which numbers must not be negative; that this is what is wrong is all that is left then.
        let natural = || message.contains("\"Int\"").then(|| search(Numbers::Natural)).flatten();
        search(Numbers::Whole).or_else(natural)
    }
}

/// Puts the argument's name before the place in it. What is no part of the input has no place in it.
fn with_ways(extensions: &mut ErrorExtensionValues, way: impl Fn(&[String]) -> Option<Vec<String>>) {
    let whole = |path: &Value| -> Option<Vec<String>> {
        let Value::List(steps) = path else { return None };
        let step = |step: &Value| match step {
            Value::String(step) => Some(step.clone()),
            _ => None,
        };
        way(&steps.iter().map(step).collect::<Option<Vec<_>>>()?)
    };
    match extensions.get("path").and_then(whole) {
        Some(path) => extensions.set("path", path),
        None => extensions.unset("path"),
    }
    let Some(Value::List(problems)) = extensions.get("problems").cloned() else { return };
    let problems = problems.into_iter().map(|problem| match problem {
        Value::Object(mut problem) => {
            let path = problem.get("path").and_then(whole).unwrap_or_default();
            problem.insert(Name::new("path"), path.into());
            Value::Object(problem)
        }
        other => other,
    });
    extensions.set("problems", problems.collect::<Vec<_>>());
}

/// Why async-graphql refuses something for which no value is to blame: what was asked is no operation of this schema, or a
/// field of it cannot be answered as asked.
fn of_no_value(before_execution: bool) -> Reason {
    if before_execution { reasons::UNREADABLE_REQUEST } else { reasons::INVALID }
}

/// As async-graphql words what is wrong with a value.
fn is_about_a_value(message: &str) -> bool {
    ["Failed to parse \"", "Expected input type \"", "Invalid value for argument \""]
        .iter()
        .any(|start| message.starts_with(start))
}

/// What to do when async-graphql refuses an operation for its size.
fn limit(message: &str) -> Option<&'static str> {
    match message {
        "Query is too complex." => {
            Some("This operation asks one service for too much at once. Take fewer fields, or shorter pages.")
        }
        "Query is nested too deep." => {
            Some("This operation is nested too deeply. Ask for less at once, or in two operations.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
