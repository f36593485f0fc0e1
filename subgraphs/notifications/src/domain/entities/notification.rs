use chrono::{DateTime, Duration, Utc};
use kernel::{EmailAddress, EventId, NotificationId, OrderId, TicketId, UserId};

use super::{
    Channel, DeliveryStatus, Kind, Organizer,
    outgoing::{Hindrance, Outgoing, SMS_PATIENCE},
};
use crate::domain::{letter::Letter, words::Language};

/// Somebody to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Somebody with an account.
    Person(UserId),
    /// Whoever reads the mail of an address.
    Address(String),
}

impl Recipient {
    /// The same for the same person: what "at most once" is counted by.
    pub fn key(&self) -> String {
        match self {
            Self::Person(user) => format!("user:{user}"),
            Self::Address(address) => EmailAddress::restore(address).normalised(),
        }
    }

    /// The account, if there is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Person(user) => Some(*user),
            Self::Address(_) => None,
        }
    }
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is about.
    pub kind: Kind,
    /// What brought it about, such as `order:<id>`; nobody is told twice of the same.
    pub cause: String,
    /// In one line.
    pub subject: String,
    /// In plain text.
    pub body: String,
    /// What it points at.
    pub about: About,
}

/// What a message points at, where its reader may go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// An order of the reader's.
    pub order: Option<OrderId>,
    /// An event.
    pub event: Option<EventId>,
    /// A ticket of the reader's.
    pub ticket: Option<TicketId>,
}

impl About {
    /// Where its reader goes on: the order's page, else the event's.
    pub fn url(&self, public_url: &str) -> Option<String> {
        let page = match (self.order, self.event) {
            (Some(order), _) => format!("orders/{}", order.public()),
            (None, Some(event)) => format!("events/{}", event.public()),
            (None, None) => return None,
        };
        Some(format!("{public_url}/{page}"))
    }
}

/// How a message reaches its reader.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// In the list of the account.
    InApp,
    /// By mail.
    Mail(Box<Outgoing>),
    /// By SMS.
    Sms(Box<Outgoing>),
}

impl Delivery {
    /// What is on its way; none where it only has to be kept.
    pub fn outgoing(&self) -> Option<&Outgoing> {
        match self {
            Self::InApp => None,
            Self::Mail(outgoing) | Self::Sms(outgoing) => Some(outgoing),
        }
    }

    fn outgoing_mut(&mut self) -> Option<&mut Outgoing> {
        match self {
            Self::InApp => None,
            Self::Mail(outgoing) | Self::Sms(outgoing) => Some(outgoing),
        }
    }
}

/// A message to a person, by one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    id: NotificationId,
    recipient: Recipient,
    told: Told,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
    delivery: Delivery,
    on_behalf_of: Option<UserId>,
}

/// A notification as rows hold it.
#[derive(Clone, Debug)]
pub struct NotificationSnapshot {
    /// Which.
    pub id: NotificationId,
    /// To whom.
    pub recipient: Recipient,
    /// What.
    pub told: Told,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// How it gets there.
    pub delivery: Delivery,
    /// Who brought it about, where that is somebody else than its reader.
    pub on_behalf_of: Option<UserId>,
}

impl Notification {
    /// An entry in a person's list.
    pub fn in_app(user: UserId, told: Told, now: DateTime<Utc>) -> Self {
        let id = NotificationId::new();
        let (recipient, delivery) = (Recipient::Person(user), Delivery::InApp);
        Self { id, recipient, told, created_at: now, read_at: None, delivery, on_behalf_of: None }
    }

    /// A mail, to be sent at once.
    pub fn mail(
        recipient: Recipient,
        address: String,
        name: String,
        told: Told,
        letter: Letter,
        now: DateTime<Utc>,
    ) -> Self {
        let (id, outgoing) = (NotificationId::new(), Outgoing::new(address, name, letter, now));
        let delivery = Delivery::Mail(Box::new(outgoing));
        Self { id, recipient, told, created_at: now, read_at: None, delivery, on_behalf_of: None }
    }

    /// An SMS, to be sent at once.
    pub fn sms(user: UserId, number: String, told: Told, letter: Letter, now: DateTime<Utc>) -> Self {
        let (id, outgoing) = (NotificationId::new(), Outgoing::new(number, String::new(), letter, now));
        let (recipient, delivery) = (Recipient::Person(user), Delivery::Sms(Box::new(outgoing)));
        Self { id, recipient, told, created_at: now, read_at: None, delivery, on_behalf_of: None }
    }

    /// The same, brought about by somebody else than its reader.
    #[must_use]
    pub fn on_behalf_of(mut self, user: UserId) -> Self {
        self.on_behalf_of = Some(user);
        self
    }

    /// The same, as an organization presents itself; as the platform does, where there is none.
    #[must_use]
    pub fn presented_by(mut self, organizer: Option<&Organizer>) -> Self {
        if let Some(outgoing) = self.delivery.outgoing_mut() {
            outgoing.organizer = organizer.cloned();
        }
        self
    }

    /// The same, written in a language.
    #[must_use]
    pub fn written_in(mut self, language: Language) -> Self {
        if let Some(outgoing) = self.delivery.outgoing_mut() {
            outgoing.language = language;
        }
        self
    }

    /// Rebuilds it from a row; for adapters only.
    pub fn restore(snapshot: NotificationSnapshot) -> Self {
        let NotificationSnapshot { id, recipient, told, created_at, read_at, delivery, on_behalf_of } =
            snapshot;
        Self { id, recipient, told, created_at, read_at, delivery, on_behalf_of }
    }

    /// It says something else, as long as it was not sent.
    pub fn rewrite(&mut self, told: Told, letter: Letter) {
        if let Some(outgoing) = self.delivery.outgoing_mut().filter(|outgoing| outgoing.letter.is_some()) {
            outgoing.letter = Some(letter);
            self.told = told;
        }
    }

    /// The person has read it. The first time counts.
    pub fn read(&mut self, now: DateTime<Utc>) {
        self.read_at.get_or_insert(now);
    }

    /// It was taken over by who brings it. What it said is not kept, but for its plain text.
    pub fn sent(&mut self, now: DateTime<Utc>) {
        if let Some(outgoing) = self.delivery.outgoing_mut() {
            outgoing.sent(now);
        }
    }

    /// It could not be sent. Unless it never can be, it waits, each time longer, and fails when it is older than
    /// `patience`.
    pub fn not_sent(&mut self, now: DateTime<Utc>, error: String, why: Hindrance, patience: Duration) {
        let (age, spread) = (now - self.created_at, self.spread());
        let patience = if self.channel() == Channel::Sms { SMS_PATIENCE.min(patience) } else { patience };
        if let Some(outgoing) = self.delivery.outgoing_mut() {
            outgoing.not_sent(now, error, why, age, patience, spread);
        }
    }

    /// Who brings it was not asked at all: that is no try.
    pub fn not_tried(&mut self, now: DateTime<Utc>) {
        let spread = self.spread();
        if let Some(outgoing) = self.delivery.outgoing_mut() {
            outgoing.not_tried(now, spread);
        }
    }

    /// From 50 to 149 percent, different from mail to mail and from try to try, so that those which
    /// failed together do not come back together.
    fn spread(&self) -> i32 {
        let attempts = self.delivery.outgoing().map_or(0, |mail| mail.attempts);
        let random = self.id.uuid().as_u128() >> (attempts % 24); // the low 32 bits of an id are random
        50 + i32::try_from(random % 100).unwrap_or(50)
    }

    /// Which.
    pub fn id(&self) -> NotificationId {
        self.id
    }

    /// To whom.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// What.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// Since when.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// When it was read.
    pub fn read_at(&self) -> Option<DateTime<Utc>> {
        self.read_at
    }

    /// How it gets there.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Who brought it about, where that is somebody else than its reader.
    pub fn brought_about_by(&self) -> Option<UserId> {
        self.on_behalf_of
    }

    /// By which channel.
    pub fn channel(&self) -> Channel {
        match self.delivery {
            Delivery::InApp => Channel::InApp,
            Delivery::Mail(_) => Channel::Email,
            Delivery::Sms(_) => Channel::Sms,
        }
    }

    /// How far it has come.
    pub fn status(&self) -> DeliveryStatus {
        match self.delivery.outgoing() {
            None => DeliveryStatus::Delivered,
            Some(mail) if mail.sent_at.is_some() => DeliveryStatus::Sent,
            Some(mail) if mail.withdrawn => DeliveryStatus::Withdrawn,
            Some(mail) if mail.failed => DeliveryStatus::Failed,
            Some(_) => DeliveryStatus::Queued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_recipient_however_it_is_typed() {
        let typed = Recipient::Address("Ada@Example.org".to_owned());
        assert_eq!(typed.key(), Recipient::Address("ada@example.ORG".to_owned()).key());
        let umlaut = Recipient::Address("ada@müller.example".to_owned());
        assert_eq!(umlaut.key(), Recipient::Address("ada@xn--mller-kva.example".to_owned()).key());
    }
}
