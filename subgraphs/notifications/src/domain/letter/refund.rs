use contracts::payments::ReturnReason;
use kernel::{Money, OrderId};
use serde::{Deserialize, Serialize};

use super::{bounded, greeting, of_order, title_or_order};
use crate::domain::words::{Language, say, with_order};

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
        with_order(words, say!(words, "refund-subject", title = title), self.number.as_deref())
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
                let reason = in_words(words, reason);
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

/// Why all of it goes back, in the reader's language; as it was told where it was written by somebody.
fn in_words(words: Language, reason: &str) -> String {
    match ReturnReason::of(reason) {
        Some(ReturnReason::Expired) => say!(words, "refund-expired"),
        Some(ReturnReason::Cancelled) => say!(words, "refund-cancelled"),
        Some(ReturnReason::NotFulfilled) => say!(words, "refund-not-fulfilled"),
        Some(ReturnReason::PlacesGone) => say!(words, "refund-places-gone"),
        Some(ReturnReason::CalledOff) => say!(words, "back-called-off"),
        Some(ReturnReason::AnotherAmount) => say!(words, "refund-another-amount"),
        None => bounded(reason, 300),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund(reason: &str) -> Refund {
        Refund {
            name: "Ada".to_owned(),
            order_id: OrderId::new(),
            number: None,
            event_title: Some("Jazz".to_owned()),
            amount: None,
            part: false,
            void: false,
            why: Why::Whole(reason.to_owned()),
        }
    }

    #[test]
    fn why_money_goes_back_is_said_in_the_readers_language() {
        for reason in ReturnReason::ALL {
            let refund = refund(reason.sentence());
            let [english, german] =
                [Language::English, Language::German].map(|words| refund.opening(words).join(" "));
            assert!(!german.contains(reason.sentence()), "{german}");
            assert!(english.contains(". "), "{english}");
        }
        let cancelled = refund(ReturnReason::Cancelled.sentence());
        assert!(
            cancelled.opening(Language::German)[1].starts_with(
                "Ihre Zahlung für Jazz wird erstattet. Die Bestellung wurde storniert, bevor sie"
            ),
            "{:?}",
            cancelled.opening(Language::German)
        );
        assert!(refund("Weil es regnet.").opening(Language::German)[1].contains("Weil es regnet."));
    }
}
