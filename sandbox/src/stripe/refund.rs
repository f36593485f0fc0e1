//! A refund: money on its way back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Money given back from one charge.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) reason: Option<String>,
    pub(crate) status: RefundStatus,
    /// What is still to become of it, and when.
    pub(crate) settles: Option<Settlement>,
    /// What was taken back for it of the account that had the money.
    #[serde(default)]
    pub(crate) transfer_reversal: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

/// The end of a refund that takes its time.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Settlement {
    pub(crate) at: i64,
    pub(crate) status: RefundStatus,
}

impl RefundStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Refund {
    /// The refund as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id, "object": "refund", "amount": self.amount, "balance_transaction": null,
            "charge": self.charge, "created": self.created_at / 1000, "currency": self.currency,
            "metadata": self.metadata, "payment_intent": self.payment_intent, "reason": self.reason,
            "receipt_number": null, "source_transfer_reversal": null, "status": self.status.name(),
            "transfer_reversal": self.transfer_reversal,
        });
        if self.status == RefundStatus::Failed {
            json["failure_reason"] = json!("lost_or_stolen_card");
        }
        json
    }
}
