use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::{PageAsk, Public, kinds};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Page, Query},
};
use utoipa::ToSchema;

use super::super::graphql::objects::{Channel, DeliveryStatus, NotificationKind};
use crate::{
    Notifications,
    domain::ports::{Filter, NotificationView},
};

/// A message to a person, by one channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification {
    /// Which.
    #[schema(value_type = String, example = "ntf_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Notification>,
    /// What it is about.
    kind: NotificationKind,
    /// How it came.
    channel: Channel,
    /// In one line.
    subject: String,
    /// In plain text.
    body: String,
    /// Since when.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
    /// When it was read; null as long as it was not.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    read_at: Option<DateTime<Utc>>,
    /// How far it has come.
    status: DeliveryStatus,
}

impl From<NotificationView> for Notification {
    fn from(view: NotificationView) -> Self {
        let NotificationView { id, kind, channel, subject, body, created_at, read_at, status, about: _ } =
            view;
        let (kind, channel, status) = (kind.into(), channel.into(), status.into());
        Self { id: id.public(), kind, channel, subject, body, created_at, read_at, status }
    }
}

/// Which messages are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NotificationFilter {
    /// How many messages, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, example = 20)]
    first: Option<i32>,
    /// After which one: `pageInfo.endCursor` of the page before.
    after: Option<String>,
    /// Only those in the account's list (`IN_APP`) that were not read yet.
    unread_only: Option<bool>,
    /// Only those that came by this channel; without it, those of every channel.
    #[param(inline)]
    channel: Option<Channel>,
}

/// The caller's own messages, newest first.
#[utoipa::path(get, path = "/notifications", operation_id = "listNotifications", tag = "notifications",
    params(NotificationFilter),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "A page of messages.", body = Page<Notification>)))]
pub(super) async fn notifications(
    State(notifications): State<Notifications>,
    caller: Caller,
    Query(filter): Query<NotificationFilter>,
) -> Answer<Page<Notification>> {
    let ask = PageAsk::by_time(filter.first, filter.after.as_deref(), 20)?;
    let wanted = Filter {
        unread_only: filter.unread_only.unwrap_or_default(),
        channel: filter.channel.map(Into::into),
        counted: true,
    };
    let page = notifications.list_notifications(caller.user, wanted, &ask).await?;
    Ok(page.map(Notification::from).into())
}
