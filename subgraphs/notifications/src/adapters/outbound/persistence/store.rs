use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{EventId, NotificationId, OrderId, Result, UserId, to_millis};
use messaging::{Outbox, inbox, outbox, trace};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use service::{
    Database,
    database::{self, fault},
};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    facts,
    rows::{self, notification, preference},
};
use crate::{
    adapters::outbound::announcements::Announcements,
    domain::{
        entities::{Account, Channel, Event, Kind, Notification, Order, Preferences, Recipient},
        ports::{Store, Tx},
    },
};

/// The name of this service's consumer.
const CONSUMER: &str = "notifications";

/// What notifications keep.
#[derive(Clone)]
pub struct SeaStore {
    pub(super) database: Database,
    outbox: Outbox,
    mails: Arc<Notify>,
    sms: Arc<Notify>,
    announcements: Announcements,
}

impl SeaStore {
    /// In this database; commits wake the relay, whoever sends mails or SMS, and subscribers.
    pub fn new(
        database: Database,
        outbox: Outbox,
        mails: Arc<Notify>,
        sms: Arc<Notify>,
        announcements: Announcements,
    ) -> Self {
        Self { database, outbox, mails, sms, announcements }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let now = database::now(&transaction).await.map_err(fault("asking for the time"))?;
        Ok(Box::new(SeaTx {
            store: self.clone(),
            transaction,
            now,
            grown: Vec::new(),
            mails: false,
            sms: false,
        }))
    }
}

struct SeaTx {
    store: SeaStore,
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    /// Whose lists got longer.
    grown: Vec<UserId>,
    /// True when there are new mails.
    mails: bool,
    /// True when there are new SMS.
    sms: bool,
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn first_time(&mut self, message: Uuid) -> Result<bool> {
        Ok(inbox::first_time(&self.transaction, CONSUMER, message, self.now)
            .await
            .map_err(fault("noting a message"))?)
    }

    async fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        Ok(facts::account(&self.transaction, user).await?)
    }

    async fn note_account(&mut self, account: &Account, version: i64) -> Result<()> {
        Ok(facts::note_account(&self.transaction, account, version).await?)
    }

    async fn forget(&mut self, user: UserId, address: Option<&str>) -> Result<()> {
        let mut theirs = Condition::any().add(notification::Column::UserId.eq(user.uuid()));
        if let Some(address) = address {
            let key = Recipient::Address(address.to_owned()).key();
            theirs = theirs.add(notification::Column::Recipient.eq(key));
        }
        notification::Entity::delete_many()
            .filter(theirs)
            .exec(&self.transaction)
            .await
            .map_err(fault("deleting messages"))?;
        preference::Entity::delete_many()
            .filter(preference::Column::UserId.eq(user.uuid()))
            .exec(&self.transaction)
            .await
            .map_err(fault("deleting preferences"))?;
        Ok(())
    }

    async fn event(&mut self, event: EventId) -> Result<Option<Event>> {
        Ok(facts::event(&self.transaction, event).await?)
    }

    async fn note_event(&mut self, event: EventId, it: &Event, version: i64) -> Result<()> {
        Ok(facts::note_event(&self.transaction, event, it, version).await?)
    }

    async fn order(&mut self, order: OrderId) -> Result<Option<Order>> {
        Ok(facts::order(&self.transaction, order).await?)
    }

    async fn note_order(&mut self, order: OrderId, it: &Order) -> Result<()> {
        Ok(facts::note_order(&self.transaction, order, it, self.now).await?)
    }

    async fn mails_to_others(&mut self, user: UserId, since: DateTime<Utc>) -> Result<u64> {
        Ok(notification::Entity::find()
            .filter(notification::Column::OnBehalfOf.eq(user.uuid()))
            .filter(notification::Column::CreatedAt.gte(to_millis(since)))
            .count(&self.transaction)
            .await
            .map_err(fault("counting mails to others"))?)
    }

    async fn preferences(&mut self, user: UserId) -> Result<Preferences> {
        let mut chosen = preferences(&self.transaction, &[user]).await?;
        Ok(chosen.remove(&user).unwrap_or_default())
    }

    async fn save_preferences(&mut self, user: UserId, preferences: &Preferences) -> Result<()> {
        let rows = preferences.chosen().map(|(kind, channel, enabled)| {
            let (kind, channel) = (kind.as_str().to_owned(), channel.as_str().to_owned());
            preference::Model { user_id: user.uuid(), kind, channel, enabled }.into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        preference::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([
                    preference::Column::UserId,
                    preference::Column::Kind,
                    preference::Column::Channel,
                ])
                .update_column(preference::Column::Enabled)
                .to_owned(),
            )
            .exec_without_returning(&self.transaction)
            .await
            .map_err(fault("keeping preferences"))?;
        Ok(())
    }

    async fn add(&mut self, notification: &Notification) -> Result<()> {
        let mut row = rows::row_of(notification)?;
        row.traceparent = Set(trace::traceparent());
        let added = notification::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([
                    notification::Column::Recipient,
                    notification::Column::Kind,
                    notification::Column::Cause,
                    notification::Column::Channel,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(&self.transaction)
            .await
            .map_err(fault("adding a message"))?;
        if added == 1 {
            match (notification.channel(), notification.recipient().user()) {
                (Channel::InApp, Some(user)) => self.grown.push(user),
                (Channel::Sms, _) => self.sms = true,
                _ => self.mails = true,
            }
        }
        Ok(())
    }

    async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>> {
        let row = notification::Entity::find_by_id(id.uuid())
            .lock_exclusive()
            .one(&self.transaction)
            .await
            .map_err(fault("reading a message"))?;
        Ok(row.map(rows::notification_of).transpose()?)
    }

    async fn save(&mut self, notification: &Notification) -> Result<()> {
        rows::row_of(notification)?.update(&self.transaction).await.map_err(fault("keeping a message"))?;
        Ok(())
    }

    async fn tell(&mut self, announcement: Announcement) -> Result<()> {
        outbox::append(&self.transaction, [announcement], self.now).await.map_err(fault("telling"))?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let Self { store, transaction, grown, mails, sms, .. } = *self;
        transaction.commit().await.map_err(fault("committing"))?;
        store.outbox.wake();
        if mails {
            store.mails.notify_one();
        }
        if sms {
            store.sms.notify_one();
        }
        for user in grown {
            store.announcements.grown(user).await;
        }
        Ok(())
    }
}

pub(super) async fn preferences(
    connection: &impl sea_orm::ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, Preferences>> {
    let rows = preference::Entity::find()
        .filter(preference::Column::UserId.is_in(users.iter().map(|user| user.uuid())))
        .all(connection)
        .await
        .map_err(fault("reading preferences"))?;
    let mut chosen = HashMap::<_, Vec<_>>::new();
    for row in rows {
        // A kind or channel of a newer version of this program is none of this one's business.
        if let (Some(kind), Some(channel)) = (Kind::from_name(&row.kind), Channel::from_name(&row.channel)) {
            chosen.entry(UserId::from_uuid(row.user_id)).or_default().push((kind, channel, row.enabled));
        }
    }
    Ok(chosen.into_iter().map(|(user, chosen)| (user, Preferences::restore(chosen))).collect())
}
