//! A charge: one attempt to take money from a card.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cards::{self, Card, Decline};
use super::connect::forwarding::Forwarding;
use super::intent::Intent;
use crate::ids;

/// One attempt, gone through or declined.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) payment_intent: String,
    pub(crate) amount: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) card: String,
    pub(crate) brand: String,
    pub(crate) last4: String,
    /// Whether the buyer's bank has the money back, for now or for good.
    #[serde(default)]
    pub(crate) disputed: bool,
    /// Code, reason and message, when the bank declined.
    pub(crate) declined: Option<[String; 3]>,
    /// Where its money goes on to, and by which transfer, and what the platform keeps of it.
    #[serde(default)]
    pub(crate) forwarding: Forwarding,
    #[serde(default)]
    pub(crate) transfer: Option<String>,
    #[serde(default)]
    pub(crate) application_fee: Option<String>,
}

impl Charge {
    pub(crate) fn new(intent: &Intent, card: &Card, declined: Option<&Decline>, at: i64) -> Self {
        Self {
            id: ids::fresh("ch"),
            payment_intent: intent.id.clone(),
            amount: intent.amount,
            amount_refunded: 0,
            currency: intent.currency.clone(),
            created_at: at,
            metadata: intent.metadata.clone(),
            card: card.name.to_owned(),
            brand: card.brand.to_owned(),
            last4: card.last4.to_owned(),
            disputed: false,
            declined: declined.map(|why| [why.code, why.reason, why.message].map(str::to_owned)),
            forwarding: intent.forwarding.clone(),
            transfer: None,
            application_fee: None,
        }
    }

    /// What can still be given back.
    pub(crate) fn unrefunded(&self) -> i64 {
        self.amount - self.amount_refunded
    }

    /// The charge as Stripe shows it. Its receipt is a page of the sandbox's.
    pub(crate) fn to_json(&self, public_url: &str) -> Value {
        let paid = self.declined.is_none();
        let outcome = match &self.declined {
            None => json!({
                "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
                "seller_message": "Payment complete.", "type": "authorized",
            }),
            Some([_, reason, _]) => json!({
                "network_status": "declined_by_network", "reason": reason, "risk_level": "normal",
                "seller_message": "The bank did not return any further details with this decline.",
                "type": "issuer_declined",
            }),
        };
        let mut json = json!({
            "id": self.id, "object": "charge", "amount": self.amount,
            "amount_captured": if paid { self.amount } else { 0 }, "amount_refunded": self.amount_refunded,
            "application_fee": self.application_fee, "balance_transaction": null,
            "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null},
            "captured": paid, "created": self.created_at / 1000, "currency": self.currency, "customer": null,
            "description": null, "disputed": self.disputed,
            "failure_code": self.declined.as_ref().map(|why| &why[0]),
            "failure_message": self.declined.as_ref().map(|why| &why[2]),
            "livemode": false, "metadata": self.metadata, "outcome": outcome, "paid": paid,
            "payment_intent": self.payment_intent, "payment_method": self.card,
            "payment_method_details": {"type": "card", "card": self.card_details()},
            "receipt_email": null, "receipt_number": null,
            "receipt_url": paid.then(|| format!("{public_url}/sandbox/receipts/{}", self.id)),
            "refunded": self.amount_refunded == self.amount,
            "status": if paid { "succeeded" } else { "failed" }, "transfer": self.transfer,
        });
        self.forwarding.show_in(&mut json);
        json
    }

    fn card_details(&self) -> Value {
        json!({
            "amount_authorized": self.declined.is_none().then_some(self.amount), "authorization_code": null,
            "brand": self.brand,
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
            "country": "US", "exp_month": 12, "exp_year": 2034,
            "fingerprint": cards::card(&self.card).ok().map(Card::fingerprint), "funding": self.funding(), "installments": null,
            "last4": self.last4, "mandate": null, "network": self.brand, "network_token": {"used": false},
            "network_transaction_id": null, "three_d_secure": null, "wallet": null,
        })
    }

    fn funding(&self) -> &'static str {
        if self.card.ends_with("_debit") { "debit" } else { "credit" }
    }
}
