use axum::{Extension, extract::State};
use kernel::rfc3339;
use serde_json::json;
use service::{
    Caller,
    rest::{Answer, ExportAsk, ExportPage, Exports, Query},
};

use crate::{
    Notifications,
    domain::{
        entities::{Channel, Kind},
        ports::{Filter, NotificationView},
    },
};

/// What is exported, in this order.
pub(super) const KINDS: [&str; 2] = ["notifications", "preferences"];

/// All that is kept here about the caller: messages by every channel, newest first, and what the caller chose to be told.
#[utoipa::path(get, path = "/me/export", operation_id = "exportNotifications", tag = "notifications", params(ExportAsk),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "A page of it.", body = ExportPage)))]
pub(super) async fn export(
    State(notifications): State<Notifications>,
    Extension(exports): Extension<Exports>,
    caller: Caller,
    Query(ask): Query<ExportAsk>,
) -> Answer<ExportPage> {
    let (kind, ask) = exports.asked(caller.user, &ask)?;
    if kind == "preferences" {
        let preferences = notifications.preferences(&[caller.user]).await?.remove(&caller.user);
        let preferences = preferences.unwrap_or_default();
        let pairs = Kind::ALL.iter().flat_map(|kind| Channel::ALL.iter().map(|channel| (*kind, *channel)));
        let record = |(kind, channel): (Kind, Channel)| {
            let allowed = preferences.allow(kind, channel);
            json!({ "kind": kind.as_str(), "channel": channel.as_str(), "enabled": allowed })
        };
        return Ok(exports.all(kind, pairs.map(record).collect()));
    }
    let page = notifications.list_notifications(caller.user, Filter::default(), &ask).await?;
    let record = |view: NotificationView| {
        json!({
            "id": view.id.public().to_string(),
            "kind": view.kind.as_str(),
            "channel": view.channel.as_str(),
            "subject": view.subject,
            "body": view.body,
            "createdAt": rfc3339(view.created_at),
            "readAt": view.read_at.map(rfc3339),
            "status": view.status.as_str(),
        })
    };
    Ok(exports.page(kind, page.map(record)))
}
