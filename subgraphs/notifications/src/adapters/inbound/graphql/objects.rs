use std::collections::HashMap;

use async_graphql::{
    Context, Enum, ID, InputObject, Object, Result, SimpleObject,
    dataloader::{DataLoader, Loader},
};
use chrono::{DateTime, Utc};
use kernel::{PageAsk, Refusal, UserId};
use serde::{Deserialize, Serialize};
use service::graphql::{
    ConnectionOf, IntoGraph,
    Who::{Oneself, Public},
    access, connection, require_user,
};
use utoipa::ToSchema;

use super::elsewhere::{Event, Order, Ticket};
use crate::{
    Notifications,
    domain::{
        entities::{self, Preference, Preferences},
        ports::{Filter, NotificationView},
    },
};

/// The most preferences that one call may change.
const MOST_ENTRIES: usize = 100;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "entities::Kind")]
pub(in crate::adapters::inbound) enum NotificationKind {
    /// The order is complete, and here are its tickets.
    OrderConfirmed,
    /// Somebody bought a ticket for you.
    TicketsReceived,
    /// The card was declined; another may be tried.
    PaymentDeclined,
    /// Time ran out before payment.
    OrderExpired,
    /// Money goes back: it was paid too late, the event was called off, or some or all of it was returned with tickets or
    /// without.
    OrderRefunded,
    /// The event was called off.
    EventCancelled,
    /// The event was moved to another time.
    EventRescheduled,
    /// Whether an address is yours.
    AddressVerification,
    /// An organization wants you as a member.
    Invitation,
    /// Somebody tries passwords on your account.
    PasswordGuessing,
    /// Somebody tried to register with your address, which has an account.
    AddressTaken,
    /// The bank of a buyer of your organization wants a payment back, or has decided about it. Owners and managers are told.
    PaymentDisputed,
    /// A ticket was given to you, or by you to somebody else.
    TicketTransferred,
    /// Something for which you have tickets begins soon.
    EventReminder,
    /// Places that you waited for are set aside for you, or there will be none.
    WaitlistOffer,
    /// Mail to your address does not arrive: only what you cannot do without is still sent there.
    AddressUnreachable,
    /// A link to choose a new password.
    PasswordReset,
    /// The password of your account was changed.
    PasswordChanged,
    /// Your account shall have another address, or has one.
    AddressChange,
    /// How you log in, besides your password, was changed.
    SecondFactorChanged,
    /// Your account is deleted.
    AccountDeleted,
}

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "entities::Channel")]
pub(in crate::adapters::inbound) enum Channel {
    /// In the list of messages of the account.
    InApp,
    /// By mail.
    Email,
    /// By SMS, to the phone number of the account. Who has none gets none; what was chosen is kept.
    Sms,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "entities::DeliveryStatus")]
pub(in crate::adapters::inbound) enum DeliveryStatus {
    /// It waits to be sent, for the first time or again.
    Queued,
    /// The mail server has taken it over.
    Sent,
    /// It is in the account's list.
    Delivered,
    /// It could not be sent, and is not tried any more.
    Failed,
    /// It was taken back: by the time it was to be sent it was not true any more.
    Withdrawn,
}

pub(super) struct Notification(pub(super) NotificationView);

/// A message to a person, by one channel.
#[Object]
impl Notification {
    /// Which.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// What it is about.
    async fn kind(&self) -> NotificationKind {
        self.0.kind.into()
    }

    /// How it came.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// In one line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// In plain text.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Since when.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was read; null as long as it was not.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }

    /// How far it has come.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }

    /// The order that it is about, which is the reader's own; null where it is about none.
    async fn order(&self) -> Option<Order> {
        self.0.about.order.map(Order::from)
    }

    /// The ticket that it is about, which is the reader's own; null where it is about none, or about several.
    async fn ticket(&self) -> Option<Ticket> {
        self.0.about.ticket.map(Ticket::from)
    }

    /// The event that it is about; null where it is about none.
    async fn event(&self) -> Option<Event> {
        self.0.about.event.map(Event::from)
    }

    /// The page where its reader goes on: of the order, else of the event. Null where there is none.
    async fn url(&self, context: &Context<'_>) -> Result<Option<String>> {
        let notifications = context.data::<Notifications>()?;
        Ok(self.0.about.url(&notifications.public_url))
    }
}

pub(super) struct User {
    pub(super) id: UserId,
}

/// Somebody with an account.
#[Object(directive = access::apply([Public].into(), None))]
impl User {
    /// Which.
    async fn id(&self) -> ID {
        self.id.public().into()
    }

    /// The person's messages, newest first: those in their list, unless another channel is asked for; for the person only.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn notifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which one: the endCursor of the page before.")] after: Option<String>,
        #[graphql(
            desc = "Only those that came by this channel; null for those of every channel.",
            default_with = "Some(Channel::InApp)"
        )]
        channel: Option<Channel>,
        #[graphql(
            desc = "Only those in the person's list (IN_APP) that were not read yet.",
            default = false
        )]
        unread_only: bool,
    ) -> Result<Option<ConnectionOf<Notification>>> {
        self.require_oneself(context, "Somebody's messages are shown to that person only.")?;
        let ask = PageAsk::by_time(first, after.as_deref(), 20).graph()?;
        let counted = context.look_ahead().field("totalCount").exists();
        let filter = Filter { unread_only, channel: channel.map(Into::into), counted };
        let page =
            context.data::<Notifications>()?.list_notifications(self.id, filter, &ask).await.graph()?;
        Ok(Some(connection(page.map(Notification), after.is_none())))
    }

    /// How many messages in the person's list were not read yet; for the person only.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn unread_notification_count(&self, context: &Context<'_>) -> Result<Option<u64>> {
        self.require_oneself(context, "Somebody's messages are counted for that person only.")?;
        Ok(context.data::<DataLoader<Loaders>>()?.load_one(UnreadOf(self.id)).await?.or(Some(0)))
    }

    /// Since when mail to the person's address comes back: only mail that cannot be done without goes there. Null while mail
    /// arrives. `requestEmailVerification` with `again` mails a link that shows that it does. For the person only.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn email_unreachable_since(&self, context: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        self.require_oneself(context, "Whether mail reaches somebody is shown to that person only.")?;
        context.data::<DataLoader<Loaders>>()?.load_one(UnreachableOf(self.id)).await
    }

    /// What the person wants to be told, and by which channel; for the person only.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn notification_preferences(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<NotificationPreferences>> {
        self.require_oneself(context, "What somebody wants to be told is shown to that person only.")?;
        let chosen = context.data::<DataLoader<Loaders>>()?.load_one(self.id).await?;
        Ok(Some(NotificationPreferences(chosen.unwrap_or_default())))
    }
}

impl User {
    fn require_oneself(&self, context: &Context<'_>, message: &'static str) -> Result<()> {
        if require_user(context)? == self.id {
            return Ok(());
        }
        Err(Refusal::new(kernel::reasons::OWNER_ONLY, message)).graph()
    }
}

pub(super) struct NotificationPreferences(pub(super) Preferences);

/// Finds what belongs to people, many at a time.
#[derive(Clone)]
pub(super) struct Loaders(pub(super) Notifications);

/// How much somebody has not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct UnreadOf(UserId);

/// Since when no mail reaches somebody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct UnreachableOf(UserId);

impl Loader<UnreachableOf> for Loaders {
    type Value = DateTime<Utc>;
    type Error = async_graphql::Error;

    async fn load(&self, users: &[UnreachableOf]) -> Result<HashMap<UnreachableOf, Self::Value>> {
        let users: Vec<_> = users.iter().map(|of| of.0).collect();
        let since = self.0.unreachable(&users).await.graph()?;
        Ok(since.into_iter().map(|(user, since)| (UnreachableOf(user), since)).collect())
    }
}

impl Loader<UserId> for Loaders {
    type Value = Preferences;
    type Error = async_graphql::Error;

    async fn load(&self, users: &[UserId]) -> Result<HashMap<UserId, Preferences>> {
        self.0.preferences(users).await.graph()
    }
}

impl Loader<UnreadOf> for Loaders {
    type Value = u64;
    type Error = async_graphql::Error;

    async fn load(&self, users: &[UnreadOf]) -> Result<HashMap<UnreadOf, u64>> {
        let users: Vec<_> = users.iter().map(|of| of.0).collect();
        let unread = self.0.unread(&users).await.graph()?;
        Ok(unread.into_iter().map(|(user, unread)| (UnreadOf(user), unread)).collect())
    }
}

/// What a person wants to be told, and by which channel.
#[Object]
impl NotificationPreferences {
    /// Every kind of message with every channel it may go by.
    async fn entries(&self) -> Vec<NotificationPreference> {
        self.0.all().into_iter().map(Into::into).collect()
    }
}

/// Whether messages of a kind go by a channel.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(super) struct NotificationPreference {
    /// Of which kind of message.
    kind: NotificationKind,
    /// By which channel.
    channel: Channel,
    /// Whether it is sent.
    enabled: bool,
    /// Whether the person may change that: mails with tickets, or about money that was paid, are always sent.
    changeable: bool,
}

impl From<Preference> for NotificationPreference {
    fn from(preference: Preference) -> Self {
        let Preference { kind, channel, enabled, changeable } = preference;
        Self { kind: kind.into(), channel: channel.into(), enabled, changeable }
    }
}

/// What to change of a person's preferences.
#[derive(Debug, InputObject)]
pub(super) struct NotificationPreferencesInput {
    /// Each kind and channel at most once; 1 to 100 entries.
    entries: Vec<NotificationPreferenceInput>,
}

/// Whether messages of a kind shall go by a channel.
#[derive(Clone, Copy, Debug, InputObject)]
pub(super) struct NotificationPreferenceInput {
    /// Of which kind of message.
    kind: NotificationKind,
    /// By which channel.
    channel: Channel,
    /// Whether it is to be sent.
    enabled: bool,
}

impl NotificationPreferencesInput {
    /// What was chosen.
    pub(super) fn read(&self) -> Result<Vec<(entities::Kind, entities::Channel, bool)>, Refusal> {
        if self.entries.is_empty() || self.entries.len() > MOST_ENTRIES {
            return Err(Refusal::bad_input("entries", format!("must have from 1 to {MOST_ENTRIES} entries"))
                .because(kernel::reasons::WRONG_COUNT));
        }
        Ok(self.entries.iter().map(|one| (one.kind.into(), one.channel.into(), one.enabled)).collect())
    }
}
