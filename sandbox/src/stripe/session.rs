//! A Checkout session: a page of Stripe's on which a person pays, and how far it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connect::forwarding::Forwarding;

/// A page for one payment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// What is bought, as the page says.
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) metadata: BTreeMap<String, String>,
    /// What the payment made on it is given.
    pub(crate) intent_metadata: BTreeMap<String, String>,
    pub(crate) intent_description: Option<String>,
    #[serde(default)]
    pub(crate) forwarding: Forwarding,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    /// The payment, once somebody has tried to pay.
    pub(crate) payment_intent: Option<String>,
    pub(crate) status: SessionStatus,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

impl Session {
    /// Where the person goes who has paid.
    pub(crate) fn after_success(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    /// The session as Stripe shows it.
    pub(crate) fn to_json(&self, public_url: &str) -> Value {
        let is_open = self.status == SessionStatus::Open;
        json!({
            "id": self.id, "object": "checkout.session", "amount_subtotal": self.amount, "amount_total": self.amount,
            "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
            "cancel_url": self.cancel_url, "client_reference_id": self.client_reference_id,
            "created": self.created_at / 1000, "currency": self.currency, "custom_fields": [],
            "custom_text": {"after_submit": null, "shipping_address": null, "submit": null,
                "terms_of_service_acceptance": null},
            "customer": null, "customer_creation": "if_required", "discounts": [],
            "expires_at": self.expires_at / 1000, "livemode": false, "metadata": self.metadata, "mode": "payment",
            "payment_intent": self.payment_intent, "payment_method_collection": "if_required",
            "payment_method_options": {}, "payment_method_types": ["card"],
            "payment_status": if self.status == SessionStatus::Complete { "paid" } else { "unpaid" },
            "phone_number_collection": {"enabled": false}, "shipping_options": [], "status": self.status.name(),
            "success_url": self.success_url, "ui_mode": "hosted_page",
            "url": is_open.then(|| format!("{public_url}/sandbox/checkout/{}", self.id)),
        })
    }
}
