//! A dispute: a person has asked their bank for the money back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long the shop has to answer the bank, in seconds.
const TO_ANSWER: i64 = 7 * 24 * 60 * 60;

/// A person's complaint about one charge, made at their bank.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) reason: String,
    pub(crate) status: DisputeStatus,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    NeedsResponse,
    Won,
    Lost,
}

impl DisputeStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

impl Dispute {
    /// The dispute as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "object": "dispute", "amount": self.amount, "balance_transactions": [],
            "charge": self.charge, "created": self.created_at / 1000, "currency": self.currency,
            "enhanced_eligibility_types": [], "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": self.created_at / 1000 + TO_ANSWER, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
                "submission_count": 0,
            },
            "is_charge_refundable": false, "livemode": false, "metadata": {}, "network_reason_code": null,
            "payment_intent": self.payment_intent, "payment_method_details": null, "reason": self.reason,
            "status": self.status.name(),
        })
    }
}
