use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Cursor, Fault, Page, PageAsk, Result, UserId, to_millis};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::{Expr, Uuid},
};
use service::database::{self, fault};

use super::{
    SeaStore, facts,
    rows::{notification, view_of},
    stops,
};
use crate::domain::{
    entities::{Channel, Preferences},
    ports::{Filter, NotificationView, Reads},
};

/// The most messages that one look may bring to a subscriber.
const MOST_NEWS: u64 = 500;

/// What somebody has in their list and has not read, in words and not as values: only so a plan that is made for all values
/// knows the index of it.
pub(super) const UNREAD: &str = "channel = 'IN_APP' AND read_at IS NULL";

#[async_trait]
impl Reads for SeaStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(database::now(&self.database.reads).await.map_err(fault("asking for the time"))?)
    }

    async fn page(&self, user: UserId, filter: Filter, ask: &PageAsk) -> Result<Page<NotificationView>> {
        let reads = &self.database.reads;
        // What was taken back before it was sent has never been told.
        let told = Condition::any()
            .add(notification::Column::WithdrawnAt.is_null())
            .add(notification::Column::SentAt.is_not_null());
        let mut wanted =
            notification::Entity::find().filter(notification::Column::UserId.eq(user.uuid())).filter(told);
        if filter.unread_only {
            wanted = wanted
                .filter(notification::Column::Channel.eq(Channel::InApp.as_str()))
                .filter(notification::Column::ReadAt.is_null());
        }
        if let Some(channel) = filter.channel {
            wanted = wanted.filter(notification::Column::Channel.eq(channel.as_str()));
        }
        let total = if filter.counted {
            wanted.clone().count(reads).await.map_err(fault("counting messages"))?
        } else {
            0
        };
        if let Some(after) = &ask.after {
            let (at, id) = after.instant_and_id()?;
            wanted = wanted.filter(
                Condition::any().add(notification::Column::CreatedAt.lt(at)).add(
                    Condition::all()
                        .add(notification::Column::CreatedAt.eq(at))
                        .add(notification::Column::Id.lt(id)),
                ),
            );
        }
        let rows = wanted
            .order_by_desc(notification::Column::CreatedAt)
            .order_by_desc(notification::Column::Id)
            .limit(u64::from(ask.first) + 1)
            .all(reads)
            .await
            .map_err(fault("listing messages"))?;
        let views = rows.iter().map(view_of).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Page::of(ask, views, total, |view| Cursor::timed(view.created_at, view.id.uuid())))
    }

    async fn in_app_since(&self, user: UserId, since: DateTime<Utc>) -> Result<Vec<NotificationView>> {
        let mut rows = notification::Entity::find()
            .filter(notification::Column::UserId.eq(user.uuid()))
            .filter(notification::Column::Channel.eq(Channel::InApp.as_str()))
            .filter(notification::Column::CreatedAt.gte(to_millis(since)))
            .order_by_desc(notification::Column::CreatedAt)
            .order_by_desc(notification::Column::Id)
            .limit(MOST_NEWS)
            .all(&self.database.reads)
            .await
            .map_err(fault("looking for new messages"))?;
        rows.reverse();
        Ok(rows.iter().map(view_of).collect::<Result<Vec<_>, Fault>>()?)
    }

    async fn unread(&self, users: &[UserId]) -> Result<HashMap<UserId, u64>> {
        let counted = notification::Entity::find()
            .select_only()
            .column(notification::Column::UserId)
            .column_as(notification::Column::Id.count(), "unread")
            .filter(notification::Column::UserId.is_in(users.iter().map(|user| user.uuid())))
            .filter(Expr::cust(UNREAD))
            .group_by(notification::Column::UserId)
            .into_tuple::<(Uuid, i64)>()
            .all(&self.database.reads);
        let counted = counted.await.map_err(fault("counting what was not read"))?;
        Ok(counted.into_iter().map(|(user, n)| (UserId::from_uuid(user), n.unsigned_abs())).collect())
    }

    async fn unreachable(&self, users: &[UserId]) -> Result<HashMap<UserId, DateTime<Utc>>> {
        Ok(stops::unreachable(&self.database.reads, users).await?)
    }

    async fn preferences(&self, users: &[UserId]) -> Result<HashMap<UserId, Preferences>> {
        Ok(facts::preferences(&self.database.reads, users).await?)
    }
}
