use axum::extract::State;
use kernel::Refusal;
use service::{
    Caller,
    rest::{Answer, Json},
};

use super::objects::User;
use crate::domain::Users;

/// Who is logged in.
#[utoipa::path(get, path = "/me", operation_id = "getMe", tag = "me", security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "Who is logged in.", body = User)))]
pub(super) async fn me(State(users): State<Users>, caller: Caller) -> Answer<Json<User>> {
    // The token may outlive the account.
    let me = users.person(caller.user.into(), caller.user).await?.ok_or_else(Refusal::unauthenticated)?;
    Ok(Json(User::own(&users, me.profile).await?))
}
