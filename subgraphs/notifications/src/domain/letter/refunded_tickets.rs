use contracts::{
    invoices::Invoice,
    purchase::EventOnTicket,
    tickets::{OrderRefunded, RefundedTicket},
};
use kernel::{Money, OrderId};
use serde::{Deserialize, Serialize};

use super::{called_off::second, greeting, in_the_organizers_words, tickets::place_of, titled};
use crate::domain::words::{Language, say, with_order};

/// Tickets that went back, told to who bought them or to who would have gone in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundedTickets {
    /// The reader.
    pub name: String,
    /// Of which order: that of the calendar entry that is taken back.
    pub order_id: OrderId,
    /// Which version of the calendar entry takes it back, when no ticket of the order is left.
    #[serde(default = "second")]
    pub sequence: i64,
    /// To which event.
    pub event: Box<EventOnTicket>,
    /// Which: all of them for the buyer, theirs for somebody else.
    pub tickets: Vec<RefundedTicket>,
    /// True when no ticket of the order is left.
    pub whole: bool,
    /// True when the event was called off, of which its reader was told before: that has taken the date out of calendars.
    #[serde(default)]
    pub called_off: bool,
    /// What the buyer alone is told.
    pub order: Option<RefundedOrder>,
}

/// The refund, for who bought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundedOrder {
    /// The order, as people say it.
    pub number: String,
    /// How much goes back; nothing for tickets that were free.
    pub amount: Money,
    /// The organizer's reason, in their words.
    pub reason: Option<String>,
    /// The credit note, where the order has an invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<Invoice>>,
}

impl RefundedTickets {
    /// To the buyer, who is called so.
    pub fn to_the_buyer(name: &str, refund: &OrderRefunded) -> Self {
        let order = RefundedOrder {
            number: refund.number.clone(),
            amount: refund.amount,
            reason: refund.reason.clone(),
            invoice: refund.invoice.clone(),
        };
        Self { order: Some(order), ..Self::to_a_holder(name, refund, refund.tickets.clone()) }
    }

    /// To somebody else who would have gone in with these of the tickets.
    pub fn to_a_holder(name: &str, refund: &OrderRefunded, theirs: Vec<RefundedTicket>) -> Self {
        Self {
            name: name.to_owned(),
            order_id: refund.order_id,
            sequence: second(),
            event: Box::new(refund.event.clone()),
            tickets: theirs,
            whole: refund.whole,
            called_off: refund.called_off,
            order: None,
        }
    }

    /// True when it takes the date out of calendars.
    pub fn takes_date_back(&self) -> bool {
        self.whole && !self.called_off
    }

    /// The same, with this version of the calendar entry.
    #[must_use]
    pub fn taking_back(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }

    /// Why, in the organizer's words, where that is the reader's business.
    pub fn reason(&self) -> Option<&str> {
        self.order.as_ref()?.reason.as_deref()
    }

    pub(super) fn subject(&self, words: Language) -> String {
        let (title, tickets) = (titled(&self.event.title), self.tickets.len());
        match &self.order {
            Some(order) => {
                let subject = if order.amount.is_zero() {
                    say!(words, "back-free-subject", title = title, tickets = tickets)
                } else {
                    say!(words, "refund-subject", title = title)
                };
                with_order(words, subject, Some(&order.number))
            }
            None => say!(words, "back-holder-subject", title = title, tickets = tickets),
        }
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let mut paragraphs = vec![greeting(words, &self.name), self.news(words)];
        if self.called_off {
            paragraphs.push(say!(words, "back-called-off"));
        }
        paragraphs.extend(in_the_organizers_words(words, self.reason()));
        paragraphs.push(self.others(words));
        paragraphs.extend(self.credit_note().map(|number| say!(words, "back-credit-note", number = number)));
        if self.takes_date_back() {
            paragraphs.push(say!(words, "back-calendar"));
        }
        paragraphs.push(format!("{}:", self.void(words)));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let places: Vec<_> = self.tickets.iter().map(|ticket| place_of(words, ticket)).collect();
        let parts = [
            Some(self.news(words)),
            in_the_organizers_words(words, self.reason()),
            self.credit_note().map(|number| say!(words, "back-credit-note-in-short", number = number)),
            Some(self.others(words)),
            Some(format!("{}: {}.", self.void(words), places.join("; "))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The credit note's number, where there is one.
    fn credit_note(&self) -> Option<&str> {
        Some(self.order.as_ref()?.invoice.as_ref()?.number.as_str())
    }

    fn news(&self, words: Language) -> String {
        let (title, days) = (titled(&self.event.title), words.times(&self.event).days);
        let tickets = self.tickets.len();
        match &self.order {
            Some(RefundedOrder { number, amount, .. }) if amount.is_zero() => {
                say!(words, "back-free", tickets = tickets, number = number, title = title, days = days)
            }
            Some(RefundedOrder { number, amount, .. }) => {
                let amount = words.money(*amount);
                say!(
                    words,
                    "back-paid",
                    tickets = tickets,
                    number = number,
                    title = title,
                    days = days,
                    amount = amount
                )
            }
            None => say!(words, "back-holder", tickets = tickets, title = title, days = days),
        }
    }

    /// What becomes of the tickets that are not listed.
    fn others(&self, words: Language) -> String {
        let id = match (&self.order, self.whole) {
            (_, true) => "back-whole",
            (Some(_), false) => "back-others-buyer",
            (None, false) => "back-others-holder",
        };
        say!(words, id)
    }

    fn void(&self, words: Language) -> String {
        say!(words, "back-void", tickets = self.tickets.len())
    }
}
