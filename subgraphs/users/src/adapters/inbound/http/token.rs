use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use service::rest::{Answer, Json, TooManyRequests, Unauthorized};
use utoipa::ToSchema;

use super::{super::browser, objects::AuthPayload};
use crate::domain::{
    Users,
    use_cases::{
        LogIn,
        sign_in::{Arrival, CompleteLogin},
    },
};

/// With what somebody logs in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LoginInput {
    /// The account's address.
    #[schema(format = Email, min_length = 3, max_length = 254, example = "ada@odysseus.test")]
    email: String,
    /// Its password.
    #[schema(format = Password, min_length = 1, max_length = 128, example = "odysseus-demo")]
    password: String,
    /// A refresh token of an earlier session of the account on the same device, where the client has one: it is known by
    /// it, and not slowed down by what others try.
    #[serde(default)]
    #[schema(format = Password)]
    refresh_token: Option<String>,
}

impl From<LoginInput> for LogIn {
    fn from(LoginInput { email, password, refresh_token }: LoginInput) -> Self {
        let (client, device) = (service::request::client(), browser::device());
        Self { email, password, refresh_token, client, device }
    }
}

/// A session, shown by a refresh token of it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SessionInput {
    /// The last refresh token of the session.
    #[schema(format = Password)]
    refresh_token: String,
}

/// Logs somebody in: an access token for an address and its password.
///
/// Where the account has a second factor, the problem has the reason `SECOND_FACTOR_REQUIRED`, and `challenge` and `methods`:
/// `/token/complete` goes on.
/// Whoever sends too many wrong passwords has to wait; elsewhere the owner can log in.
#[utoipa::path(post, path = "/token", operation_id = "createToken", tag = "token",
    extensions(("x-access" = json!({"who": ["PUBLIC"]}))),
    responses((status = 200, description = "Who is logged in, and with what to go on.", body = AuthPayload),
        Unauthorized, TooManyRequests))]
pub(super) async fn log_in(
    State(users): State<Users>,
    Json(input): Json<LoginInput>,
) -> Answer<Json<AuthPayload>> {
    let logged_in = users.log_in(input.into()).await?;
    Ok(Json(AuthPayload::of(&users, logged_in).await?))
}

/// With what somebody completes a login that was asked for a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompleteLoginInput {
    /// The `challenge` of the problem.
    #[schema(format = Password)]
    challenge: String,
    /// The six digits that an app shows, or a recovery code.
    #[schema(format = Password, example = "123456")]
    code: String,
    /// A refresh token of an earlier session of the account on the same device, where the client has one: it is known by
    /// it, and not slowed down by what others try.
    #[serde(default)]
    #[schema(format = Password)]
    refresh_token: Option<String>,
}

/// Completes a login that was refused with the reason `SECOND_FACTOR_REQUIRED`, within ten minutes.
///
/// A code works once. After five wrong ones the login begins anew.
#[utoipa::path(post, path = "/token/complete", operation_id = "completeToken", tag = "token",
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "Who is logged in, and with what to go on.", body = AuthPayload),
        Unauthorized, TooManyRequests))]
pub(super) async fn complete_login(
    State(users): State<Users>,
    Json(input): Json<CompleteLoginInput>,
) -> Answer<Json<AuthPayload>> {
    let CompleteLoginInput { challenge, code, refresh_token } = input;
    let arrival = Arrival { client: service::request::client(), device: browser::device() };
    let ask = CompleteLogin { challenge, code, refresh_token, arrival };
    let logged_in = users.complete_login(ask).await?;
    Ok(Json(AuthPayload::of(&users, logged_in).await?))
}

/// Changes a refresh token for a new one and a new access token.
///
/// Shown again within ten seconds, it gets the same new one; shown again later, it ends its whole session.
#[utoipa::path(post, path = "/token/refresh", operation_id = "refreshToken", tag = "token",
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "Who is logged in, and with what to go on.", body = AuthPayload),
        Unauthorized))]
pub(super) async fn refresh_session(
    State(users): State<Users>,
    Json(input): Json<SessionInput>,
) -> Answer<Json<AuthPayload>> {
    let logged_in = users.refresh_session(&input.refresh_token).await?;
    Ok(Json(AuthPayload::of(&users, logged_in).await?))
}

/// Logs somebody out: the session's refresh token gets nothing any more, and its access token is refused.
///
/// The answer is the same when the session had ended before, and when there is none.
#[utoipa::path(post, path = "/token/revoke", operation_id = "revokeToken", tag = "token",
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 204, description = "The session is ended.")))]
pub(super) async fn log_out(
    State(users): State<Users>,
    Json(input): Json<SessionInput>,
) -> Answer<StatusCode> {
    users.log_out(&input.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
