use contracts::{invoices::Invoice, purchase::EventOnTicket};
use kernel::{Money, OrderId};
use printing::WrittenTimes;
use serde::{Deserialize, Serialize};

use super::{greeting, in_the_organizers_words, titled};

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
    pub(super) fn subject(&self) -> String {
        format!("Called off: {}", titled(&self.event.title))
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let mut paragraphs = vec![greeting(&self.name), self.news()];
        paragraphs.extend(in_the_organizers_words(self.reason.as_deref()));
        paragraphs.push(match &self.order {
            None => "Your ticket admits nobody any more. Who bought it is told as well.".to_owned(),
            Some(order) if order.total.is_zero() => {
                format!("The tickets of your order {} admit nobody any more.", order.number)
            }
            Some(PaidOrder { number, returned: Some(returned), .. }) => format!(
                "The tickets of your order {number} admit nobody any more. {} goes back to you, the way it came. Your bank \
                 may take some days to show it.",
                returned.amount
            ),
            Some(order) => format!(
                "The tickets of your order {} admit nobody any more. It was paid with {}; what has not gone back before \
                 goes back to you now, the way it came. Your bank may take some days to show it.",
                order.number, order.total
            ),
        });
        paragraphs.extend(self.credit_note().map(|number| format!("Credit note {number} is attached.")));
        paragraphs.push("The calendar file takes the date out of your calendar.".to_owned());
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub fn in_short(&self) -> String {
        let order = self.order.as_ref().map(|order| format!(" Your order is {}.", order.number));
        let reason = in_the_organizers_words(self.reason.as_deref());
        let reason = reason.map(|words| format!(" {words}")).unwrap_or_default();
        format!("{}{reason}{}", self.news(), order.unwrap_or_default())
    }

    /// The credit note's number, where there is one.
    fn credit_note(&self) -> Option<&str> {
        let invoice = self.order.as_ref()?.returned.as_ref()?.invoice.as_ref()?;
        Some(invoice.number.as_str())
    }

    fn news(&self) -> String {
        let title = titled(&self.event.title);
        format!("{title}, {}, is called off.", WrittenTimes::of(&self.event).days)
    }
}
