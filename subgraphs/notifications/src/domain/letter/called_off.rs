use contracts::{invoices::Invoice, purchase::EventOnTicket};
use kernel::{Money, OrderId};
use serde::{Deserialize, Serialize};

use super::{greeting, in_the_organizers_words, titled};
use crate::domain::words::{Language, say};

/// An event that does not take place, told to somebody who has tickets for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalledOff {
    /// The reader.
    pub name: String,
    /// Of which order: that of the calendar entry that is taken back.
    pub order_id: OrderId,
    /// Which version of the calendar entry takes it back.
    #[serde(default = "second")]
    pub sequence: i64,
    /// The event as it would have been.
    pub event: Box<EventOnTicket>,
    /// The organizer's reason, in their words.
    pub reason: Option<String>,
    /// What the buyer alone is told.
    pub order: Option<PaidOrder>,
}

/// Behind the one that came with the tickets. Letters from before events were moved say nothing of it.
pub(super) fn second() -> i64 {
    1
}

/// The order, for who bought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaidOrder {
    /// As people say it.
    pub number: String,
    /// What was paid.
    pub total: Money,
    /// What went back before this was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Returned>,
}

/// Money that went back since the event was called off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    /// How much.
    pub amount: Money,
    /// The credit note, where the order has an invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<Invoice>>,
}

impl CalledOff {
    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "off-subject", title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let mut paragraphs = vec![greeting(words, &self.name), self.news(words)];
        paragraphs.extend(in_the_organizers_words(words, self.reason.as_deref()));
        paragraphs.push(match &self.order {
            None => say!(words, "off-holder"),
            Some(order) if order.total.is_zero() => say!(words, "off-free", number = &order.number),
            Some(PaidOrder { number, returned: Some(returned), .. }) => {
                say!(words, "off-returned", number = number, amount = words.money(returned.amount))
            }
            Some(order) => {
                say!(words, "off-paid", number = &order.number, total = words.money(order.total))
            }
        });
        paragraphs.extend(self.credit_note().map(|number| say!(words, "back-credit-note", number = number)));
        paragraphs.push(say!(words, "back-calendar"));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let order =
            self.order.as_ref().map(|order| say!(words, "off-order-in-short", number = &order.number));
        let reason = in_the_organizers_words(words, self.reason.as_deref());
        [Some(self.news(words)), reason, order].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The credit note's number, where there is one.
    fn credit_note(&self) -> Option<&str> {
        let invoice = self.order.as_ref()?.returned.as_ref()?.invoice.as_ref()?;
        Some(invoice.number.as_str())
    }

    fn news(&self, words: Language) -> String {
        say!(words, "off", title = titled(&self.event.title), days = words.times(&self.event).days)
    }
}
