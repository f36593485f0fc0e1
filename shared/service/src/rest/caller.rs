use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use kernel::Refusal;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::Problem;
use crate::{Caller, TokenVerifier, tokens::bearer};

/// Who is calling; refused when nobody is logged in.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        caller.ok_or_else(|| Refusal::unauthenticated().into())
    }
}

/// Who is calling, if anybody is logged in. With a wrong token nothing is answered.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let Some(token) = bearer(&parts.headers).map(str::to_owned) else { return Ok(None) };
        let Some(tokens) = parts.extensions.get::<TokenVerifier>().cloned() else {
            tracing::error!("REST was not mounted: nothing there verifies tokens");
            return Err(Problem::internal());
        };
        Ok(Some(tokens.verify(&token).await?))
    }
}

/// The header `Idempotency-Key`, 1 to 100 visible characters: the same call with the same key is done
/// once and answered alike, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

const HEADER: &str = "Idempotency-Key";
const LONGEST: usize = 100;

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut sent = parts.headers.get_all(HEADER).iter();
        let key = match (sent.next(), sent.next()) {
            (Some(key), None) => key.to_str().ok(),
            _ => None,
        };
        let visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
        key.filter(|key| (1..=LONGEST).contains(&key.len()))
            .filter(visible)
            .map(|key| Self(key.to_owned()))
            .ok_or_else(|| {
                let must = format!("must be sent once, with 1 to {LONGEST} visible characters of ASCII");
                Refusal::bad_input(HEADER, must).into()
            })
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(LONGEST))
            .pattern(Some("^[!-~]+$"))
            .build();
        let description =
            "A key of the client's making: the same call with the same key is done once and answered alike.";
        vec![
            ParameterBuilder::new()
                .name(HEADER)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(description))
                .schema(Some(schema))
                .build(),
        ]
    }
}
