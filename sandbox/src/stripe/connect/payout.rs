//! A payout: money on its way from an account to its owner's bank.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long the bank takes to decide.
const TAKES_MS: i64 = 2_000;

/// Money that an account's owner gets.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Payout {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) bank: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) description: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) status: PayoutStatus,
    /// What took it from the account's balance, and what brought it back.
    pub(crate) transaction: Option<String>,
    pub(crate) failure_transaction: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayoutStatus {
    Pending,
    Paid,
    Failed,
    Canceled,
}

impl PayoutStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

impl Payout {
    /// When the bank decides by itself.
    pub(crate) fn due_at(&self) -> i64 {
        self.created_at + TAKES_MS
    }

    pub(crate) fn failure_code(&self) -> Option<&'static str> {
        (self.status == PayoutStatus::Failed).then_some("account_closed")
    }

    /// The payout as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        let failed = self.status == PayoutStatus::Failed;
        json!({
            "id": self.id, "object": "payout", "amount": self.amount, "application_fee": null,
            "application_fee_amount": null, "arrival_date": self.due_at() / 1000, "automatic": false,
            "balance_transaction": self.transaction, "created": self.created_at / 1000, "currency": self.currency,
            "description": self.description, "destination": self.bank,
            "failure_balance_transaction": self.failure_transaction, "failure_code": self.failure_code(),
            "failure_message": failed.then_some("The bank account has been closed"), "livemode": false,
            "metadata": self.metadata, "method": "standard", "original_payout": null, "payout_method": null,
            "reconciliation_status": "not_applicable", "reversed_by": null, "source_type": "card",
            "statement_descriptor": self.statement_descriptor, "status": self.status.name(),
            "trace_id": null, "type": "bank_account",
        })
    }
}
