use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use async_graphql::{
    ErrorExtensionValues, Response, ServerError, ServerResult, Value, Variables,
    extensions::ExtensionContext, parser::types::ExecutableDocument, registry::Registry,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use kernel::{Error, ErrorCode, Refusal};

use super::{
    nul::refuse_nul,
    socket_token::{TokenEnd, WrongToken, refused},
    unreadable::unreadable,
};

/// The error as clients see it. A refusal keeps its message, code and details; a fault is logged with
/// its cause and answered with `INTERNAL`, or `SERVICE_UNAVAILABLE` when it passes.
pub fn into_graph(error: Error) -> async_graphql::Error {
    let (code, message, details) = match error {
        Error::Refused(refusal) => (refusal.code, refusal.message, refusal.details),
        Error::Broken(fault) if fault.passing => {
            tracing::warn!(error = fault.chain(), "a passing fault");
            let message = "This part of the system is not available just now. Try again in a moment.";
            let refusal = Refusal::unavailable(message).with("retryAfterSeconds", 1);
            (refusal.code, refusal.message, refusal.details)
        }
        Error::Broken(fault) => {
            tracing::error!(error = fault.chain(), "a fault");
            let message = "Something went wrong on our side. It has been noted; try again later.";
            (ErrorCode::Internal, message.to_owned(), BTreeMap::default())
        }
    };
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    for (key, value) in details {
        extensions.set(key, Value::from_json(value).unwrap_or_default());
    }
    async_graphql::Error { message, source: None, extensions: Some(extensions) }
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

/// Gives every error of one operation a code of the closed list: what async-graphql itself refuses (syntax, unknown
/// fields, values of a wrong type, limits) is bad input. Some of its arguments may be unreadable.
#[derive(Clone, Default)]
pub(super) struct Coded {
    unreadable: Arc<OnceLock<Vec<(&'static str, String)>>>,
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
        let stream = answers().map(move |response| coded.with_codes(response)).boxed();
        match context.data_opt::<TokenEnd>() {
            Some(end) => end.ends(stream),
            None => stream,
        }
    }

    /// The document was read. Refuses what no text may hold.
    pub(super) fn parsed(
        &self,
        registry: &Registry,
        document: &ExecutableDocument,
        variables: &Variables,
    ) -> ServerResult<()> {
        refuse_nul(document, variables)?;
        self.unreadable.get_or_init(|| unreadable(registry, document, variables));
        Ok(())
    }
}

impl Coded {
    /// The response, each of whose errors has a code.
    pub(super) fn with_codes(&self, mut response: Response) -> Response {
        response.errors.iter_mut().for_each(|error| self.with_code(error));
        response
    }

    fn with_code(&self, error: &mut ServerError) {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", ErrorCode::BadUserInput.as_str());
            if let Some(message) = limit(&error.message) {
                extensions.set("field", "query");
                message.clone_into(&mut error.message);
                return;
            }
            // The message of a rejected value names its field first, or the type it cannot be read as.
            if let Some(named) = error.message.split('"').nth(1) {
                let unreadable = self.unreadable.get().into_iter().flatten();
                let field = unreadable.filter(|(ty, _)| *ty == named).map(|(_, path)| path.as_str()).next();
                extensions.set("field", field.unwrap_or(named));
                if let Some((field, right)) = field.zip(right(named)) {
                    error.message = format!("{field}: must be {right}");
                }
            }
        }
    }
}

/// What a value of this scalar has to look like, for those that cannot say it themselves.
fn right(scalar: &str) -> Option<&'static str> {
    Some(match scalar {
        "Int" => "a whole number between -2147483648 and 2147483647",
        "DateTime" => "an instant by RFC 3339, such as 2027-03-14T19:30:00Z",
        "Decimal" => "a number as text, such as \"49.50\", in quotes and with at most 40 characters",
        "CurrencyCode" => "a currency of ISO 4217 as text, such as \"EUR\"",
        _ => return None,
    })
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
