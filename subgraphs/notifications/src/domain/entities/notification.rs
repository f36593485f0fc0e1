use chrono::{DateTime, Duration, Utc};
use kernel::{EmailAddress, NotificationId, UserId};

use super::{Channel, DeliveryStatus, Kind};
use crate::domain::letter::Letter;

/// The first wait after a mail could not be sent; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::seconds(1);
/// The longest wait: who comes back after a night has all mails within a minute.
const LONGEST_WAIT: Duration = Duration::seconds(40);
/// The wait after the mail server has said that it will never take the mail.
const REJECTED_WAIT: Duration = Duration::hours(1);

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
            Self::Address(address) => EmailAddress::parse("email", address)
                .map_or_else(|_| address.to_lowercase(), |address| address.normalised()),
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
}

/// How long an SMS is tried: it is news, and the mail says the same.
const SMS_PATIENCE: Duration = Duration::hours(24);

/// A mail or an SMS on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// To which address, as typed; of an SMS, the telephone number.
    pub address: String,
    /// Whose.
    pub name: String,
    /// What it says; forgotten once it is sent.
    pub letter: Option<Letter>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next.
    pub due_at: DateTime<Utc>,
    /// When it was taken over by who brings it.
    pub sent_at: Option<DateTime<Utc>>,
    /// True when it is not tried any more.
    pub failed: bool,
    /// Why it was not sent the last time.
    pub last_error: Option<String>,
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
}

impl Notification {
    /// An entry in a person's list.
    pub fn in_app(user: UserId, told: Told, now: DateTime<Utc>) -> Self {
        let id = NotificationId::new();
        let (recipient, delivery) = (Recipient::Person(user), Delivery::InApp);
        Self { id, recipient, told, created_at: now, read_at: None, delivery }
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
        Self { id, recipient, told, created_at: now, read_at: None, delivery }
    }

    /// An SMS, to be sent at once.
    pub fn sms(user: UserId, number: String, told: Told, letter: Letter, now: DateTime<Utc>) -> Self {
        let (id, outgoing) = (NotificationId::new(), Outgoing::new(number, String::new(), letter, now));
        let (recipient, delivery) = (Recipient::Person(user), Delivery::Sms(Box::new(outgoing)));
        Self { id, recipient, told, created_at: now, read_at: None, delivery }
    }

    /// Rebuilds it from a row; for adapters only.
    pub fn restore(snapshot: NotificationSnapshot) -> Self {
        let NotificationSnapshot { id, recipient, told, created_at, read_at, delivery } = snapshot;
        Self { id, recipient, told, created_at, read_at, delivery }
    }

    /// The person has read it. The first time counts.
    pub fn read(&mut self, now: DateTime<Utc>) {
        self.read_at.get_or_insert(now);
    }

    /// It was taken over by who brings it. What it said is not kept, but for its plain text.
    pub fn sent(&mut self, now: DateTime<Utc>) {
        if let Some(mail) = self.delivery.outgoing_mut() {
            mail.attempts += 1;
            mail.sent_at.get_or_insert(now);
            mail.letter = None;
            mail.last_error = None;
        }
    }

    /// It could not be sent: it waits, each time longer, and fails when it is older than `patience`.
    /// A mail that was `rejected` waits long at once: the reason may be a setting that somebody mends.
    /// An SMS that was is not tried any more: the reason is the number.
    pub fn not_sent(&mut self, now: DateTime<Utc>, error: String, rejected: bool, patience: Duration) {
        let spread = self.spread();
        let age = now - self.created_at;
        let is_sms = self.channel() == Channel::Sms;
        let patience = if is_sms { SMS_PATIENCE.min(patience) } else { patience };
        let Some(mail) = self.delivery.outgoing_mut() else { return };
        if mail.sent_at.is_some() {
            return; // another replica has
        }
        let doubled = FIRST_WAIT * (1 << mail.attempts.min(20));
        let wait = if rejected { REJECTED_WAIT } else { doubled.min(LONGEST_WAIT) };
        mail.attempts += 1;
        mail.last_error = Some(error);
        mail.due_at = now + wait * spread / 100;
        mail.failed = age >= patience || (is_sms && rejected);
    }

    /// Who brings it was not asked at all: that is no try.
    pub fn not_tried(&mut self, now: DateTime<Utc>) {
        let spread = self.spread();
        if let Some(mail) = self.delivery.outgoing_mut()
            && mail.sent_at.is_none()
        {
            mail.due_at = now + FIRST_WAIT * spread / 100;
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
            Some(mail) if mail.failed => DeliveryStatus::Failed,
            Some(_) => DeliveryStatus::Queued,
        }
    }
}

impl Outgoing {
    fn new(address: String, name: String, letter: Letter, now: DateTime<Utc>) -> Self {
        let letter = Some(letter);
        Self {
            address,
            name,
            letter,
            attempts: 0,
            due_at: now,
            sent_at: None,
            failed: false,
            last_error: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::OrderId;

    use super::*;

    const PATIENCE: Duration = Duration::days(3);

    fn mail(now: DateTime<Utc>) -> Notification {
        let told = Told {
            kind: Kind::OrderRefunded,
            cause: "order:1".to_owned(),
            subject: "s".to_owned(),
            body: "b".to_owned(),
        };
        let letter =
            Letter::OrderRefunded { name: "Ada".to_owned(), order_id: OrderId::new(), event_title: None };
        let user = Recipient::Person(UserId::new());
        Notification::mail(user, "ada@example.org".to_owned(), "Ada".to_owned(), told, letter, now)
    }

    fn outgoing(notification: &Notification) -> &Outgoing {
        let Delivery::Mail(mail) = notification.delivery() else { panic!("a mail") };
        mail
    }

    #[test]
    fn waits_grow_are_spread_and_end_after_three_days() {
        let start: DateTime<Utc> = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(start);
        let (mut now, mut tries) = (start, 0);
        while mail.status() == DeliveryStatus::Queued {
            mail.not_sent(now, "refused".to_owned(), false, PATIENCE);
            let wait = outgoing(&mail).due_at - now;
            assert!(wait >= Duration::milliseconds(500) && wait <= Duration::minutes(1), "{wait}");
            if tries > 12 {
                assert!(wait >= Duration::seconds(20), "{wait}");
            }
            (now, tries) = (outgoing(&mail).due_at, tries + 1);
        }
        assert_eq!(mail.status(), DeliveryStatus::Failed);
        assert!(now - start >= PATIENCE && tries > 4_000 && tries < 13_000, "{tries}");
    }

    #[test]
    fn a_mail_server_that_is_left_alone_costs_no_try() {
        let now: DateTime<Utc> = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(now);
        for hour in 0..1000 {
            mail.not_tried(now + Duration::hours(hour));
        }
        assert_eq!((mail.status(), outgoing(&mail).attempts), (DeliveryStatus::Queued, 0));
        assert!(outgoing(&mail).due_at < now + Duration::hours(999) + Duration::seconds(2));
    }

    #[test]
    fn mails_that_fail_together_do_not_come_back_together() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut due: Vec<_> = (0..50)
            .map(|_| {
                let mut mail = mail(now);
                mail.not_sent(now, String::new(), false, PATIENCE);
                outgoing(&mail).due_at
            })
            .collect();
        due.sort_unstable();
        due.dedup();
        assert!(due.len() > 10, "{}", due.len());
    }

    #[test]
    fn what_was_rejected_waits_long_and_is_not_given_up() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(now);
        mail.not_sent(now, "550 no such mailbox".to_owned(), true, PATIENCE);
        assert_eq!(mail.status(), DeliveryStatus::Queued);
        assert!(outgoing(&mail).due_at - now >= Duration::minutes(30));
    }

    #[test]
    fn an_sms_that_was_rejected_is_given_up_at_once_and_any_other_after_a_day() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let told = mail(now).told().clone();
        let letter = outgoing(&mail(now)).letter.clone().unwrap();
        let mut rejected = Notification::sms(UserId::new(), "+4312345".to_owned(), told, letter, now);
        let mut late = rejected.clone();
        rejected.not_sent(now, "no such number".to_owned(), true, PATIENCE);
        assert_eq!((rejected.channel(), rejected.status()), (Channel::Sms, DeliveryStatus::Failed));
        late.not_sent(now + Duration::hours(23), "no answer".to_owned(), false, PATIENCE);
        assert_eq!(late.status(), DeliveryStatus::Queued);
        late.not_sent(now + Duration::hours(24), "no answer".to_owned(), false, PATIENCE);
        assert_eq!(late.status(), DeliveryStatus::Failed);
    }

    #[test]
    fn what_was_sent_stays_sent_and_is_forgotten() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(now);
        mail.sent(now);
        mail.not_sent(now + PATIENCE, "late".to_owned(), false, PATIENCE);
        assert_eq!(mail.status(), DeliveryStatus::Sent);
        assert_eq!(outgoing(&mail).letter, None);
    }

    #[test]
    fn an_address_is_the_same_recipient_however_it_is_typed() {
        let typed = Recipient::Address("Ada@Example.org".to_owned());
        assert_eq!(typed.key(), Recipient::Address("ada@example.ORG".to_owned()).key());
    }
}
