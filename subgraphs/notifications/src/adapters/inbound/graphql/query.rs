use async_graphql::{Context, ID, Object, Result};
use kernel::{PageAsk, Refusal, UserId};
use service::graphql::{ConnectionOf, IntoGraph, caller, connection, id, require_user};

use super::objects::{Channel, Notification, User};
use crate::{Notifications, domain::ports::Filter};

#[derive(Default)]
pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// The caller's own messages, newest first.
    async fn notifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After which one: the endCursor of the page before.")] after: Option<String>,
        #[graphql(desc = "Only those in the account's list (IN_APP) that were not read yet.")]
        unread_only: Option<bool>,
        #[graphql(desc = "Only those that came by this channel; without it, those of every channel.")]
        channel: Option<Channel>,
    ) -> Result<ConnectionOf<Notification>> {
        let user = require_user(context)?;
        let ask = PageAsk::parse(first, after.as_deref(), 20).graph()?;
        let filter = Filter {
            unread_only: unread_only.unwrap_or_default(),
            channel: channel.map(Into::into),
            counted: context.look_ahead().field("totalCount").exists(),
        };
        let page = context.data::<Notifications>()?.list_notifications(user, filter, &ask).await.graph()?;
        Ok(connection(page.map(Notification), after.is_none()))
    }

    /// The account, with what notifications know of it. Only one's own.
    #[graphql(entity)]
    async fn find_user_by_id(&self, context: &Context<'_>, id: ID) -> Result<User> {
        let user: UserId = self::id("id", &id)?;
        match caller(context) {
            Some(caller) if caller.user == user => Ok(User { id: user }),
            _ => Err(Refusal::not_found("user")).graph(),
        }
    }
}
