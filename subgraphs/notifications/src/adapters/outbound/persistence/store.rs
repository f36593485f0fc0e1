use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    purchase::PurchaseContact,
    settings::OrganizationSettingsChanged,
    users::{MembershipChanged, OrganizationChanged},
};
use kernel::{EventId, Fault, NotificationId, OrderId, OrganizationId, Result, TicketId, UserId, to_millis};
use messaging::{Outbox, Told, inbox, trace};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IdenStatic as _, IntoActiveModel, Iterable as _, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait as _, Statement, prelude::Expr, sea_query::OnConflict,
};
use service::{
    Database, Memberships,
    database::{Write, Writes, fault},
};
use tokio::sync::{Notify, OnceCell};
use uuid::Uuid;

use super::{
    erasing, facts, organizations,
    reads::UNREAD,
    reminders,
    rows::{self, notification, preference},
    stops, told,
};
use crate::{
    adapters::outbound::announcements::Announcements,
    domain::{
        entities::{
            Account, Channel, DeliveryStatus, DueReminder, Event, Holder, Kind, Notification, Order,
            Organizer, Preferences, Reader, RemindedTicket, reminds_at,
        },
        ports::{Stop, Store, Tx},
        signer::Signer,
    },
};

/// The name of this service's consumer.
const CONSUMER: &str = "notifications";
/// Nobody is told the same twice.
const ONCE: &str = "ON CONFLICT (recipient, kind, cause, channel) DO NOTHING";

/// The table of messages with its columns, for an insertion.
fn inserted() -> String {
    let columns: Vec<_> = notification::Column::iter().map(|column| column.as_str().to_owned()).collect();
    format!("notifications ({})", columns.join(", "))
}

/// What notifications keep.
#[derive(Clone)]
pub struct SeaStore {
    pub(super) database: Database,
    outbox: Outbox,
    mails: Arc<Notify>,
    sms: Arc<Notify>,
    announcements: Announcements,
    signer: Arc<OnceCell<Signer>>,
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
        Self { database, outbox, mails, sms, announcements, signer: Arc::default() }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let begun = self.database.begin_at().await.map_err(fault("beginning a transaction"))?;
        Ok(Box::new(SeaTx::new(self.clone(), begun)))
    }

    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let noted = inbox::noted(&transaction, CONSUMER, message).await.map_err(fault("noting a message"))?;
        Ok(noted.map(|now| Box::new(SeaTx::new(self.clone(), (transaction, now))) as Box<dyn Tx>))
    }

    async fn note_order(&self, order: OrderId, it: &Order) -> Result<()> {
        Ok(facts::note_order(&self.database.writes, order, it).await?)
    }

    async fn note_contact(&self, order: OrderId, buyer: UserId, contact: &PurchaseContact) -> Result<()> {
        Ok(told::note(&self.database.writes, order, buyer, contact).await?)
    }

    async fn signer(&self) -> Result<Signer> {
        let key = || stops::signing_key(&self.database.writes, "mails");
        let signer = self.signer.get_or_try_init(async || {
            Signer::new(&key().await?)
                .ok_or_else(|| Fault::broken_rule("links cannot be signed with their key"))
        });
        Ok(signer.await?.clone())
    }

    async fn note_event(&self, event: EventId, it: &Event, version: i64) -> Result<()> {
        let (transaction, now) = self.database.begin_at().await.map_err(fault("beginning a transaction"))?;
        if let Some(before) = facts::note_event(&transaction, event, it, version).await?
            && (before != it.starts_at || it.called_off)
        {
            let begins = it.starts_at.zip(it.timezone).filter(|_| !it.called_off);
            let due = begins.map(|(starts_at, zone)| reminds_at(starts_at, zone)).filter(|due| *due > now);
            reminders::move_event(&transaction, event, due, before.is_some()).await?;
        }
        transaction.commit().await.map_err(fault("committing"))?;
        Ok(())
    }

    async fn note_organization(&self, told: &OrganizationChanged) -> Result<()> {
        Ok(organizations::note_name(&self.database.writes, told).await?)
    }

    async fn note_settings(&self, told: &OrganizationSettingsChanged) -> Result<()> {
        Ok(organizations::note_settings(&self.database.writes, told).await?)
    }

    async fn note_member(&self, told: &MembershipChanged) -> Result<()> {
        Ok(Memberships::note(&self.database.writes, told).await?)
    }
}

struct SeaTx {
    store: SeaStore,
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    told: Told,
    /// What is sent before the commit, together.
    writes: Writes,
    /// Whose lists may have got longer.
    grown: Vec<UserId>,
    /// True when there may be new mails.
    mails: bool,
    /// True when there may be new SMS.
    sms: bool,
}

impl SeaTx {
    fn new(store: SeaStore, (transaction, now): (DatabaseTransaction, DateTime<Utc>)) -> Self {
        let (told, writes, grown) = (store.outbox.begin(), Writes::default(), Vec::new());
        Self { store, transaction, now, told, writes, grown, mails: false, sms: false }
    }

    async fn write(&mut self, doing: &'static str, statement: Statement) -> Result<()> {
        let values = statement.values.into_iter().flat_map(|values| values.0);
        Ok(self.writes.add(Write::new(doing, statement.sql, values), &self.transaction).await?)
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn reader(&mut self, user: UserId) -> Result<Reader> {
        Ok(facts::reader(&self.transaction, user, None).await?.0)
    }

    async fn reader_of(&mut self, user: UserId, event: EventId) -> Result<(Reader, Option<Organizer>)> {
        Ok(facts::reader(&self.transaction, user, Some((event, None))).await?)
    }

    async fn buyer_of(
        &mut self,
        order: OrderId,
        buyer: UserId,
        event: EventId,
    ) -> Result<(Reader, Option<Organizer>)> {
        Ok(facts::reader(&self.transaction, buyer, Some((event, Some(order)))).await?)
    }

    async fn note_contact(&mut self, order: OrderId, buyer: UserId, contact: &PurchaseContact) -> Result<()> {
        Ok(told::note(&self.transaction, order, buyer, contact).await?)
    }

    async fn hand_order_over(&mut self, order: OrderId, from: UserId, to: UserId) -> Result<()> {
        Ok(told::hand_over(&self.transaction, order, from, to).await?)
    }

    async fn managers(&mut self, organization: OrganizationId) -> Result<Vec<Reader>> {
        organizations::managers(&self.transaction, organization).await
    }

    async fn organizers(
        &mut self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Organizer>> {
        Ok(organizations::organizers(&self.transaction, organizations).await?)
    }

    async fn note_account(&mut self, account: &Account, locale: &str, version: i64) -> Result<()> {
        Ok(facts::note_account(&self.transaction, account, locale, version).await?)
    }

    async fn is_on_its_way(&mut self, kind: Kind, recipient: &str) -> Result<bool> {
        Ok(erasing::is_on_its_way(&self.transaction, kind, recipient).await?)
    }

    async fn forget(&mut self, user: UserId, address: Option<&str>) -> Result<()> {
        Ok(erasing::forget(&self.transaction, user, address).await?)
    }

    async fn event(&mut self, event: EventId) -> Result<Option<Event>> {
        Ok(facts::event(&self.transaction, event).await?)
    }

    async fn order(&mut self, order: OrderId) -> Result<Option<Order>> {
        Ok(facts::order(&self.transaction, order).await?)
    }

    async fn note_move(&mut self, order: OrderId, sequence: i64) -> Result<Option<i64>> {
        Ok(facts::note_move(&self.transaction, order, sequence).await?)
    }

    async fn end_moves(&mut self, order: OrderId) -> Result<i64> {
        Ok(facts::end_moves(&self.transaction, order).await?)
    }

    async fn withdraw(&mut self, kind: Kind, cause: &str, recipients: &[String]) -> Result<()> {
        // It stays, for who may have it in hand: what they do with it is noted.
        let update = notification::Entity::update_many()
            .col_expr(notification::Column::Status, Expr::value(DeliveryStatus::Failed.as_str()))
            .col_expr(notification::Column::WithdrawnAt, Expr::value(to_millis(self.now)))
            .col_expr(notification::Column::Letter, Expr::value(None::<String>))
            .filter(notification::Column::Recipient.is_in(recipients))
            .filter(notification::Column::Kind.eq(kind.as_str()))
            .filter(notification::Column::Cause.eq(cause))
            .filter(notification::Column::Channel.is_in([Channel::Email.as_str(), Channel::Sms.as_str()]))
            .filter(notification::Column::Status.eq(DeliveryStatus::Queued.as_str()))
            .build(self.transaction.get_database_backend());
        self.write("taking back what was not sent", update).await
    }

    async fn is_told(&mut self, kind: Kind, causes: &[String], recipients: &[String]) -> Result<bool> {
        self.writes.send(&self.transaction).await?;
        let told = notification::Entity::find()
            .select_only()
            .column(notification::Column::Id)
            .filter(notification::Column::Recipient.is_in(recipients))
            .filter(notification::Column::Kind.eq(kind.as_str()))
            .filter(notification::Column::Cause.is_in(causes))
            .limit(1)
            .into_tuple::<Uuid>()
            .one(&self.transaction);
        Ok(told.await.map_err(fault("reading what was told"))?.is_some())
    }

    async fn waiting_mail(
        &mut self,
        kind: Kind,
        cause: &str,
        recipient: &str,
    ) -> Result<Option<Notification>> {
        self.writes.send(&self.transaction).await?;
        let row = notification::Entity::find()
            .filter(notification::Column::Recipient.eq(recipient))
            .filter(notification::Column::Kind.eq(kind.as_str()))
            .filter(notification::Column::Cause.eq(cause))
            .filter(notification::Column::Channel.eq(Channel::Email.as_str()))
            .filter(notification::Column::Status.eq(DeliveryStatus::Queued.as_str()))
            .filter(notification::Column::ClaimedUntil.lte(to_millis(self.now)))
            .lock_exclusive()
            .one(&self.transaction)
            .await
            .map_err(fault("reading a mail that waits"))?;
        Ok(row.map(rows::notification_of).transpose()?)
    }

    async fn rewrite(&mut self, notification: &Notification) -> Result<()> {
        notification::Entity::update_many()
            .set(rows::said_by(notification)?)
            .filter(notification::Column::Id.eq(notification.id().uuid()))
            .exec(&self.transaction)
            .await
            .map_err(fault("keeping what a mail says instead"))?;
        Ok(())
    }

    async fn mails_to_others(&mut self, user: UserId, since: DateTime<Utc>) -> Result<u64> {
        self.writes.send(&self.transaction).await?;
        Ok(notification::Entity::find()
            .filter(notification::Column::OnBehalfOf.eq(user.uuid()))
            .filter(notification::Column::CreatedAt.gte(to_millis(since)))
            .count(&self.transaction)
            .await
            .map_err(fault("counting mails to others"))?)
    }

    async fn mailed(&mut self, kind: Kind, cause: &str, recipients: &[String]) -> Result<HashSet<String>> {
        if recipients.is_empty() {
            return Ok(HashSet::new());
        }
        self.writes.send(&self.transaction).await?;
        let mailed = notification::Entity::find()
            .select_only()
            .column(notification::Column::Recipient)
            .filter(notification::Column::Recipient.is_in(recipients))
            .filter(notification::Column::Kind.eq(kind.as_str()))
            .filter(notification::Column::Channel.eq(Channel::Email.as_str()))
            .filter(notification::Column::Cause.eq(cause))
            .into_tuple::<String>()
            .all(&self.transaction);
        Ok(mailed.await.map_err(fault("reading who was sent a mail"))?.into_iter().collect())
    }

    async fn events(&mut self, events: &[EventId]) -> Result<HashMap<EventId, Event>> {
        Ok(facts::events(&self.transaction, events).await?)
    }

    async fn readers(&mut self, users: &[UserId]) -> Result<HashMap<UserId, Reader>> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let mut accounts = facts::accounts(&self.transaction, users).await?;
        let mut chosen = facts::preferences(&self.transaction, users).await?;
        let reader = |user: &UserId| {
            let (account, preferences) = (accounts.remove(user), chosen.remove(user).unwrap_or_default());
            (*user, Reader { user_id: *user, account, preferences })
        };
        Ok(users.iter().map(reader).collect())
    }

    async fn keep_reminder(&mut self, ticket: &RemindedTicket, due: Option<DateTime<Utc>>) -> Result<()> {
        let due = due.filter(|due| *due > self.now);
        Ok(self.writes.add(reminders::keep(ticket, due, self.now), &self.transaction).await?)
    }

    async fn end_reminder(&mut self, ticket: TicketId) -> Result<()> {
        Ok(self.writes.add(reminders::end(ticket, self.now), &self.transaction).await?)
    }

    async fn end_reminders_of(&mut self, order: OrderId) -> Result<()> {
        Ok(self.writes.add(reminders::end_order(order), &self.transaction).await?)
    }

    async fn move_reminders_of(&mut self, order: OrderId, due: Option<DateTime<Utc>>) -> Result<()> {
        let due = due.filter(|due| *due > self.now);
        Ok(self.writes.add(reminders::move_order(order, due), &self.transaction).await?)
    }

    async fn hand_reminder_over(&mut self, ticket: TicketId, to: &Holder) -> Result<()> {
        Ok(self.writes.add(reminders::hand_over(ticket, to), &self.transaction).await?)
    }

    async fn is_gone(&mut self, ticket: TicketId) -> Result<bool> {
        self.writes.send(&self.transaction).await?;
        Ok(reminders::is_gone(&self.transaction, ticket).await?)
    }

    async fn take_due_reminders(&mut self, most: u32) -> Result<Vec<DueReminder>> {
        Ok(reminders::take_due(&self.transaction, most, self.now).await?)
    }

    async fn remind_later(&mut self, due: &DueReminder, at: DateTime<Utc>) -> Result<()> {
        Ok(self.writes.add(reminders::later(due, at), &self.transaction).await?)
    }

    async fn stopped(&mut self, kind: Kind, addresses: &[String]) -> Result<HashSet<String>> {
        Ok(stops::stopped(&self.transaction, kind, addresses).await?)
    }

    async fn stop(&mut self, address: &str, what: &Stop) -> Result<bool> {
        Ok(stops::stop(&self.transaction, address, what, self.now).await?)
    }

    async fn reached(&mut self, address: &str, at: DateTime<Utc>) -> Result<()> {
        Ok(stops::reached(&self.transaction, address, at).await?)
    }

    async fn accounts_of(&mut self, address: &str) -> Result<Vec<UserId>> {
        Ok(facts::accounts_of(&self.transaction, address).await?)
    }

    async fn preferences(&mut self, user: UserId) -> Result<Preferences> {
        let mut chosen = facts::preferences(&self.transaction, &[user]).await?;
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
        let doing = "adding a message";
        let mut values = Vec::new();
        for column in notification::Column::iter() {
            let value = row.get(column).into_value();
            values.push(
                value.ok_or_else(|| Fault::broken_rule(format!("a message has no {}", column.as_str())))?,
            );
        }
        // However many there are, they are one statement.
        let insert = Write::insert(doing, &inserted(), ONCE, values);
        match (notification.channel(), notification.recipient().user()) {
            (Channel::InApp, Some(user)) => self.grown.push(user),
            (Channel::Sms, _) => self.sms = true,
            _ => self.mails = true,
        }
        Ok(self.writes.add(insert, &self.transaction).await?)
    }

    async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>> {
        self.writes.send(&self.transaction).await?;
        let row = notification::Entity::find_by_id(id.uuid())
            .lock_exclusive()
            .one(&self.transaction)
            .await
            .map_err(fault("reading a message"))?;
        Ok(row.map(rows::notification_of).transpose()?)
    }

    async fn read_all(&mut self, user: UserId) -> Result<u64> {
        let read = notification::Entity::update_many()
            .col_expr(notification::Column::ReadAt, Expr::value(to_millis(self.now)))
            .filter(notification::Column::UserId.eq(user.uuid()))
            .filter(Expr::cust(UNREAD))
            .exec(&self.transaction);
        Ok(read.await.map_err(fault("keeping that messages were read"))?.rows_affected)
    }

    async fn save_read(&mut self, notification: &Notification) -> Result<()> {
        notification::Entity::update_many()
            .col_expr(notification::Column::ReadAt, Expr::value(notification.read_at().map(to_millis)))
            .filter(notification::Column::Id.eq(notification.id().uuid()))
            .exec(&self.transaction)
            .await
            .map_err(fault("keeping that a message was read"))?;
        Ok(())
    }

    async fn tell(&mut self, announcement: Announcement) -> Result<()> {
        let backend = self.transaction.get_database_backend();
        for write in Write::telling(&mut self.told, backend, [announcement], self.now)? {
            self.writes.add(write, &self.transaction).await?;
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let Self { store, transaction, told, mut writes, grown, mails, sms, .. } = *self;
        writes.send(&transaction).await?;
        transaction.commit().await.map_err(fault("committing"))?;
        told.is_committed();
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
