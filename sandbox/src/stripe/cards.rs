//! Stripe's test payment methods and what becomes of each.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::refused::Refused;

/// A test card.
pub(crate) struct Card {
    pub(crate) name: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) last4: &'static str,
    /// Whether the person has to confirm at the bank first.
    pub(crate) asks: bool,
    /// Why a charge is declined, if it is.
    pub(crate) decline: Option<Decline>,
    pub(crate) refunds: RefundCourse,
}

/// Why a bank declines.
#[derive(Clone, Copy)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) message: &'static str,
}

/// What becomes of a refund to this card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundCourse {
    Succeeds,
    /// It is pending at first and succeeds later.
    SucceedsLater,
    /// It seems to have succeeded and fails later.
    FailsLater,
}

impl Card {
    /// The same for the same number, whoever types it in.
    pub(crate) fn fingerprint(&self) -> String {
        let number = format!("{} {}", self.brand, self.last4);
        hex::encode(Sha256::digest(number)).chars().take(16).collect()
    }

    /// The card as Stripe shows a payment method.
    pub(crate) fn to_json(&self, now: i64) -> Value {
        let mut json = self.preview();
        json["id"] = json!(self.name);
        json["object"] = json!("payment_method");
        json["created"] = json!(now / 1000);
        json["livemode"] = json!(false);
        json["metadata"] = json!({});
        json
    }

    /// The same before it is one.
    pub(crate) fn preview(&self) -> Value {
        json!({
            "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null},
            "card": {
                "brand": self.brand, "checks": null, "country": "US", "display_brand": self.brand, "exp_month": 12,
                "exp_year": 2034, "fingerprint": self.fingerprint(), "funding": "credit", "last4": self.last4,
                "wallet": null,
            },
            "customer": null, "type": "card",
        })
    }
}

/// The card of this name; an unknown name is refused as Stripe refuses it.
pub(crate) fn card(name: &str) -> Result<&'static Card, Refused> {
    CARDS
        .iter()
        .find(|card| card.name == name)
        .ok_or_else(|| Refused::missing("PaymentMethod", name, "payment_method"))
}

const GENERIC: Decline = declined("card_declined", "generic_decline", "Your card was declined.");
const NO_FUNDS: Decline =
    declined("card_declined", "insufficient_funds", "Your card has insufficient funds.");
const LOST: Decline = declined("card_declined", "lost_card", "Your card was declined.");
const STOLEN: Decline = declined("card_declined", "stolen_card", "Your card was declined.");
const FRAUD: Decline = declined("card_declined", "fraudulent", "Your card was declined.");
const EXPIRED: Decline = declined("expired_card", "expired_card", "Your card has expired.");
const CVC: Decline = declined("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.");
const PROCESSING: Decline = declined(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
);

const CARDS: &[Card] = &[
    good("pm_card_visa", "visa", "4242"),
    good("pm_card_visa_debit", "visa", "5556"),
    good("pm_card_mastercard", "mastercard", "4444"),
    good("pm_card_mastercard_debit", "mastercard", "3222"),
    good("pm_card_amex", "amex", "8431"),
    good("pm_card_discover", "discover", "9424"),
    good("pm_card_jcb", "jcb", "0505"),
    bad("pm_card_chargeDeclined", "0002", GENERIC),
    bad("pm_card_visa_chargeDeclined", "0002", GENERIC),
    bad("pm_card_chargeDeclinedInsufficientFunds", "9995", NO_FUNDS),
    bad("pm_card_visa_chargeDeclinedInsufficientFunds", "9995", NO_FUNDS),
    bad("pm_card_visa_chargeDeclinedLostCard", "9987", LOST),
    bad("pm_card_visa_chargeDeclinedStolenCard", "9979", STOLEN),
    bad("pm_card_chargeDeclinedFraudulent", "0019", FRAUD),
    bad("pm_card_chargeDeclinedExpiredCard", "0069", EXPIRED),
    bad("pm_card_chargeDeclinedIncorrectCvc", "0127", CVC),
    bad("pm_card_chargeDeclinedProcessingError", "0119", PROCESSING),
    asking("pm_card_authenticationRequired", "3184", None),
    asking("pm_card_threeDSecure2Required", "3220", None),
    asking("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "9995", Some(NO_FUNDS)),
    Card { refunds: RefundCourse::SucceedsLater, ..good("pm_card_pendingRefund", "visa", "7726") },
    Card { refunds: RefundCourse::FailsLater, ..good("pm_card_refundFail", "visa", "3220") },
];

const fn declined(code: &'static str, reason: &'static str, message: &'static str) -> Decline {
    Decline { code, reason, message }
}

const fn good(name: &'static str, brand: &'static str, last4: &'static str) -> Card {
    Card { name, brand, last4, asks: false, decline: None, refunds: RefundCourse::Succeeds }
}

const fn bad(name: &'static str, last4: &'static str, decline: Decline) -> Card {
    Card { decline: Some(decline), ..good(name, "visa", last4) }
}

const fn asking(name: &'static str, last4: &'static str, decline: Option<Decline>) -> Card {
    Card { asks: true, decline, ..good(name, "visa", last4) }
}
