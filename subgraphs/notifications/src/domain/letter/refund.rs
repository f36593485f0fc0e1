use kernel::{Money, OrderId};
use serde::{Deserialize, Serialize};

use super::{bounded, greeting, of_order, titled};

/// Money that goes back to a buyer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// The buyer.
    pub name: String,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it, where it is known.
    #[serde(default)]
    pub number: Option<String>,
    /// The event's title, where it is known.
    pub event_title: Option<String>,
    /// How much, where it is known.
    #[serde(default)]
    pub amount: Option<Money>,
    /// True when the rest stays paid, and the tickets are what they were.
    #[serde(default)]
    pub part: bool,
    /// True when nothing of what was paid is left, and so the tickets are void, if there were any.
    #[serde(default)]
    pub void: bool,
    /// Why.
    #[serde(default)]
    pub why: Why,
}

/// Why money goes back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// It came when the order's time was over and the seats were gone.
    #[default]
    TooLate,
    /// The event was called off.
    CalledOff,
    /// All of it goes back, for a reason that is told in a sentence.
    Whole(String),
    /// A part of it, or what was decided where the payment was made.
    Returned,
}

impl Refund {
    pub(super) fn subject(&self) -> String {
        let order = self.number.as_ref().map(|number| format!(" (order {number})")).unwrap_or_default();
        format!("Your money goes back: {}{order}", titled(self.title()))
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let of = of_order(self.number.as_deref(), self.title());
        let amount = self.amount.map(|amount| format!(": {amount}")).unwrap_or_default();
        let back = format!(
            "All of your money goes back the way it came{amount}. Your bank may take some days to show it."
        );
        let again = "You can try again at any time: what is still free is on sale.";
        let mut paragraphs = vec![greeting(&self.name)];
        match &self.why {
            Why::TooLate => {
                paragraphs.push(format!(
                    "your payment for {of} reached us after the time for it had run out, and by then \
                     somebody else had the seats. We are sorry. {back}"
                ));
                paragraphs.push(again.to_owned());
            }
            Why::CalledOff => paragraphs
                .push(format!("your payment for {of} is returned: the event was called off. {back}")),
            Why::Whole(reason) => {
                paragraphs
                    .push(format!("your payment for {of} is returned. {} {back}", bounded(reason, 300)));
            }
            Why::Returned => {
                paragraphs.push(format!(
                    "money of your payment for {of} goes back to you the way it came{amount}. Your bank may \
                     take some days to show it."
                ));
                if self.part {
                    paragraphs.push("This changes nothing about your tickets.".to_owned());
                }
                if self.void {
                    let words = "Nothing of what you paid is left with us: tickets that were bought with it admit nobody any more.";
                    paragraphs.push(words.to_owned());
                }
            }
        }
        paragraphs
    }

    pub(super) fn title(&self) -> &str {
        self.event_title.as_deref().unwrap_or("your order")
    }
}
