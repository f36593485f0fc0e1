//! What mails say. Here in plain text; adapters make them look good and attach what belongs to them.

mod account;
mod called_off;
mod declined;
mod direction;
mod disputed;
mod refund;
mod refunded_tickets;
mod rescheduled;
mod sms;
#[cfg(test)]
pub(crate) mod tests;
mod tickets;

use contracts::{
    account_mail::AccountMail,
    invoices::Invoice,
    purchase::{EventOnTicket, SendConfirmation, TicketInHand},
};
use kernel::{Money, OrderId, TimeZone};
use printing::WrittenTimes;
use serde::{Deserialize, Serialize};

pub use self::{
    called_off::{CalledOff, PaidOrder, Returned},
    declined::Declined,
    direction::apart,
    disputed::Disputed,
    refund::{Refund, Why},
    refunded_tickets::{RefundedOrder, RefundedTickets},
    rescheduled::Rescheduled,
    tickets::{about, place, place_held, place_of},
};
use super::entities::{Kind, Organizer, Told};

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
            Self::PaymentDisputed(_) => Kind::PaymentDisputed,
            Self::Account { mail, .. } => account::kind(mail),
        }
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
            Self::TicketsReceived { order_id, order_number, event, tickets, .. } => {
                Some(Tickets { event, order_id: *order_id, order_number, tickets })
            }
            Self::OrderRefunded(_)
            | Self::TicketsRefunded(_)
            | Self::EventCalledOff(_)
            | Self::EventRescheduled(_)
            | Self::PaymentDeclined(_)
            | Self::PaymentDisputed(_)
            | Self::Account { .. } => None,
        }
    }

    /// The invoice that goes with it, or the credit note.
    pub fn invoice(&self) -> Option<&Invoice> {
        match self {
            Self::OrderConfirmed { order, .. } => order.invoice.as_deref(),
            Self::TicketsRefunded(refund) => refund.order.as_ref()?.invoice.as_deref(),
            Self::EventCalledOff(off) => off.order.as_ref()?.returned.as_ref()?.invoice.as_deref(),
            Self::TicketsReceived { .. }
            | Self::OrderRefunded(_)
            | Self::EventRescheduled(_)
            | Self::PaymentDeclined(_)
            | Self::PaymentDisputed(_)
            | Self::Account { .. } => None,
        }
    }

    /// Its subject line.
    pub fn subject(&self) -> String {
        match self {
            Self::OrderConfirmed { order, .. } => {
                let (tickets, title) = (tickets::counted(&order.tickets), titled(&order.event.title));
                format!("Your {tickets} for {title} (order {})", order.number)
            }
            Self::TicketsReceived { event, tickets, .. } => {
                format!("Your {} for {}", tickets::counted(tickets), titled(&event.title))
            }
            Self::OrderRefunded(refund) => refund.subject(),
            Self::TicketsRefunded(refund) => refund.subject(),
            Self::EventCalledOff(off) => off.subject(),
            Self::EventRescheduled(moved) => moved.subject(),
            Self::PaymentDeclined(declined) => declined.subject(),
            Self::PaymentDisputed(disputed) => disputed.subject(),
            Self::Account { mail, .. } => account::subject(mail),
        }
    }

    /// What it says before any details, paragraph by paragraph.
    pub fn opening(&self) -> Vec<String> {
        match self {
            Self::OrderConfirmed { name, order, unmailed } => tickets::to_the_buyer(name, order, unmailed),
            Self::TicketsReceived { name, from, tickets, .. } => tickets::to_a_guest(name, from, tickets),
            Self::OrderRefunded(refund) => refund.opening(),
            Self::TicketsRefunded(refund) => refund.opening(),
            Self::EventCalledOff(off) => off.opening(),
            Self::EventRescheduled(moved) => moved.opening(),
            Self::PaymentDeclined(declined) => declined.opening(),
            Self::PaymentDisputed(disputed) => disputed.opening(),
            Self::Account { name, timezone, mail } => account::opening(name.as_deref(), *timezone, mail),
        }
    }

    /// The one thing to be done, where there is one: what to call it, and the link that does it.
    pub fn action(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Account { mail, .. } => account::action(mail),
            Self::PaymentDeclined(declined) => Some(declined.action()),
            _ => None,
        }
    }

    /// What was paid in all, where that is the reader's business.
    pub fn total(&self) -> Option<String> {
        let Self::OrderConfirmed { order, .. } = self else { return None };
        Some(written(order.total))
    }

    /// The whole mail in plain text, signed by the organizer where there is one.
    pub fn text(&self, public_url: &str, organizer: Option<&Organizer>) -> String {
        let mut text = self.opening().join("\n\n");
        if let Some((what, link)) = self.action() {
            text = format!("{text}\n\n{what}:\n{link}");
        }
        if let Self::TicketsRefunded(refund) = self {
            let lines = refund.tickets.iter().map(|ticket| format!("- {}", tickets::refunded_line(ticket)));
            text = format!("{text}\n\n{}", lines.collect::<Vec<_>>().join("\n"));
        }
        if let Some(Tickets { event, tickets, .. }) = self.tickets() {
            let times = WrittenTimes::of(event);
            text.push_str("\n\n");
            for line in [
                event.title.as_str(),
                &times.days,
                &format!("{} · Ends {}", times.doors_and_start(), times.ends),
                &event.venue_name,
                &printing::address_lines(&event.venue_address),
            ] {
                text.push_str(line);
                text.push('\n');
            }
            for ticket in tickets {
                text.push_str("\n- ");
                text.push_str(&tickets::line(ticket));
            }
            if let Some(total) = self.total() {
                text.push_str("\n\nPaid: ");
                text.push_str(&total);
            }
            text.push_str("\n\nAll times are those of ");
            text.push_str(event.timezone.name());
            text.push('.');
        }
        let organizer = organizer.map(Organizer::signature).unwrap_or_default();
        for signature in [organizer.join("\n"), format!("Odysseus\n{public_url}")] {
            if !signature.is_empty() {
                text.push_str("\n\n");
                text.push_str(&signature);
            }
        }
        text.push('\n');
        text
    }

    /// The same as an SMS. A long title is cut, so that it takes two segments whatever its script.
    pub fn sms(&self, public_url: &str) -> String {
        sms::text(self, public_url)
    }

    /// What is told about it besides the mail itself. What only the mail may say, such as a link that proves who
    /// reads it, is not in it.
    pub fn told(&self, cause: String, public_url: &str, organizer: Option<&Organizer>) -> Told {
        let body = match self.action() {
            Some(_) => self.opening().join("\n\n"),
            None => self.text(public_url, organizer),
        };
        Told { kind: self.kind(), cause, subject: self.subject(), body }
    }
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

/// Which order, within a sentence: `order ODY-7F3K2M, Die Zauberflöte,`, or its event's title alone.
fn of_order(number: Option<&str>, title: &str) -> String {
    let title = titled(title);
    number.map_or_else(|| title.clone(), |number| format!("order {number}, {title},"))
}

/// A name within a sentence: at most so many letters, set apart where it runs the other way.
fn named(name: &str, most: usize) -> String {
    apart(&bounded(name, most)).into_owned()
}

/// `Hello Ada,`, or `Hello,` to a guest who gave no name.
fn greeting(name: &str) -> String {
    if name.is_empty() { "Hello,".to_owned() } else { format!("Hello {},", named(name, NAME)) }
}

/// An organizer's reason, if they gave one.
fn in_the_organizers_words(reason: Option<&str>) -> Option<String> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty())?;
    Some(format!("The organizer says: {}", named(reason, REASON)))
}

fn written(amount: Money) -> String {
    if amount.is_zero() { "nothing, it is free".to_owned() } else { amount.to_string() }
}
