//! What mails say. Here in plain text; adapters make them look good and attach what belongs to them.

mod account;
mod called_off;
mod declined;
mod direction;
mod disputed;
mod refund;
mod refunded_tickets;
mod reminder;
mod rescheduled;
mod sms;
#[cfg(test)]
pub(crate) mod tests;
mod tickets;
mod transferred;
mod waiting;

use contracts::{
    account_mail::AccountMail,
    invoices::Invoice,
    purchase::{EventOnTicket, SendConfirmation, TicketInHand},
};
use kernel::{OrderId, TimeZone};
use serde::{Deserialize, Serialize};

pub use self::{
    called_off::{CalledOff, PaidOrder, Returned},
    declined::Declined,
    direction::apart,
    disputed::Disputed,
    refund::{Refund, Why},
    refunded_tickets::{RefundedOrder, RefundedTickets},
    reminder::Reminder,
    rescheduled::Rescheduled,
    tickets::{about, place, place_held, place_of},
    transferred::{GivenTicket, TicketGivenAway},
    waiting::{OfferedToYou, WaitingOver},
};
use super::{
    entities::{About, Kind, Organizer, Told},
    words::{Language, say, with_order},
};

/// The most letters of a title in a subject line.
const TITLE: usize = 120;
/// The most letters of a person's name.
const NAME: usize = 80;
/// The most letters of an organizer's reason.
const REASON: usize = 500;

/// A mail's contents, as data: it is written when it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Letter {
    /// To the buyer: the order and all its tickets.
    OrderConfirmed {
        /// The buyer.
        name: String,
        /// What was bought.
        order: Box<SendConfirmation>,
        /// Who goes in and was sent no mail, since the buyer has had so many sent already.
        #[serde(default)]
        unmailed: Vec<String>,
        /// Where a guest takes the order into an account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claim: Option<String>,
    },
    /// To somebody else who goes in: their tickets, and nothing of the order.
    TicketsReceived {
        /// Who goes in.
        name: String,
        /// Who bought.
        from: String,
        /// Of which order, for the tickets' calendar entry.
        order_id: OrderId,
        /// As people say it.
        order_number: String,
        /// To which event.
        event: Box<EventOnTicket>,
        /// Theirs alone.
        tickets: Vec<TicketInHand>,
    },
    /// To the buyer: money goes back.
    OrderRefunded(Refund),
    /// To the buyer and to whoever has them: these tickets went back.
    TicketsRefunded(RefundedTickets),
    /// To whoever has tickets: the event is off.
    EventCalledOff(CalledOff),
    /// To whoever has tickets: the event has another time.
    EventRescheduled(Rescheduled),
    /// To the buyer: the payment did not go through.
    PaymentDeclined(Declined),
    /// To who was given a ticket: here it is.
    TicketGiven(GivenTicket),
    /// To who has given a ticket away: it is somebody else's.
    TicketGivenAway(TicketGivenAway),
    /// To whoever has tickets: it begins soon.
    Reminder(Reminder),
    /// To who waited: places are set aside.
    PlacesOffered(OfferedToYou),
    /// To who waited: it was in vain.
    WaitingOver(WaitingOver),
    /// To who organizes the event: a payment is disputed, or that is decided.
    PaymentDisputed(Disputed),
    /// To the holder of an address, about an account or an invitation.
    Account {
        /// How the reader wants to be called.
        name: Option<String>,
        /// In which times are written.
        timezone: TimeZone,
        /// What it says.
        mail: AccountMail,
    },
}

/// What has tickets in it: a confirmation, or tickets from somebody else.
pub struct Tickets<'a> {
    /// To which event.
    pub event: &'a EventOnTicket,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it.
    pub order_number: &'a str,
    /// Which.
    pub tickets: &'a [TicketInHand],
}

impl Letter {
    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Self::OrderConfirmed { .. } => Kind::OrderConfirmed,
            Self::TicketsReceived { .. } => Kind::TicketsReceived,
            Self::OrderRefunded(_) | Self::TicketsRefunded(_) => Kind::OrderRefunded,
            Self::EventCalledOff(_) => Kind::EventCancelled,
            Self::EventRescheduled(_) => Kind::EventRescheduled,
            Self::PaymentDeclined(_) => Kind::PaymentDeclined,
            Self::TicketGiven(_) | Self::TicketGivenAway(_) => Kind::TicketTransferred,
            Self::Reminder(_) => Kind::EventReminder,
            Self::PlacesOffered(_) | Self::WaitingOver(_) => Kind::WaitlistOffer,
            Self::PaymentDisputed(_) => Kind::PaymentDisputed,
            Self::Account { mail, .. } => account::kind(mail),
        }
    }

    /// What it points at, as far as that is its reader's business.
    pub fn about(&self) -> About {
        let (order, event, ticket) = match self {
            Self::OrderConfirmed { order, .. } => (Some(order.order_id), Some(order.event.event_id), None),
            Self::TicketsReceived { event, .. } => (None, Some(event.event_id), None),
            Self::OrderRefunded(refund) => (Some(refund.order_id), None, None),
            Self::TicketsRefunded(refund) => {
                (refund.order.as_ref().map(|_| refund.order_id), Some(refund.event.event_id), None)
            }
            Self::EventCalledOff(off) => {
                (off.order.as_ref().map(|_| off.order_id), Some(off.event.event_id), None)
            }
            Self::EventRescheduled(moved) => {
                (moved.order_number.as_ref().map(|_| moved.order_id), Some(moved.event.event_id), None)
            }
            Self::PaymentDeclined(declined) => (Some(declined.order_id), None, None),
            Self::TicketGiven(given) => {
                (None, Some(given.event.event_id), given.tickets.first().map(|ticket| ticket.ticket_id))
            }
            Self::TicketGivenAway(given) => (None, Some(given.event.event_id), None),
            Self::Reminder(reminder) => (reminder.order_id, Some(reminder.event_id), None),
            Self::PlacesOffered(offered) => (None, Some(offered.event.event_id), None),
            Self::WaitingOver(over) => (None, Some(over.event.event_id), None),
            Self::PaymentDisputed(_) | Self::Account { .. } => (None, None, None),
        };
        About { order, event, ticket }
    }

    /// The tickets that go with it.
    pub fn tickets(&self) -> Option<Tickets<'_>> {
        match self {
            Self::OrderConfirmed { order, .. } => Some(Tickets {
                event: &order.event,
                order_id: order.order_id,
                order_number: &order.number,
                tickets: &order.tickets,
            }),
            Self::TicketsReceived { order_id, order_number, event, tickets, .. }
            | Self::TicketGiven(GivenTicket { order_id, order_number, event, tickets, .. }) => {
                Some(Tickets { event, order_id: *order_id, order_number, tickets })
            }
            _ => None,
        }
    }

    /// The invoice that goes with it, or the credit note.
    pub fn invoice(&self) -> Option<&Invoice> {
        match self {
            Self::OrderConfirmed { order, .. } => order.invoice.as_deref(),
            Self::TicketsRefunded(refund) => refund.order.as_ref()?.invoice.as_deref(),
            Self::EventCalledOff(off) => off.order.as_ref()?.returned.as_ref()?.invoice.as_deref(),
            _ => None,
        }
    }

    /// Its subject line.
    pub fn subject(&self, words: Language) -> String {
        match self {
            Self::OrderConfirmed { order, .. } => {
                let (tickets, title) = (order.tickets.len(), titled(&order.event.title));
                let subject = say!(words, "tickets-for", tickets = tickets, title = title);
                with_order(words, subject, Some(&order.number))
            }
            Self::TicketsReceived { event, tickets, .. } => {
                say!(words, "tickets-for", tickets = tickets.len(), title = titled(&event.title))
            }
            Self::OrderRefunded(refund) => refund.subject(words),
            Self::TicketsRefunded(refund) => refund.subject(words),
            Self::EventCalledOff(off) => off.subject(words),
            Self::EventRescheduled(moved) => moved.subject(words),
            Self::PaymentDeclined(declined) => declined.subject(words),
            Self::TicketGiven(given) => given.subject(words),
            Self::TicketGivenAway(given) => given.subject(words),
            Self::Reminder(reminder) => reminder.subject(words),
            Self::PlacesOffered(offered) => offered.subject(words),
            Self::WaitingOver(over) => over.subject(words),
            Self::PaymentDisputed(disputed) => disputed.subject(words),
            Self::Account { mail, .. } => account::subject(words, mail),
        }
    }

    /// What it says before any details, paragraph by paragraph.
    pub fn opening(&self, words: Language) -> Vec<String> {
        match self {
            Self::OrderConfirmed { name, order, unmailed, .. } => {
                tickets::to_the_buyer(words, name, order, unmailed)
            }
            Self::TicketsReceived { name, from, tickets, .. } => {
                tickets::to_a_guest(words, name, from, tickets)
            }
            Self::OrderRefunded(refund) => refund.opening(words),
            Self::TicketsRefunded(refund) => refund.opening(words),
            Self::EventCalledOff(off) => off.opening(words),
            Self::EventRescheduled(moved) => moved.opening(words),
            Self::PaymentDeclined(declined) => declined.opening(words),
            Self::TicketGiven(given) => given.opening(words),
            Self::TicketGivenAway(given) => given.opening(words),
            Self::Reminder(reminder) => reminder.opening(words),
            Self::PlacesOffered(offered) => offered.opening(words),
            Self::WaitingOver(over) => over.opening(words),
            Self::PaymentDisputed(disputed) => disputed.opening(words),
            Self::Account { name, timezone, mail } => {
                account::opening(words, name.as_deref(), *timezone, mail)
            }
        }
    }

    /// The one thing to be done, where there is one: what to call it, and the link that does it.
    pub fn action(&self, words: Language) -> Option<(String, &str)> {
        match self {
            Self::Account { mail, .. } => account::action(words, mail),
            Self::PaymentDeclined(declined) => Some(declined.action(words)),
            Self::PlacesOffered(offered) => Some(offered.action(words)),
            _ => None,
        }
    }

    /// Where its reader goes on: to the order, where that is theirs to see, or else to the event. What to call the link, and the
    /// link; none where there is something to be done.
    pub fn page(&self, words: Language, public_url: &str) -> Option<(String, String)> {
        let about = self.about();
        let link = about.url(public_url).filter(|_| self.action(words).is_none())?;
        let what = match self {
            _ if about.order.is_none() => say!(words, "see-event"),
            Self::OrderConfirmed { .. } | Self::Reminder(_) => say!(words, "see-tickets"),
            _ => say!(words, "see-order"),
        };
        Some((what, link))
    }

    /// Where a guest takes what was bought into an account: what to call the link, and the link.
    pub fn claim(&self, words: Language) -> Option<(String, &str)> {
        match self {
            Self::OrderConfirmed { claim: Some(link), .. } => Some((say!(words, "claim-order"), link)),
            _ => None,
        }
    }

    /// What was paid in all, where that is the reader's business.
    pub fn total(&self, words: Language) -> Option<String> {
        let Self::OrderConfirmed { order, .. } = self else { return None };
        Some(if order.total.is_zero() { say!(words, "for-free") } else { words.money(order.total) })
    }

    /// The whole mail in plain text, signed by the organizer where there is one.
    pub fn text(&self, words: Language, public_url: &str, organizer: Option<&Organizer>) -> String {
        let mut text = self.opening(words).join("\n\n");
        if let Some((what, link)) = self.action(words) {
            text = format!("{text}\n\n{what}:\n{link}");
        }
        if let Self::TicketsRefunded(refund) = self {
            let line = |ticket| format!("- {}", tickets::refunded_line(words, ticket));
            let lines = refund.tickets.iter().map(line).collect::<Vec<_>>();
            text = format!("{text}\n\n{}", lines.join("\n"));
        }
        if let Some(with) = self.tickets() {
            text.push_str(&self.details(words, &with));
        }
        if let Some((what, link)) = self.page(words, public_url) {
            text = format!("{text}\n\n{what}:\n{link}");
        }
        if let Some((what, link)) = self.claim(words) {
            text = format!("{text}\n\n{what}:\n{link}");
        }
        let organizer = organizer.map(|organizer| organizer.signature(words)).unwrap_or_default();
        for signature in [organizer.join("\n"), format!("Odysseus\n{public_url}")] {
            if !signature.is_empty() {
                text.push_str("\n\n");
                text.push_str(&signature);
            }
        }
        text.push('\n');
        text
    }

    /// When and where it is, and the tickets for it.
    fn details(&self, words: Language, with: &Tickets<'_>) -> String {
        let Tickets { event, tickets, .. } = with;
        let times = words.times(event);
        let mut text = "\n\n".to_owned();
        for line in [
            event.title.as_str(),
            &times.days,
            &words.hours(&times),
            &event.venue_name,
            &printing::address_lines(&event.venue_address, words),
        ] {
            text.push_str(line);
            text.push('\n');
        }
        for ticket in *tickets {
            text.push_str("\n- ");
            text.push_str(&tickets::line(words, ticket));
        }
        if let Some(total) = self.total(words) {
            let paid = say!(words, "paid");
            text.extend(["\n\n", &*paid, ": ", &*total]);
        }
        text.push_str("\n\n");
        text.push_str(&say!(words, "clocks-of", zone = event.timezone.name()));
        text
    }

    /// The same as an SMS. A long title is cut, so that it takes two segments whatever its script.
    pub fn sms(&self, words: Language, public_url: &str) -> String {
        sms::text(self, words, public_url)
    }

    /// What is kept of it as a mail. What only the mail may say, such as a link that proves who reads it, is not in it.
    pub fn mailed(
        &self,
        words: Language,
        cause: String,
        public_url: &str,
        organizer: Option<&Organizer>,
    ) -> Told {
        let body = match self.action(words) {
            Some(_) => self.opening(words).join("\n\n"),
            None => self.text(words, public_url, organizer),
        };
        self.as_told(words, cause, body)
    }

    /// What is kept of it as an SMS, which is what is sent.
    pub fn texted(&self, words: Language, cause: String, public_url: &str) -> Told {
        self.as_told(words, cause, self.sms(words, public_url))
    }

    /// What is told about it in the list of an account, in short.
    pub fn listed(&self, words: Language, cause: String) -> Told {
        let body = match self {
            Self::OrderConfirmed { order, .. } => {
                let (tickets, title) = (order.tickets.len(), titled(&order.event.title));
                let body =
                    say!(words, "bought-listed", tickets = tickets, number = &order.number, title = &title);
                let subject = say!(words, "bought-listed-subject", title = title);
                return Told { subject, ..self.as_told(words, cause, body) };
            }
            Self::OrderRefunded(refund) => refund.in_short(words),
            Self::TicketsRefunded(refund) => refund.in_short(words),
            Self::EventCalledOff(off) => off.in_short(words),
            Self::EventRescheduled(moved) => moved.in_short(words),
            Self::PaymentDeclined(declined) => declined.in_short(words),
            Self::TicketGiven(given) => given.in_short(words),
            Self::TicketGivenAway(given) => given.in_short(words),
            Self::Reminder(reminder) => reminder.in_short(words),
            Self::PlacesOffered(offered) => offered.in_short(words),
            Self::WaitingOver(over) => over.in_short(words),
            Self::PaymentDisputed(disputed) => disputed.in_short(words),
            Self::TicketsReceived { .. } | Self::Account { .. } => self.opening(words).split_off(1).join(" "),
        };
        self.as_told(words, cause, begun_large(&body))
    }

    fn as_told(&self, words: Language, cause: String, body: String) -> Told {
        Told { kind: self.kind(), cause, subject: self.subject(words), body, about: self.about() }
    }
}

/// The same, with a first letter as sentences have it: after a greeting they begin with a small one.
fn begun_large(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// At most so many letters, in one line.
fn bounded(text: &str, most: usize) -> String {
    let mut letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut kept: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// An event's title within a sentence.
pub fn titled(title: &str) -> String {
    named(title, TITLE)
}

/// An event's title within a sentence; where it is not known, what it is about.
pub(in crate::domain) fn title_or_order(words: Language, title: Option<&str>) -> String {
    title.map_or_else(|| say!(words, "your-order"), titled)
}

/// Which order, within a sentence: `order ODY-7F3K2M, Die Zauberflöte,`, or its event's title alone.
fn of_order(words: Language, number: Option<&str>, title: Option<&str>) -> String {
    let title = title_or_order(words, title);
    match number {
        Some(number) => say!(words, "order-and-title", number = number, title = title),
        None => title,
    }
}

/// A name within a sentence: at most so many letters, set apart where it runs the other way.
fn named(name: &str, most: usize) -> String {
    apart(&bounded(name, most)).into_owned()
}

/// `Hello Ada,`, or `Hello,` to a guest who gave no name.
fn greeting(words: Language, name: &str) -> String {
    if name.is_empty() { say!(words, "hello-nobody") } else { say!(words, "hello", name = named(name, NAME)) }
}

/// An organizer's reason, if they gave one.
fn in_the_organizers_words(words: Language, reason: Option<&str>) -> Option<String> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty())?;
    Some(say!(words, "the-organizer-says", reason = named(reason, REASON)))
}
