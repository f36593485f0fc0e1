use std::error::Error as _;

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        path::ErrorKind,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use kernel::{ErrorCode, Refusal};
use serde::{Serialize, de::DeserializeOwned};

use super::Problem;

/// A body in JSON, asked for or answered.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The parameters of the path, as a struct.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The parameters of the query, as a struct. A list's parameter is repeated: `tags=jazz&tags=live`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = axum::Json::<T>::from_request(request, state).await;
        body.map(|axum::Json(body)| Self(body)).map_err(|rejection| wrong_body(&rejection))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| wrong_path(&rejection))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_html_form::Deserializer::from_bytes(query.as_bytes());
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|error| unreadable(&error.path().to_string(), &error.inner().to_string()).into())
    }
}

fn wrong_body(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        let refusal = Refusal::bad_input("Content-Type", "must be application/json");
        return Problem::with_status(status, refusal);
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let refusal = Refusal::new(ErrorCode::BadUserInput, "The body is larger than is read here.");
        return Problem::with_status(status, refusal);
    }
    let mut cause = rejection.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
            return unreadable(&error.path().to_string(), &error.inner().to_string()).into();
        }
        cause = error.source();
    }
    Refusal::bad_input("body", "must be one value of JSON that arrives whole").into()
}

fn wrong_path(rejection: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        tracing::error!(%rejection, "a route has no path parameters");
        return Problem::internal();
    };
    let field = match error.kind() {
        ErrorKind::ParseErrorAtKey { key, .. }
        | ErrorKind::DeserializeError { key, .. }
        | ErrorKind::InvalidUtf8InPathParam { key } => key,
        _ => "path",
    };
    Refusal::bad_input(field, "is not of the kind that this part of the path must be").into()
}

/// The refusal of a value that cannot be read, by its path and serde's message.
fn unreadable(path: &str, message: &str) -> Refusal {
    let message = message.split(" at line ").next().unwrap_or(message);
    // What is missing or unknown is named by the message, in back quotes, and the path is its parent's.
    let named = ["missing field `", "unknown field `", "duplicate field `"];
    let name = named.iter().find_map(|start| message.strip_prefix(start)?.split('`').next());
    // A question mark stands for what was not read so far.
    let parent = path.trim_end_matches('?').trim_end_matches('.');
    let field = match name {
        Some(name) if parent.is_empty() || parent.split('.').next_back() == Some(name) => {
            if parent.is_empty() { name.to_owned() } else { parent.to_owned() }
        }
        Some(name) => format!("{parent}.{name}"),
        None if parent.is_empty() => "body".to_owned(),
        None => parent.to_owned(),
    };
    Refusal::bad_input(&field, message)
}
