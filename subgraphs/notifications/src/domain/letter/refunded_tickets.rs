use contracts::{
    invoices::Invoice,
    purchase::EventOnTicket,
    tickets::{OrderRefunded, RefundedTicket},
};
use kernel::{Money, OrderId};
use printing::WrittenTimes;
use serde::{Deserialize, Serialize};

use super::{called_off::second, greeting, in_the_organizers_words, tickets::place_of, titled};

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

    pub(super) fn subject(&self) -> String {
        let title = titled(&self.event.title);
        match &self.order {
            Some(order) if order.amount.is_zero() => {
                format!("{} taken back: {title} (order {})", self.counted("Ticket", "Tickets"), order.number)
            }
            Some(order) => format!("Your money goes back: {title} (order {})", order.number),
            None => {
                let tickets = self.counted("Your ticket admits", "Your tickets admit");
                format!("{tickets} nobody any more: {title}")
            }
        }
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let mut paragraphs = vec![greeting(&self.name), self.news()];
        if self.called_off {
            paragraphs.push("The event was called off.".to_owned());
        }
        paragraphs.extend(in_the_organizers_words(self.reason()));
        paragraphs.push(self.others().to_owned());
        paragraphs.extend(self.credit_note().map(|number| format!("Credit note {number} is attached.")));
        if self.takes_date_back() {
            paragraphs.push("The calendar file takes the date out of your calendar.".to_owned());
        }
        paragraphs.push(format!("{}:", self.void()));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub fn in_short(&self) -> String {
        let words =
            in_the_organizers_words(self.reason()).map(|words| format!(" {words}")).unwrap_or_default();
        let note = self.credit_note().map(|number| format!(" Credit note {number} is found at the order."));
        let note = note.unwrap_or_default();
        let places: Vec<_> = self.tickets.iter().map(place_of).collect();
        format!("{}{words}{note} {} {}: {}.", self.news(), self.others(), self.void(), places.join("; "))
    }

    /// The credit note's number, where there is one.
    fn credit_note(&self) -> Option<&str> {
        Some(self.order.as_ref()?.invoice.as_ref()?.number.as_str())
    }

    fn news(&self) -> String {
        let (title, days) = (titled(&self.event.title), WrittenTimes::of(&self.event).days);
        match &self.order {
            Some(order) if order.amount.is_zero() => format!(
                "{} of your order {} for {title}, {days}, {} taken back. No money goes back with {}.",
                self.counted("a ticket", "tickets"),
                order.number,
                self.counted("was", "were"),
                self.counted("it", "them")
            ),
            Some(order) => format!(
                "{} of your order {} goes back to you the way it came, for {} to {title}, {days}. Your bank may take some \
                 days to show it.",
                order.amount,
                order.number,
                self.counted("a ticket", "tickets")
            ),
            None => format!(
                "{} for {title}, {days}, {} given back. Who bought {} is told as well.",
                self.counted("your ticket", "your tickets"),
                self.counted("was", "were"),
                self.counted("it", "them")
            ),
        }
    }

    /// What becomes of the tickets that are not listed.
    fn others(&self) -> &'static str {
        match (&self.order, self.whole) {
            (_, true) => "No ticket of the order is left.",
            (Some(_), false) => "The other tickets of your order are valid as before.",
            (None, false) => "This changes nothing about other tickets that you have.",
        }
    }

    fn void(&self) -> &'static str {
        self.counted("This ticket admits nobody any more", "These tickets admit nobody any more")
    }

    fn counted(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.tickets.len() == 1 { one } else { several }
    }
}
