//! What notifications need of the world.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    purchase::PurchaseContact,
    settings::OrganizationSettingsChanged,
    users::{MembershipChanged, OrganizationChanged},
};
use kernel::{
    EventId, Fault, NotificationId, OrderId, OrganizationId, Page, PageAsk, Result, TicketId, UserId,
};
use tracing::Span;
use uuid::Uuid;

use super::{
    entities::{
        About, Account, Channel, DeliveryStatus, DueReminder, Event, Hindrance, Holder, Kind, Notification,
        Order, Organizer, Preferences, Reader, RemindedTicket,
    },
    letter::Letter,
    signer::Signer,
    words::Language,
};

/// Where it is all kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins to change something.
    async fn begin(&self) -> Result<Box<dyn Tx>>;
    /// Begins to handle a message from the bus, and notes that; none when it was handled before.
    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>>;
    /// Takes note of an order, once: however often it is told, the same is known.
    async fn note_order(&self, order: OrderId, it: &Order) -> Result<()>;
    /// Takes note of whom a buyer named to be told of an order, once, unless the buyer was erased.
    async fn note_contact(&self, order: OrderId, buyer: UserId, contact: &PurchaseContact) -> Result<()>;
    /// What signs the links of mails: the same for every replica.
    async fn signer(&self) -> Result<Signer>;
    /// Takes note of an event, and of when it begins for those who are to be reminded of it; a note older than what is known
    /// changes nothing.
    async fn note_event(&self, event: EventId, it: &Event, version: i64) -> Result<()>;
    /// Takes note of how an organization is called; a note older than what is known changes nothing.
    async fn note_organization(&self, told: &OrganizationChanged) -> Result<()>;
    /// Takes note of how an organization presents itself; a note older than what is known changes nothing.
    async fn note_settings(&self, told: &OrganizationSettingsChanged) -> Result<()>;
    /// Takes note of a person's role in an organization; a note older than what is known changes nothing.
    async fn note_member(&self, told: &MembershipChanged) -> Result<()>;
}

/// A change, all or nothing.
#[async_trait]
pub trait Tx: Send {
    /// The database's clock when the transaction began: the one that all replicas agree on.
    fn now(&self) -> DateTime<Utc>;
    /// What is known of a person, and what they chose.
    async fn reader(&mut self, user: UserId) -> Result<Reader>;
    /// The same of somebody who is told something about an event, and how its organization presents itself, if it does.
    async fn reader_of(&mut self, user: UserId, event: EventId) -> Result<(Reader, Option<Organizer>)>;
    /// The same of the buyer of an order for an event, as they want to be told of it.
    async fn buyer_of(
        &mut self,
        order: OrderId,
        buyer: UserId,
        event: EventId,
    ) -> Result<(Reader, Option<Organizer>)>;
    /// Takes note of whom a buyer named to be told of an order, once, unless the buyer was erased.
    async fn note_contact(&mut self, order: OrderId, buyer: UserId, contact: &PurchaseContact) -> Result<()>;
    /// An order is another person's from now on: what is in the list of whose it was, of that order, is in theirs, and they are
    /// reminded of its event.
    async fn hand_order_over(&mut self, order: OrderId, from: UserId, to: UserId) -> Result<()>;
    /// Whoever manages an organization, and what they chose; nobody who was erased.
    async fn managers(&mut self, organization: OrganizationId) -> Result<Vec<Reader>>;
    /// How those of these organizations present themselves that do.
    async fn organizers(
        &mut self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Organizer>>;
    /// Takes note of a person, and of the language tag that they gave; a note older than what is known changes nothing.
    async fn note_account(&mut self, account: &Account, locale: &str, version: i64) -> Result<()>;
    /// True while a mail of this kind to this recipient, by their key, waits to be sent.
    async fn is_on_its_way(&mut self, kind: Kind, recipient: &str) -> Result<bool>;
    /// Deletes every message to a person, by account or by address, and what they chose.
    async fn forget(&mut self, user: UserId, address: Option<&str>) -> Result<()>;
    /// What is known of an event.
    async fn event(&mut self, event: EventId) -> Result<Option<Event>>;
    /// What is known of an order.
    async fn order(&mut self, order: OrderId) -> Result<Option<Order>>;
    /// Takes note that whoever has tickets of an order is told of this move of its event. None when they were told of a later
    /// one, or that no ticket is left; else of which they were told before, 0 for none.
    async fn note_move(&mut self, order: OrderId, sequence: i64) -> Result<Option<i64>>;
    /// Nobody is told of moves of an order's event any more; of which they were told before, 0 for none.
    async fn end_moves(&mut self, order: OrderId) -> Result<i64>;
    /// Takes mails and SMS back that were not sent to these recipients, by their keys: of this kind, for this cause.
    async fn withdraw(&mut self, kind: Kind, cause: &str, recipients: &[String]) -> Result<()>;
    /// Whether any of these recipients, by their keys, was told something of this kind for one of these causes.
    async fn is_told(&mut self, kind: Kind, causes: &[String], recipients: &[String]) -> Result<bool>;
    /// The mail of this kind to this recipient, by their key, for this cause, if it waits and nobody is just sending it;
    /// locked until commit.
    async fn waiting_mail(
        &mut self,
        kind: Kind,
        cause: &str,
        recipient: &str,
    ) -> Result<Option<Notification>>;
    /// Keeps what a mail that waits says instead.
    async fn rewrite(&mut self, notification: &Notification) -> Result<()>;
    /// How many mails to others a person has brought about since an instant.
    async fn mails_to_others(&mut self, user: UserId, since: DateTime<Utc>) -> Result<u64>;
    /// Those of these recipients, by their keys, who were sent a mail of this kind for this cause.
    async fn mailed(&mut self, kind: Kind, cause: &str, recipients: &[String]) -> Result<HashSet<String>>;
    /// What is known of events; nothing of those that are not in it.
    async fn events(&mut self, events: &[EventId]) -> Result<HashMap<EventId, Event>>;
    /// What is known of people, and what they chose.
    async fn readers(&mut self, users: &[UserId]) -> Result<HashMap<UserId, Reader>>;
    /// Keeps who is reminded with a ticket, and when, unless that is past. Of a ticket that was heard of before nothing changes,
    /// and nobody is reminded with one that is gone.
    async fn keep_reminder(&mut self, ticket: &RemindedTicket, due: Option<DateTime<Utc>>) -> Result<()>;
    /// A ticket is gone, whether it was heard of or not.
    async fn end_reminder(&mut self, ticket: TicketId) -> Result<()>;
    /// All tickets of an order are gone.
    async fn end_reminders_of(&mut self, order: OrderId) -> Result<()>;
    /// Those of an order who were not reminded yet are so at another time, unless that is past.
    async fn move_reminders_of(&mut self, order: OrderId, due: Option<DateTime<Utc>>) -> Result<()>;
    /// Somebody else goes in with a ticket.
    async fn hand_reminder_over(&mut self, ticket: TicketId, to: &Holder) -> Result<()>;
    /// True when it is known that a ticket is gone.
    async fn is_gone(&mut self, ticket: TicketId) -> Result<bool>;
    /// Takes so many people who are to be reminded now, so that nobody else does.
    async fn take_due_reminders(&mut self, most: u32) -> Result<Vec<DueReminder>>;
    /// Somebody who was taken is to be reminded later after all.
    async fn remind_later(&mut self, due: &DueReminder, at: DateTime<Utc>) -> Result<()>;
    /// Those of these addresses, by their keys, that no mail of this kind is to go to, which can be done without.
    async fn stopped(&mut self, kind: Kind, addresses: &[String]) -> Result<HashSet<String>>;
    /// Mails stop to an address, by its key. True when that was not so before.
    async fn stop(&mut self, address: &str, what: &Stop) -> Result<bool>;
    /// Mail arrived at an address, by its key, at an instant. What is known of since then stays.
    async fn reached(&mut self, address: &str, at: DateTime<Utc>) -> Result<()>;
    /// Whose address this is, by its key.
    async fn accounts_of(&mut self, address: &str) -> Result<Vec<UserId>>;
    /// What a person chose.
    async fn preferences(&mut self, user: UserId) -> Result<Preferences>;
    /// Keeps what a person chose.
    async fn save_preferences(&mut self, user: UserId, preferences: &Preferences) -> Result<()>;
    /// Adds a message, unless the same person was told the same before: then nothing changes.
    async fn add(&mut self, notification: &Notification) -> Result<()>;
    /// A message, locked until commit.
    async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>>;
    /// Keeps that a person has read all that is in their list, and how much of it they had not read before.
    async fn read_all(&mut self, user: UserId) -> Result<u64>;
    /// Keeps when a message was read.
    async fn save_read(&mut self, notification: &Notification) -> Result<()>;
    /// Tells other services, once this is committed.
    async fn tell(&mut self, announcement: Announcement) -> Result<()>;
    /// Makes it so; then whoever listens hears of it, and mails are sent.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// Why no mail that can be done without goes to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Whoever reads it wants none of this kind.
    Unwanted(Kind),
    /// Mail does not arrive.
    Unreachable {
        /// Why, in a mail server's words.
        why: String,
    },
}

/// A mail or an SMS to be sent.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Which.
    pub notification: Notification,
    /// In which to send it: a part of the trace in which it was queued.
    pub span: Span,
}

/// What is to be sent, claimed by who asked for it.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// Each is to be sent now.
    pub queued: Vec<Queued>,
    /// Nobody else takes them before, by the database's clock.
    pub until: DateTime<Utc>,
    /// How long it is until the next one is due, where none is now.
    pub wait: Option<Duration>,
}

/// The queues of mails and SMS. They are part of the store: what was committed is in them. What is due, and how
/// long a claim lasts, goes by the database's clock.
#[async_trait]
pub trait Queue: Send + Sync {
    /// How long it is until somebody is to be reminded; none where nobody is.
    async fn next_reminder(&self) -> Result<Option<Duration>>;
    /// Takes what is due by a channel, so that nobody else takes it during the lease.
    async fn claim(&self, channel: Channel, limit: u32, lease: Duration) -> Result<Claimed>;
    /// Makes a claim that was to last `until` last for another lease from now, and says until when; one that has
    /// ended stays so.
    async fn renew(&self, id: NotificationId, until: DateTime<Utc>, lease: Duration)
    -> Result<DateTime<Utc>>;
    /// Keeps what became of a message that was claimed, and ends the claim. False when there is nothing to keep: its
    /// reader was erased meanwhile, or it was not sent here and was by somebody else, or was taken back.
    async fn note(&self, notification: &Notification) -> Result<bool>;
}

/// Which messages a person wants to see.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those in their list that they have not read.
    pub unread_only: bool,
    /// Only those of this channel.
    pub channel: Option<Channel>,
    /// Whether they are also counted; else there are 0 in all.
    pub counted: bool,
}

/// Lists.
#[async_trait]
pub trait Reads: Send + Sync {
    /// The database's clock.
    async fn now(&self) -> Result<DateTime<Utc>>;
    /// A person's messages, newest first.
    async fn page(&self, user: UserId, filter: Filter, ask: &PageAsk) -> Result<Page<NotificationView>>;
    /// What came into a person's list since an instant, oldest first.
    async fn in_app_since(&self, user: UserId, since: DateTime<Utc>) -> Result<Vec<NotificationView>>;
    /// How much people have not read in their lists; who is not in it has read everything.
    async fn unread(&self, users: &[UserId]) -> Result<HashMap<UserId, u64>>;
    /// Since when mail to people's addresses comes back; who is not in it gets mail.
    async fn unreachable(&self, users: &[UserId]) -> Result<HashMap<UserId, DateTime<Utc>>>;
    /// What people chose; who is not in it chose nothing.
    async fn preferences(&self, users: &[UserId]) -> Result<HashMap<UserId, Preferences>>;
}

/// A message as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationView {
    /// Which.
    pub id: NotificationId,
    /// What it is about.
    pub kind: Kind,
    /// How it came.
    pub channel: Channel,
    /// In one line.
    pub subject: String,
    /// In plain text.
    pub body: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// What it points at.
    pub about: About,
}

impl From<&Notification> for NotificationView {
    fn from(notification: &Notification) -> Self {
        Self {
            id: notification.id(),
            kind: notification.told().kind,
            channel: notification.channel(),
            subject: notification.told().subject.clone(),
            body: notification.told().body.clone(),
            created_at: notification.created_at(),
            read_at: notification.read_at(),
            status: notification.status(),
            about: notification.told().about,
        }
    }
}

/// Says when a person's list may have grown.
#[async_trait]
pub trait News: Send + Sync {
    /// From now on; news may get lost.
    async fn watch(&self, user: UserId) -> Box<dyn Watch>;
}

/// Hears of one person's list.
#[async_trait]
pub trait Watch: Send {
    /// Returns when it has grown since the last time, or after that long.
    async fn changed(&mut self, at_most: Duration);
}

/// Hands mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// True while the mail server fails and is left alone: what is handed over now is not sent.
    fn rests(&self) -> bool;
    /// Sends a mail, within a limit. The same mail is the same message however often it is sent.
    async fn send(&self, mail: &Mail) -> Result<(), NotSent>;
}

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Which message it is: the same in each try.
    pub id: NotificationId,
    /// To which address.
    pub address: String,
    /// Whose.
    pub name: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// What it says.
    pub letter: Letter,
    /// In which language.
    pub language: Language,
    /// Where its reader stops mails of its kind, where that can be stopped.
    pub unsubscribe: Option<String>,
    /// Whose event it is about, where that shows.
    pub organizer: Option<Organizer>,
}

/// Hands SMS to who brings them.
#[async_trait]
pub trait SmsGateway: Send + Sync {
    /// True while the other side fails and is left alone: what is handed over now is not sent.
    fn rests(&self) -> bool;
    /// Sends an SMS, within a limit. Sent again, it is another one.
    async fn send(&self, sms: &Sms) -> Result<(), NotSent>;
}

/// An SMS to be sent.
#[derive(Clone)]
pub struct Sms {
    /// To which number, in international form.
    pub number: String,
    /// What it says.
    pub text: String,
}

/// Why a mail or an SMS was not sent.
#[derive(Debug)]
pub struct NotSent {
    /// What went wrong.
    pub fault: Fault,
    /// Whether it is worth trying again.
    pub why: Hindrance,
}
