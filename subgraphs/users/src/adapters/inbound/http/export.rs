use axum::{Extension, extract::State};
use kernel::{Refusal, rfc3339};
use serde_json::json;
use service::{
    Caller,
    rest::{Answer, ExportAsk, ExportPage, Exports, Query},
};

use super::objects::User;
use crate::domain::{
    Users,
    entities::{
        Device,
        sign_in::{ForeignAccount, SecondFactor},
    },
    ports::SessionView,
};

/// What is exported, in this order.
pub(super) const KINDS: [&str; 4] = ["account", "sessions", "secondFactors", "foreignAccounts"];

/// All that is kept here about the caller, apart from secrets: the account with its memberships, and by what one signs in. Other
/// services export what they keep, in the same way.
#[utoipa::path(get, path = "/me/export", operation_id = "exportAccount", tag = "me", params(ExportAsk),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "A page of it.", body = ExportPage)))]
pub(super) async fn export(
    State(users): State<Users>,
    Extension(exports): Extension<Exports>,
    caller: Caller,
    Query(ask): Query<ExportAsk>,
) -> Answer<ExportPage> {
    let (kind, _) = exports.asked(caller.user, &ask)?;
    let who = [caller.user];
    let records = match kind {
        "sessions" => {
            let mut sessions = users.reads.sessions(&who, users.clock.now()).await?;
            let record = |session: SessionView| {
                json!({
                    "id": session.id.public().to_string(),
                    "createdAt": rfc3339(session.created_at),
                    "lastSeenAt": rfc3339(session.last_seen_at),
                    "device": session.device.as_ref().map(Device::as_str),
                })
            };
            sessions.remove(&caller.user).unwrap_or_default().into_iter().map(record).collect()
        }
        "secondFactors" => {
            let mut factors = users.reads.second_factors(&who).await?;
            let record = |factor: SecondFactor| {
                json!({
                    "id": factor.id.public().to_string(),
                    "kind": factor.kind().as_str(),
                    "name": factor.name,
                    "createdAt": rfc3339(factor.created_at),
                })
            };
            factors.remove(&caller.user).unwrap_or_default().into_iter().map(record).collect()
        }
        "foreignAccounts" => {
            let mut foreign = users.reads.foreign_accounts(&who).await?;
            let record = |account: ForeignAccount| {
                json!({
                    "id": account.id.public().to_string(),
                    "issuer": account.issuer,
                    "subject": account.subject,
                    "linkedAt": rfc3339(account.linked_at),
                })
            };
            foreign.remove(&caller.user).unwrap_or_default().into_iter().map(record).collect()
        }
        _ => {
            // The token may outlive the account.
            let me = users.person(caller.user.into(), caller.user).await?;
            let me = User::own(&users, me.ok_or_else(Refusal::unauthenticated)?.profile).await?;
            vec![json!(me)]
        }
    };
    Ok(exports.all(kind, records))
}
