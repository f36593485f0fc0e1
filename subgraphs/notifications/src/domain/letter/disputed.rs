use contracts::payments::{DisputeState, PaymentDisputed};
use kernel::Money;
use serde::{Deserialize, Serialize};

use super::titled;

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

    pub(super) fn subject(&self) -> String {
        let what = match self.state {
            DisputeState::Open => "Payment disputed",
            DisputeState::Won => "Dispute won",
            DisputeState::Lost => "Dispute lost",
        };
        let order = self.number.as_ref().map(|number| format!(" (order {number})")).unwrap_or_default();
        format!("{what}: {}{order}", titled(&self.event_title))
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let mut paragraphs = vec!["Hello,".to_owned(), self.news(), self.tickets().to_owned()];
        paragraphs.extend(self.advice().map(str::to_owned));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub fn in_short(&self) -> String {
        let parts = [Some(self.news()), Some(self.tickets().to_owned()), self.advice().map(str::to_owned)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn news(&self) -> String {
        let (amount, title) = (self.amount, titled(&self.event_title));
        let of = match &self.number {
            Some(number) => format!("order {number} for {title}"),
            None => format!("an order for {title}"),
        };
        match self.state {
            DisputeState::Open => {
                format!("The buyer's bank has taken back {amount} that was paid for {of}: {}.", self.why())
            }
            DisputeState::Won => {
                format!(
                    "The bank has decided for you: the {amount} that was disputed of {of} is yours again."
                )
            }
            DisputeState::Lost => {
                format!(
                    "The bank has decided for the buyer: the {amount} that was disputed of {of} stays with them."
                )
            }
        }
    }

    fn tickets(&self) -> &'static str {
        match (self.state, self.withheld) {
            (DisputeState::Open, _) => "Its tickets admit nobody as long as that is not decided for you.",
            (DisputeState::Won, false) => "Its tickets admit again.",
            (DisputeState::Won, true) => {
                "The same payment is disputed once more, or was lost in part: its tickets admit nobody as before."
            }
            (DisputeState::Lost, _) => "Its tickets admit nobody any more.",
        }
    }

    fn advice(&self) -> Option<&'static str> {
        (self.state == DisputeState::Open).then_some(
            "Whoever sees to the account at the payment provider can answer there, with what shows that the buyer got what \
             was paid for. What is not answered in time is lost.",
        )
    }

    /// The provider's reason, in an organizer's words.
    fn why(&self) -> &'static str {
        match self.reason.as_str() {
            "fraudulent" => "the buyer says that somebody else has paid with their card",
            "unrecognized" => "the buyer does not recognize the payment",
            "duplicate" => "the buyer says that it was paid twice",
            "product_not_received" => "the buyer says that they did not get the tickets",
            "product_unacceptable" => "the buyer says that it was not what they were promised",
            "credit_not_processed" => "the buyer says that they were promised their money back",
            "subscription_canceled" => "the buyer says that they had cancelled it",
            "debit_not_authorized"
            | "incorrect_account_details"
            | "insufficient_funds"
            | "bank_cannot_process" => "the buyer's bank does not let the payment stand",
            _ => "the bank gives no reason that says more",
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;
    use crate::domain::letter::Letter;

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
        assert_eq!(letter.subject(), "Payment disputed: Die Zauberflöte (order ODY-7F3K2M)");
        let text = letter.text("https://odysseus.test", None);
        for part in [
            "taken back 9800 JPY that was paid for order ODY-7F3K2M for Die Zauberflöte: the buyer says that they did not \
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
            let short = told.in_short();
            assert!(short.ends_with(tickets) && !short.contains("answer there"), "{short}");
            assert!(Letter::PaymentDisputed(told).subject().starts_with(subject));
        }
    }
}
