//! A transfer: money on its way from the platform to an account, and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fee::ApplicationFee;
use crate::ids;
use crate::stripe::charge::Charge;

/// How many reversals are shown with it.
const SHOWN: usize = 10;

/// Money that went to an account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    /// The charge whose money it is, if it is one's.
    pub(crate) charge: Option<String>,
    /// What the account calls it: a payment.
    pub(crate) payment: String,
    /// What the platform kept of it.
    pub(crate) fee: Option<String>,
    pub(crate) fee_amount: i64,
    pub(crate) group: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) reversals: Vec<Reversal>,
}

/// A part of it that came back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Reversal {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) created_at: i64,
    /// The refund for which it came back.
    pub(crate) refund: Option<String>,
    /// What the account calls it: a refund of its payment.
    pub(crate) payment_refund: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Reversal {
    pub(crate) fn of(amount: i64, at: i64) -> Self {
        Self {
            id: ids::fresh("trr"),
            amount,
            created_at: at,
            refund: None,
            payment_refund: ids::fresh("pyr"),
            metadata: BTreeMap::new(),
        }
    }
}

impl Transfer {
    /// All of a charge's money.
    pub(crate) fn of_charge(
        charge: &Charge,
        account: &str,
        group: &str,
        fee: Option<&ApplicationFee>,
    ) -> Self {
        Self {
            id: ids::fresh("tr"),
            account: account.to_owned(),
            amount: charge.amount,
            currency: charge.currency.clone(),
            created_at: charge.created_at,
            charge: Some(charge.id.clone()),
            payment: ids::fresh("py"),
            fee: fee.map(|fee| fee.id.clone()),
            fee_amount: fee.map_or(0, |fee| fee.amount),
            group: Some(group.to_owned()),
            description: None,
            metadata: BTreeMap::new(),
            reversals: Vec::new(),
        }
    }

    pub(crate) fn reversed(&self) -> i64 {
        self.reversals.iter().map(|reversal| reversal.amount).sum()
    }

    /// What can still come back.
    pub(crate) fn left(&self) -> i64 {
        self.amount - self.reversed()
    }

    /// The transfer as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        let newest_first = self.reversals.iter().rev();
        let reversals: Vec<_> =
            newest_first.take(SHOWN).map(|reversal| self.reversal_to_json(reversal)).collect();
        json!({
            "id": self.id, "object": "transfer", "amount": self.amount, "amount_reversed": self.reversed(),
            "balance_transaction": null, "created": self.created_at / 1000, "currency": self.currency,
            "description": self.description, "destination": self.account, "destination_payment": self.payment,
            "livemode": false, "metadata": self.metadata,
            "reversals": {
                "object": "list", "data": reversals, "has_more": self.reversals.len() > SHOWN,
                "url": format!("/v1/transfers/{}/reversals", self.id),
            },
            "reversed": self.left() == 0, "source_transaction": self.charge, "source_type": "card",
            "transfer_group": self.group,
        })
    }

    /// A part that came back, as Stripe shows it.
    pub(crate) fn reversal_to_json(&self, reversal: &Reversal) -> Value {
        json!({
            "id": reversal.id, "object": "transfer_reversal", "amount": reversal.amount, "balance_transaction": null,
            "created": reversal.created_at / 1000, "currency": self.currency,
            "destination_payment_refund": reversal.payment_refund, "metadata": reversal.metadata,
            "source_refund": reversal.refund, "transfer": self.id,
        })
    }

    /// The payment that the account sees.
    pub(crate) fn payment_to_json(&self) -> Value {
        json!({
            "id": self.payment, "object": "charge", "amount": self.amount, "amount_captured": self.amount,
            "amount_refunded": self.reversed(), "application_fee": self.fee,
            "application_fee_amount": self.fee.as_ref().map(|_| self.fee_amount), "balance_transaction": null,
            "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null},
            "captured": true, "created": self.created_at / 1000, "currency": self.currency, "customer": null,
            "description": self.description, "disputed": false, "failure_code": null, "failure_message": null,
            "livemode": false, "metadata": self.metadata, "outcome": null, "paid": true, "payment_intent": null,
            "payment_method": null, "payment_method_details": {"type": "stripe_account", "stripe_account": {}},
            "receipt_email": null, "receipt_number": null, "receipt_url": null, "refunded": self.left() == 0,
            "source_transfer": self.id, "status": "succeeded",
        })
    }

    /// The refund of its payment that the account sees.
    pub(crate) fn payment_refund_to_json(&self, reversal: &Reversal) -> Value {
        json!({
            "id": reversal.payment_refund, "object": "refund", "amount": reversal.amount, "balance_transaction": null,
            "charge": self.payment, "created": reversal.created_at / 1000, "currency": self.currency, "metadata": {},
            "payment_intent": null, "reason": null, "receipt_number": null, "source_transfer_reversal": reversal.id,
            "status": "succeeded", "transfer_reversal": null,
        })
    }
}
