//! The header `Idempotency-Key`: kept by the operations whose documents say so, refused by all others. Whoever sends it
//! counts on it, so that it is never passed over in silence.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::Refusal;
use serde_json::Value;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::Problem;

const HEADER: &str = "Idempotency-Key";
const LONGEST: usize = 100;

/// The header `Idempotency-Key`, 1 to 100 visible characters: the same call with the same key is done
/// once and answered alike, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

/// The same header where a field of the body says the same, so that either may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionalIdempotencyKey(pub Option<String>);

impl OptionalIdempotencyKey {
    /// What was said in the header or in `field`; where both were sent they must be the same.
    pub fn or_said_in(self, field: &str, said: Option<String>) -> Result<Option<String>, Refusal> {
        let said = said.filter(|said| !said.trim().is_empty());
        match (self.0, said) {
            (Some(key), Some(said)) if key != said.trim() => {
                Err(Refusal::bad_input(HEADER, format!("must be the same as {field} where both are sent"))
                    .because(kernel::reasons::INCONSISTENT))
            }
            (key, said) => Ok(said.or(key)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OptionalIdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(HEADER) {
            return Ok(Self(None));
        }
        read(parts).map(|key| Self(Some(key.0)))
    }
}

fn read(parts: &Parts) -> Result<IdempotencyKey, Problem> {
    let mut sent = parts.headers.get_all(HEADER).iter();
    let key = match (sent.next(), sent.next()) {
        (Some(key), None) => key.to_str().ok(),
        _ => None,
    };
    let visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
    key.filter(|key| (1..=LONGEST).contains(&key.len()))
        .filter(visible)
        .map(|key| IdempotencyKey(key.to_owned()))
        .ok_or_else(|| {
            let must = format!("must be sent once, with 1 to {LONGEST} visible characters of ASCII");
            Refusal::bad_input(HEADER, must).because(kernel::reasons::MALFORMED).into()
        })
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(
            Required::True,
            "A key of the client's making: the same call with the same key is done once and answered alike.",
        )]
    }
}

impl IntoParams for OptionalIdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(
            Required::False,
            "A key of the client's making, for clients that send keys as a header: the same as the body's field.",
        )]
    }
}

fn parameter(required: Required, description: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(LONGEST))
        .pattern(Some("^[!-~]+$"))
        .build();
    ParameterBuilder::new()
        .name(HEADER)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// The operations of a document that change something and do not keep the header.
#[derive(Clone, Debug)]
pub(super) struct Keyless(Arc<BTreeSet<String>>);

impl Keyless {
    pub(super) fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
        });
        let keyless = operations
            .filter(|(_, method, _)| matches!(method.as_str(), "post" | "put" | "patch" | "delete"))
            .filter(|(.., operation)| {
                let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
                !parameters.iter().any(|parameter| parameter["name"] == HEADER)
            })
            .map(|(path, method, _)| format!("{} {path}", method.to_uppercase()));
        Self(Arc::new(keyless.collect()))
    }
}

/// Refuses a key that the operation would not keep.
pub(super) async fn kept_or_refused(
    State(keyless): State<Keyless>,
    request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(HEADER)
        && let Some(route) = request.extensions().get::<MatchedPath>()
        && keyless.0.contains(&format!("{} {}", request.method(), route.as_str()))
    {
        let refusal = Refusal::bad_input(HEADER, "is not kept by this operation; send it without")
            .because(kernel::reasons::NO_IDEMPOTENCY_HERE);
        return Problem::from(refusal).into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_field_that_says_the_same_are_one() {
        let key = |key: &str| OptionalIdempotencyKey(Some(key.to_owned()));
        let said = |said: &str| Some(said.to_owned());
        assert_eq!(key("a").or_said_in("nonce", None).unwrap(), said("a"));
        assert_eq!(key("a").or_said_in("nonce", said(" ")).unwrap(), said("a"));
        assert_eq!(key("a").or_said_in("nonce", said("a")).unwrap(), said("a"));
        assert_eq!(OptionalIdempotencyKey(None).or_said_in("nonce", said("b c")).unwrap(), said("b c"));
        assert_eq!(OptionalIdempotencyKey(None).or_said_in("nonce", None).unwrap(), None);
        assert!(key("a").or_said_in("nonce", said("b")).is_err());
    }
}
