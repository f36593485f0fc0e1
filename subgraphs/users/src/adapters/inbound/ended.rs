//! Access tokens of sessions that have ended, of which this service knows before all others.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};
use service::{Foundation, TokenVerifier};

use crate::domain::Users;

/// What it takes to look whether a session has ended.
#[derive(Clone)]
pub(crate) struct Sessions {
    users: Users,
    tokens: TokenVerifier,
}

impl Sessions {
    pub(crate) fn new(users: Users, foundation: &Foundation) -> Self {
        Self { users, tokens: foundation.tokens.clone() }
    }

    async fn has_ended(&self, token: &str) -> bool {
        let Ok(caller) = self.tokens.verify(token).await else { return false };
        match self.users.session_has_ended(caller.session).await {
            Ok(ended) => ended,
            Err(fault) => {
                tracing::warn!(error = fault.chain(), "whether a session has ended cannot be looked up");
                false
            }
        }
    }
}

/// Takes the token of a session that has ended for one that is not valid.
pub(crate) async fn refuse(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let said = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = said.and_then(|said| said.split_once(' ')).map(|(_, token)| token.trim().to_owned());
    if let Some(token) = token
        && sessions.has_ended(&token).await
    {
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer of-an-ended-session"));
    }
    next.run(request).await
}
