use chrono::{DateTime, Utc};
use kernel::{Money, OrderId, TimeZone};
use serde::{Deserialize, Serialize};

use super::{greeting, of_order, title_or_order};
use crate::domain::words::{Language, say, with_order};

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
    pub(super) fn subject(&self, words: Language) -> String {
        with_order(words, say!(words, "declined-subject", title = self.title(words)), self.number.as_deref())
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let of = of_order(words, self.number.as_deref(), self.event_title.as_deref());
        let reason = say!(words, self.reason());
        let news = match self.amount.map(|amount| words.money(amount)) {
            Some(amount) => say!(words, "declined-amount", amount = amount, of = of, reason = reason),
            None => say!(words, "declined", of = of, reason = reason),
        };
        vec![greeting(words, &self.name), news, self.time(words)]
    }

    pub(super) fn action(&self, words: Language) -> (String, &str) {
        (say!(words, "pay"), &self.link)
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let (title, reason, time) = (self.title(words), say!(words, self.reason()), self.time(words));
        say!(words, "declined-in-short", title = title, reason = reason, time = time)
    }

    fn title(&self, words: Language) -> String {
        title_or_order(words, self.event_title.as_deref())
    }

    /// How long there is time, and for what.
    fn time(&self, words: Language) -> String {
        match self.payable_until {
            Some(until) => say!(words, "declined-until", until = words.instant(until, self.timezone)),
            None => say!(words, "declined-time"),
        }
    }

    /// The provider's reason in a buyer's words, by its message. What may help a thief is not told apart.
    fn reason(&self) -> &'static str {
        match self.code.as_str() {
            "insufficient_funds" => "declined-funds",
            "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => "declined-expired",
            "incorrect_cvc" | "invalid_cvc" => "declined-cvc",
            "incorrect_number" | "invalid_number" => "declined-number",
            "authentication_required" | "payment_intent_authentication_failure" => "declined-authentication",
            "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => "declined-limit",
            "card_not_supported" | "currency_not_supported" => "declined-kind",
            "processing_error" | "issuer_not_available" => "declined-bank",
            _ => "declined-other",
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;
    use crate::domain::letter::{Letter, tests::EN};

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
            letter.text(EN, "https://odysseus.test", None),
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
        let opening = Letter::PaymentDeclined(little.clone()).opening(EN);
        assert_eq!(
            opening[1],
            "your payment for your order did not go through: your bank declined it. Nothing was charged."
        );
        assert!(opening[2].starts_with("Your places are yours until the time of your order runs out."));
        assert_eq!(Letter::PaymentDeclined(little).subject(EN), "Your card was declined: your order");
    }
}
