use chrono::{DateTime, Utc};
use kernel::{Money, OrderId, TimeZone};
use printing::written_instant;
use serde::{Deserialize, Serialize};

use super::{greeting, of_order, titled};

/// A payment that did not go through, told to who wants to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    /// The buyer.
    pub name: String,
    /// For which order.
    pub order_id: OrderId,
    /// As people say it, where it is known.
    pub number: Option<String>,
    /// The event's title, where it is known.
    pub event_title: Option<String>,
    /// How much is to be paid, where it is known.
    pub amount: Option<Money>,
    /// The provider's reason, such as `insufficient_funds`.
    pub code: String,
    /// Until when it can be paid, where it is known.
    pub payable_until: Option<DateTime<Utc>>,
    /// In which zone that is written.
    pub timezone: TimeZone,
    /// Where it can be paid.
    pub link: String,
}

impl Declined {
    pub(super) fn subject(&self) -> String {
        let order = self.number.as_ref().map(|number| format!(" (order {number})")).unwrap_or_default();
        format!("Your card was declined: {}{order}", titled(self.title()))
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let amount = self.amount.map(|amount| format!(" of {amount}")).unwrap_or_default();
        vec![
            greeting(&self.name),
            format!(
                "your payment{amount} for {} did not go through: {}. Nothing was charged.",
                of_order(self.number.as_deref(), self.title()),
                self.reason()
            ),
            self.time(),
        ]
    }

    pub(super) fn action(&self) -> (&'static str, &str) {
        ("Pay for the order", &self.link)
    }

    /// The same for the list of an account, in short.
    pub fn in_short(&self) -> String {
        let title = titled(self.title());
        format!(
            "The payment for {title} did not go through: {}. Nothing was charged. {}",
            self.reason(),
            self.time()
        )
    }

    pub(super) fn title(&self) -> &str {
        self.event_title.as_deref().unwrap_or("your order")
    }

    /// How long there is time, and for what.
    fn time(&self) -> String {
        match self.payable_until {
            Some(until) => {
                let until = written_instant(until, self.timezone.tz());
                format!("Your places are yours until {until}. Pay by then with another card, or in another way.")
            }
            None => "Your places are yours until the time of your order runs out. Pay by then with another card, or in \
                     another way."
                .to_owned(),
        }
    }

    /// The provider's reason in a buyer's words. What may help a thief is not told apart.
    fn reason(&self) -> &'static str {
        match self.code.as_str() {
            "insufficient_funds" => "there is not enough money on the account",
            "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => {
                "the card has expired, or its date was mistyped"
            }
            "incorrect_cvc" | "invalid_cvc" => "the card's security code is wrong",
            "incorrect_number" | "invalid_number" => "the card's number is wrong",
            "authentication_required" | "payment_intent_authentication_failure" => {
                "your bank wants you to confirm the payment, and it was not confirmed"
            }
            "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
                "the card has reached a limit of your bank's"
            }
            "card_not_supported" | "currency_not_supported" => "the card does not take payments of this kind",
            "processing_error" | "issuer_not_available" => {
                "something went wrong at the bank, and the same card may work in a moment"
            }
            _ => "your bank declined it",
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;
    use crate::domain::letter::Letter;

    fn declined() -> Declined {
        Declined {
            name: "ليلى حسن".to_owned(),
            order_id: OrderId::new(),
            number: Some("ODY-7F3K2M".to_owned()),
            event_title: Some("مهرجان 2027".to_owned()),
            amount: Some(Money::new(12_750, "KWD".parse::<Currency>().unwrap())),
            code: "incorrect_cvc".to_owned(),
            payable_until: Some("2027-03-13T19:00:00Z".parse().unwrap()),
            timezone: "Asia/Kuwait".parse().unwrap(),
            link: "https://odysseus.test".to_owned(),
        }
    }

    #[test]
    fn a_payment_that_did_not_go_through_says_why_until_when_and_where_to_pay() {
        let letter = Letter::PaymentDeclined(declined());
        assert_eq!(
            letter.text("https://odysseus.test", None),
            "Hello \u{2068}ليلى حسن\u{2069},\n\n\
             your payment of 12.750 KWD for order ODY-7F3K2M, \u{2068}مهرجان 2027\u{2069}, did not go through: the card's \
             security code is wrong. Nothing was charged.\n\n\
             Your places are yours until Saturday, 13 March 2027, 22:00 UTC+03:00. Pay by then with another card, or in \
             another way.\n\n\
             Pay for the order:\nhttps://odysseus.test\n\n\
             Odysseus\nhttps://odysseus.test\n"
        );
    }

    #[test]
    fn what_is_not_known_of_a_payment_is_left_out() {
        let little = Declined {
            number: None,
            event_title: None,
            amount: None,
            payable_until: None,
            code: "stolen_card".to_owned(),
            ..declined()
        };
        let opening = Letter::PaymentDeclined(little.clone()).opening();
        assert_eq!(
            opening[1],
            "your payment for your order did not go through: your bank declined it. Nothing was charged."
        );
        assert!(opening[2].starts_with("Your places are yours until the time of your order runs out."));
        assert_eq!(Letter::PaymentDeclined(little).subject(), "Your card was declined: your order");
    }
}
