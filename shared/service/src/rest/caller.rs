use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use kernel::Refusal;

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
