use chrono::{DateTime, Duration, Utc};

use super::Organizer;
use crate::domain::{letter::Letter, words::Language};

/// The first wait after a mail could not be sent; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::seconds(1);
/// The longest wait: who comes back after a night has all mails within a minute.
const LONGEST_WAIT: Duration = Duration::seconds(40);
/// The first wait after the mail server has turned a mail away for good: the reason may be a setting that somebody
/// mends. Each further one is twice as long.
const REJECTED_WAIT: Duration = Duration::minutes(5);
/// The longest of those waits.
const LONGEST_REJECTED_WAIT: Duration = Duration::hours(4);
/// How long a mail that was turned away for good is tried.
const REJECTED_PATIENCE: Duration = Duration::hours(12);
/// How long an SMS is tried: it is news, and the mail says the same.
pub(super) const SMS_PATIENCE: Duration = Duration::hours(24);

/// What kept a mail or an SMS from being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Something that passes: nobody answers, or the answer was "later".
    Passing,
    /// This one was turned away. It might be taken when somebody has mended a setting.
    Rejected,
    /// It can never leave: the address is to blame.
    Undeliverable,
}

/// A mail or an SMS on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// To which address, as typed; of an SMS, the telephone number.
    pub address: String,
    /// Whose.
    pub name: String,
    /// What it says; forgotten once it is sent, or given up.
    pub letter: Option<Letter>,
    /// In which language it says that.
    pub language: Language,
    /// Whose event it is about, as far as that shows; forgotten with the letter.
    pub organizer: Option<Organizer>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next.
    pub due_at: DateTime<Utc>,
    /// When it was taken over by who brings it.
    pub sent_at: Option<DateTime<Utc>>,
    /// True when it is not tried any more.
    pub failed: bool,
    /// True when it was taken back before it was sent: then it is not sent any more.
    pub withdrawn: bool,
    /// Why it was not sent the last time.
    pub last_error: Option<String>,
}

impl Outgoing {
    pub(super) fn new(address: String, name: String, letter: Letter, now: DateTime<Utc>) -> Self {
        Self {
            address,
            name,
            letter: Some(letter),
            language: Language::default(),
            organizer: None,
            attempts: 0,
            due_at: now,
            sent_at: None,
            failed: false,
            withdrawn: false,
            last_error: None,
        }
    }

    pub(super) fn sent(&mut self, now: DateTime<Utc>) {
        self.attempts += 1;
        self.sent_at.get_or_insert(now);
        self.forget();
        self.last_error = None;
    }

    /// `spread` is in percent of a wait.
    pub(super) fn not_sent(
        &mut self,
        now: DateTime<Utc>,
        error: String,
        why: Hindrance,
        age: Duration,
        patience: Duration,
        spread: i32,
    ) {
        if self.sent_at.is_some() {
            return; // another replica has
        }
        let (first, longest, patience) = match why {
            Hindrance::Passing => (FIRST_WAIT, LONGEST_WAIT, patience),
            Hindrance::Rejected => (REJECTED_WAIT, LONGEST_REJECTED_WAIT, patience.min(REJECTED_PATIENCE)),
            Hindrance::Undeliverable => (FIRST_WAIT, LONGEST_WAIT, Duration::zero()),
        };
        let wait = (first * (1 << self.attempts.min(16))).min(longest);
        self.attempts += 1;
        self.last_error = Some(error);
        self.due_at = now + wait * spread / 100;
        self.failed = age >= patience;
        if self.failed {
            self.forget();
        }
    }

    /// What it said is not needed any more.
    fn forget(&mut self) {
        (self.letter, self.organizer) = (None, None);
    }

    pub(super) fn not_tried(&mut self, now: DateTime<Utc>, spread: i32) {
        if self.sent_at.is_none() {
            self.due_at = now + FIRST_WAIT * spread / 100;
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{OrderId, UserId};

    use super::*;
    use crate::domain::{
        entities::{About, Channel, Delivery, DeliveryStatus, Kind, Notification, Recipient, Told},
        letter::{Refund, Why},
    };

    const PATIENCE: Duration = Duration::days(3);

    fn mail(now: DateTime<Utc>) -> Notification {
        let told = Told {
            kind: Kind::OrderRefunded,
            cause: "order:1".to_owned(),
            subject: "s".to_owned(),
            body: "b".to_owned(),
            about: About::default(),
        };
        let letter = Letter::OrderRefunded(Refund {
            name: "Ada".to_owned(),
            order_id: OrderId::new(),
            number: None,
            event_title: None,
            amount: None,
            part: false,
            void: false,
            why: Why::TooLate,
        });
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
            mail.not_sent(now, "refused".to_owned(), Hindrance::Passing, PATIENCE);
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
                mail.not_sent(now, String::new(), Hindrance::Passing, PATIENCE);
                outgoing(&mail).due_at
            })
            .collect();
        due.sort_unstable();
        due.dedup();
        assert!(due.len() > 10, "{}", due.len());
    }

    #[test]
    fn what_was_rejected_waits_long_and_is_given_up_after_half_a_day() {
        let start: DateTime<Utc> = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(start);
        let (mut now, mut last, mut tries) = (start, start, 0);
        while mail.status() == DeliveryStatus::Queued {
            last = now;
            mail.not_sent(now, "554 not today".to_owned(), Hindrance::Rejected, PATIENCE);
            assert!(outgoing(&mail).due_at - now >= Duration::minutes(2));
            (now, tries) = (outgoing(&mail).due_at, tries + 1);
        }
        assert!((4..20).contains(&tries), "{tries}");
        assert!(last - start < Duration::hours(19), "{}", last - start);
    }

    #[test]
    fn what_can_never_leave_is_given_up_at_once_and_forgotten() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(now);
        mail.not_sent(now, "550 5.1.1 no such mailbox".to_owned(), Hindrance::Undeliverable, PATIENCE);
        assert_eq!(mail.status(), DeliveryStatus::Failed);
        assert_eq!((outgoing(&mail).attempts, outgoing(&mail).letter.as_ref()), (1, None));
    }

    #[test]
    fn an_sms_that_was_rejected_is_given_up_at_once_and_any_other_after_a_day() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let told = mail(now).told().clone();
        let letter = outgoing(&mail(now)).letter.clone().unwrap();
        let mut rejected = Notification::sms(UserId::new(), "+4312345".to_owned(), told, letter, now);
        let mut late = rejected.clone();
        rejected.not_sent(now, "no such number".to_owned(), Hindrance::Undeliverable, PATIENCE);
        assert_eq!((rejected.channel(), rejected.status()), (Channel::Sms, DeliveryStatus::Failed));
        late.not_sent(now + Duration::hours(23), "no answer".to_owned(), Hindrance::Passing, PATIENCE);
        assert_eq!(late.status(), DeliveryStatus::Queued);
        late.not_sent(now + Duration::hours(24), "no answer".to_owned(), Hindrance::Passing, PATIENCE);
        assert_eq!(late.status(), DeliveryStatus::Failed);
    }

    #[test]
    fn what_was_sent_stays_sent_and_is_forgotten() {
        let now = "2027-03-13T12:00:00Z".parse().unwrap();
        let mut mail = mail(now);
        mail.sent(now);
        mail.not_sent(now + PATIENCE, "late".to_owned(), Hindrance::Passing, PATIENCE);
        assert_eq!(mail.status(), DeliveryStatus::Sent);
        assert_eq!(outgoing(&mail).letter, None);
    }
}
