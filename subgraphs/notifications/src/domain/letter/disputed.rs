use contracts::payments::{DisputeState, PaymentDisputed};
use kernel::Money;
use serde::{Deserialize, Serialize};

use super::titled;
use crate::domain::words::{Language, say, with_order};

/// A payment that the buyer disputes at the bank, told to who organizes the event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disputed {
    /// The order, as people say it, where it is known.
    pub number: Option<String>,
    /// The event's title.
    pub event_title: String,
    /// How much is disputed.
    pub amount: Money,
    /// How far it is.
    pub state: DisputeState,
    /// True while the order's tickets do not admit.
    pub withheld: bool,
    /// Why, in the provider's words, such as `fraudulent`.
    pub reason: String,
}

impl Disputed {
    /// What was told of a payment for this event, of the order with this number.
    pub fn told(disputed: &PaymentDisputed, event_title: String, number: Option<String>) -> Self {
        Self {
            number,
            event_title,
            amount: disputed.amount,
            state: disputed.state,
            withheld: disputed.withheld,
            reason: disputed.reason.clone(),
        }
    }

    pub(super) fn subject(&self, words: Language) -> String {
        let id = match self.state {
            DisputeState::Open => "disputed-open-subject",
            DisputeState::Won => "disputed-won-subject",
            DisputeState::Lost => "disputed-lost-subject",
        };
        with_order(words, say!(words, id, title = titled(&self.event_title)), self.number.as_deref())
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let mut paragraphs = vec![say!(words, "hello-nobody"), self.news(words), self.tickets(words)];
        paragraphs.extend(self.advice(words));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let parts = [Some(self.news(words)), Some(self.tickets(words)), self.advice(words)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn news(&self, words: Language) -> String {
        let (amount, title) = (words.money(self.amount), titled(&self.event_title));
        let of = match &self.number {
            Some(number) => say!(words, "disputed-of-order", number = number, title = title),
            None => say!(words, "disputed-of", title = title),
        };
        match self.state {
            DisputeState::Open => {
                let why = say!(words, self.why());
                say!(words, "disputed-open", amount = amount, of = of, why = why)
            }
            DisputeState::Won => say!(words, "disputed-won", amount = amount, of = of),
            DisputeState::Lost => say!(words, "disputed-lost", amount = amount, of = of),
        }
    }

    fn tickets(&self, words: Language) -> String {
        let id = match (self.state, self.withheld) {
            (DisputeState::Open, _) => "disputed-open-tickets",
            (DisputeState::Won, false) => "disputed-won-tickets",
            (DisputeState::Won, true) => "disputed-again-tickets",
            (DisputeState::Lost, _) => "disputed-lost-tickets",
        };
        say!(words, id)
    }

    fn advice(&self, words: Language) -> Option<String> {
        (self.state == DisputeState::Open).then(|| say!(words, "disputed-advice"))
    }

    /// The provider's reason in an organizer's words, by its message.
    fn why(&self) -> &'static str {
        match self.reason.as_str() {
            "fraudulent" => "disputed-fraudulent",
            "unrecognized" => "disputed-unrecognized",
            "duplicate" => "disputed-duplicate",
            "product_not_received" => "disputed-not-received",
            "product_unacceptable" => "disputed-unacceptable",
            "credit_not_processed" => "disputed-credit",
            "subscription_canceled" => "disputed-cancelled",
            "debit_not_authorized"
            | "incorrect_account_details"
            | "insufficient_funds"
            | "bank_cannot_process" => "disputed-bank",
            _ => "disputed-other",
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;
    use crate::domain::letter::{Letter, tests::EN};

    fn disputed(state: DisputeState, withheld: bool) -> Disputed {
        Disputed {
            number: Some("ODY-7F3K2M".to_owned()),
            event_title: "Die Zauberflöte".to_owned(),
            amount: Money::new(9800, Currency::JPY),
            state,
            withheld,
            reason: "product_not_received".to_owned(),
        }
    }

    #[test]
    fn an_organizer_reads_what_is_disputed_why_and_what_can_be_done() {
        let letter = Letter::PaymentDisputed(disputed(DisputeState::Open, true));
        assert_eq!(letter.subject(EN), "Payment disputed: Die Zauberflöte (order ODY-7F3K2M)");
        let text = letter.text(EN, "https://odysseus.test", None);
        for part in [
            "taken back 9,800 JPY that was paid for order ODY-7F3K2M for Die Zauberflöte: the buyer says that they did not \
             get the tickets.",
            "admit nobody as long as",
            "answer there",
        ] {
            assert!(text.contains(part), "{part:?} is missing in {text}");
        }
    }

    #[test]
    fn how_a_dispute_has_ended_says_what_that_means_for_the_tickets() {
        for (state, withheld, subject, tickets) in [
            (DisputeState::Won, false, "Dispute won: ", "Its tickets admit again."),
            (DisputeState::Won, true, "Dispute won: ", "admit nobody as before."),
            (DisputeState::Lost, true, "Dispute lost: ", "admit nobody any more."),
        ] {
            let told = disputed(state, withheld);
            let short = told.in_short(EN);
            assert!(short.ends_with(tickets) && !short.contains("answer there"), "{short}");
            assert!(Letter::PaymentDisputed(told).subject(EN).starts_with(subject));
        }
    }
}
