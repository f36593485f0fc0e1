use async_graphql::{Context, ID, Object, Result};
use kernel::PageAsk;
use service::graphql::{ConnectionOf, IntoGraph, Who::Oneself, access, connection, require_user};

use super::objects::{Channel, Notification, User};
use crate::{Notifications, domain::ports::Filter};

#[derive(Default)]
pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// The caller's own messages, newest first.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn notifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which one: the endCursor of the page before.")] after: Option<String>,
        #[graphql(desc = "Only those in the account's list (IN_APP) that were not read yet.")]
        unread_only: Option<bool>,
        #[graphql(desc = "Only those that came by this channel; without it, those of every channel.")]
        channel: Option<Channel>,
    ) -> Result<Option<ConnectionOf<Notification>>> {
        let user = require_user(context)?;
        let ask = PageAsk::by_time(first, after.as_deref(), 20).graph()?;
        let filter = Filter {
            unread_only: unread_only.unwrap_or_default(),
            channel: channel.map(Into::into),
            counted: context.look_ahead().field("totalCount").exists(),
        };
        let page = context.data::<Notifications>()?.list_notifications(user, filter, &ask).await.graph()?;
        Ok(Some(connection(page.map(Notification), after.is_none())))
    }

    /// Somebody with an account. What they chose is shown to themselves only.
    #[graphql(entity)]
    async fn find_user_by_id(&self, id: ID) -> Option<User> {
        id.parse().ok().map(|id| User { id })
    }
}
