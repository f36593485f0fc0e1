use std::error::Error as _;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, RawPathParams, Request,
        path::ErrorKind,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use kernel::{Refusal, reasons};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Problem,
    problem::WHOLE_BODY,
    reading::{Body, Input, Pairs, unreadable},
    wording::{in_words, reason_of},
};
use crate::graphql::place_of_nul;

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
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = bytes.map_err(|rejection| unread(rejection.status()))?;
        refuse_nul(nul_in_json(&bytes))?;
        let request = Request::from_parts(parts, bytes.clone().into());
        let body = axum::Json::<T>::from_request(request, state).await;
        body.map(|axum::Json(body)| Self(body)).map_err(|rejection| wrong_body::<T>(&rejection, &bytes))
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
        if let Ok(raw) = RawPathParams::from_request_parts(parts, state).await {
            refuse_nul(raw.iter().find(|(_, value)| value.contains('\0')).map(|(name, _)| name.to_owned()))?;
        }
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| wrong_path(&rejection))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let mut named = form_urlencoded::parse(query.as_bytes());
        refuse_nul(named.find(|(_, value)| value.contains('\0')).map(|(name, _)| name.into_owned()))?;
        Ok(Self(Pairs::of(query).read()?))
    }
}

/// PostgreSQL holds this character in no text.
fn refuse_nul(field: Option<String>) -> Result<(), Problem> {
    field.map_or(Ok(()), |field| {
        let refusal = Refusal::bad_input(&field, "must not have the character NUL (U+0000)");
        Err(refusal.because(reasons::FORBIDDEN_CHARACTERS).into())
    })
}

/// The field of a body that has it. In JSON it can only be written as an escape; most bodies have none.
fn nul_in_json(body: &[u8]) -> Option<String> {
    let escape = b"\\u0000";
    body.windows(escape.len()).any(|window| window == escape).then_some(())?;
    let body: async_graphql::Value = serde_json::from_slice(body).ok()?;
    place_of_nul(&body)
}

/// A body that did not arrive.
fn unread(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let refusal = Refusal::new(reasons::BODY_TOO_LARGE, "The body is larger than is read here.");
        return Problem::with_status(status, refusal);
    }
    no_json("must be one value of JSON that arrives whole").into()
}

fn no_json(message: &str) -> Refusal {
    Refusal::bad_input(WHOLE_BODY, message).because(reasons::UNREADABLE_REQUEST)
}

fn wrong_body<T: DeserializeOwned>(rejection: &JsonRejection, body: &[u8]) -> Problem {
    let status = rejection.status();
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        let refusal = Refusal::bad_input("Content-Type", "must be application/json");
        return Problem::with_status(status, refusal.because(reasons::UNSUPPORTED_MEDIA_TYPE));
    }
    let mut cause = rejection.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
            if !error.inner().is_data() {
                let wrong = format!("must be one value of JSON that arrives whole ({})", error.inner());
                return no_json(&wrong).into();
            }
            let first = || unreadable(&error.path().to_string(), &error.inner().to_string());
            let Ok(whole) = serde_json::from_slice(body) else { return first().into() };
            // What the value does not have any more, such as a field that is there twice, is told alone.
            return Body(whole).read::<T>().err().unwrap_or_else(first).into();
        }
        cause = error.source();
    }
    unread(status)
}

fn wrong_path(rejection: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        tracing::error!(%rejection, "a route has no path parameters");
        return Problem::internal();
    };
    let field = match error.kind() {
        // Of our own kinds, which say it themselves.
        ErrorKind::DeserializeError { key, message, .. } => return unread_value(key, message).into(),
        ErrorKind::ParseErrorAtKey { key, .. } | ErrorKind::InvalidUtf8InPathParam { key } => key,
        _ => "path",
    };
    unread_value(field, "is not of the kind that this part of the path must be").into()
}

pub(super) fn unread_value(field: &str, message: &str) -> Refusal {
    Refusal::bad_input(field, in_words(message)).because(reason_of(message))
}
