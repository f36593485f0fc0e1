use async_graphql::{Context, ID, Object, Result};
use service::graphql::{IntoGraph, Who::Oneself, access, id, require_user};

use super::objects::{Notification, NotificationPreferences, NotificationPreferencesInput};
use crate::Notifications;

#[derive(Default)]
pub struct Mutation;

/// What can be done.
#[Object]
impl Mutation {
    /// Chooses what the caller wants to be told, and by which channel: all of it or, when something is
    /// wrong, nothing. What is not named stays as it was.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn set_notification_preferences(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: NotificationPreferencesInput,
    ) -> Result<Option<NotificationPreferences>> {
        let user = require_user(context)?;
        let choices = input.read().graph()?;
        let chosen = context.data::<Notifications>()?.choose_preferences(user, &choices).await.graph()?;
        Ok(Some(NotificationPreferences(chosen)))
    }

    /// Marks one of the caller's messages as read. Doing it again changes nothing.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn mark_notification_read(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which message.")] id: ID,
    ) -> Result<Option<Notification>> {
        let user = require_user(context)?;
        let id = self::id("id", &id)?;
        let read = context.data::<Notifications>()?.mark_read(user, id).await.graph()?;
        Ok(Some(Notification(read)))
    }

    /// Marks all of the messages in the caller's list as read that were not yet, and says how many those were. Doing it again
    /// changes nothing, and says 0.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn mark_all_notifications_read(&self, context: &Context<'_>) -> Result<Option<u64>> {
        let user = require_user(context)?;
        Ok(Some(context.data::<Notifications>()?.mark_all_read(user).await.graph()?))
    }
}
