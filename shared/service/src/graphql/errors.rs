use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{
    ErrorExtensionValues, Response, ServerError, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextRequest, NextSubscribe},
};
use futures::{StreamExt, stream::BoxStream};
use kernel::{Error, ErrorCode};

/// The error as clients see it. A refusal keeps its message, code and details; a fault is logged with
/// its cause and answered with `INTERNAL`, or `SERVICE_UNAVAILABLE` when it passes.
pub fn into_graph(error: Error) -> async_graphql::Error {
    let (code, message, details) = match error {
        Error::Refused(refusal) => (refusal.code, refusal.message, refusal.details),
        Error::Broken(fault) if fault.passing => {
            tracing::warn!(error = fault.chain(), "a passing fault");
            let message = "This part of the system is not available just now. Try again in a moment.";
            (ErrorCode::ServiceUnavailable, message.to_owned(), BTreeMap::default())
        }
        Error::Broken(fault) => {
            tracing::error!(error = fault.chain(), "a fault");
            let message = "Something went wrong on our side. It has been noted; try again later.";
            (ErrorCode::Internal, message.to_owned(), BTreeMap::default())
        }
    };
    metrics::counter!("graphql_errors_total", "code" => code.as_str()).increment(1);
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

/// Gives every error a code of the closed list: what async-graphql itself refuses (syntax, unknown
/// fields, values of a wrong type, limits) is bad input.
#[derive(Clone, Copy, Debug)]
pub struct KnownCodes;

impl ExtensionFactory for KnownCodes {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for KnownCodes {
    async fn request(&self, context: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        with_codes(next.run(context).await)
    }

    fn subscribe<'s>(
        &self,
        context: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        next.run(context, stream).map(with_codes).boxed()
    }
}

fn with_codes(mut response: Response) -> Response {
    response.errors.iter_mut().for_each(with_code);
    response
}

fn with_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", ErrorCode::BadUserInput.as_str());
        // The message of a rejected value ends with what is right; its path is the field.
        if let Some(field) = error.message.split('"').nth(1) {
            extensions.set("field", field);
        }
    }
}
