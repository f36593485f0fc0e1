use async_graphql::{Context, Result, Subscription};
use futures::{Stream, StreamExt};
use service::graphql::{IntoGraph, Who::Oneself, access, require_user};

use super::objects::Notification;
use crate::Notifications;

#[derive(Default)]
pub struct Subscription;

/// What can be followed.
#[Subscription]
impl Subscription {
    /// What comes into the caller's own list, channel `IN_APP`, from now on, each message once.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn notification_received(
        &self,
        context: &Context<'_>,
    ) -> Result<impl Stream<Item = Result<Notification>> + use<>> {
        let user = require_user(context)?;
        let stream = context.data::<Notifications>()?.watch_notifications(user).await.graph()?;
        Ok(stream.map(|notification| notification.graph().map(Notification)))
    }
}
