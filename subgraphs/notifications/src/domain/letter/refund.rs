use kernel::{Money, OrderId};
use serde::{Deserialize, Serialize};

use super::{bounded, greeting, of_order, title_or_order};
use crate::domain::words::{Language, say};

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
    pub(super) fn subject(&self, words: Language) -> String {
        let title = title_or_order(words, self.event_title.as_deref());
        words.with_order(say!(words, "refund-subject", title = title), self.number.as_deref())
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let of = of_order(words, self.number.as_deref(), self.event_title.as_deref());
        let amount = self.amount.map(|amount| words.money(amount));
        let back = || match &amount {
            Some(amount) => say!(words, "refund-all-back-amount", amount = amount),
            None => say!(words, "refund-all-back"),
        };
        let mut paragraphs = vec![greeting(words, &self.name)];
        match &self.why {
            Why::TooLate => {
                paragraphs.push(say!(words, "refund-too-late", of = of, back = back()));
                paragraphs.push(say!(words, "refund-again"));
            }
            Why::CalledOff => paragraphs.push(say!(words, "refund-called-off", of = of, back = back())),
            Why::Whole(reason) => {
                let reason = bounded(reason, 300);
                paragraphs.push(say!(words, "refund-whole", of = of, reason = reason, back = back()));
            }
            Why::Returned => {
                paragraphs.push(match &amount {
                    Some(amount) => say!(words, "refund-returned-amount", of = of, amount = amount),
                    None => say!(words, "refund-returned", of = of),
                });
                if self.part {
                    paragraphs.push(say!(words, "refund-part"));
                }
                if self.void {
                    paragraphs.push(say!(words, "refund-void"));
                }
            }
        }
        paragraphs
    }

    /// The same for the list of an account.
    pub(super) fn in_short(&self, words: Language) -> String {
        self.opening(words).split_off(1).join(" ")
    }
}
