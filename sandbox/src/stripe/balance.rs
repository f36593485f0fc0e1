//! The account's balance: what came, what went, and what Stripe keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::charge::Charge;
use super::charging::Changes;
use super::dispute::{Dispute, DisputeStatus};
use super::form::Params;
use super::refund::{Refund, RefundStatus};
use super::refused::Refused;
use super::{Call, Done, listing, money};
use crate::ids;
use crate::state::State;

/// Stripe keeps so many thousandths of a charge, and so many of its units besides.
const FEE_THOUSANDTHS: i64 = 14;
const FEE_UNITS: i64 = 25;

/// A change of the balance.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    kind: String,
    source: String,
    amount: i64,
    fee: i64,
    currency: String,
    at: i64,
}

impl BalanceTransaction {
    fn new(kind: &str, source: &str, (amount, fee): (i64, i64), currency: &str, at: i64) -> Self {
        let (kind, source, currency) = (kind.to_owned(), source.to_owned(), currency.to_owned());
        Self { id: ids::fresh("txn"), kind, source, amount, fee, currency, at }
    }

    /// What a charge brings, when it is made.
    pub(crate) fn of_charge(before: &State, charge: &Charge) -> Option<Self> {
        let is_new = before.charges.get(&charge.id).is_none();
        let fee = charge.amount * FEE_THOUSANDTHS / 1_000 + FEE_UNITS;
        // Where amounts are whole in another way, so is the fee.
        let fee = if money::divisible(fee, &charge.currency).is_ok() { fee } else { fee / 100 * 100 };
        let made =
            || Self::new("charge", &charge.id, (charge.amount, fee), &charge.currency, charge.created_at);
        (is_new && charge.declined.is_none()).then(made)
    }

    /// What a refund takes, when it is made; and brings back, when it fails.
    pub(crate) fn of_refund(before: &State, refund: &Refund, now: i64) -> Option<Self> {
        let was = before.refunds.get(&refund.id).map(|known| known.status);
        let made = |kind, amount| Self::new(kind, &refund.id, (amount, 0), &refund.currency, now);
        match (was, refund.status) {
            (None, _) => Some(made("refund", -refund.amount)),
            (Some(RefundStatus::Failed), _) => None,
            (Some(_), RefundStatus::Failed) => Some(made("refund_failure", refund.amount)),
            _ => None,
        }
    }

    /// What a bank takes that disputes a charge, and brings back when the dispute is won.
    pub(crate) fn of_dispute(before: &State, dispute: &Dispute, now: i64) -> Option<Self> {
        let is_new = before.disputes.get(&dispute.id).is_none();
        let made = |amount| Self::new("adjustment", &dispute.id, (amount, 0), &dispute.currency, now);
        match dispute.status {
            _ if is_new => Some(made(-dispute.amount)),
            DisputeStatus::Won => Some(made(dispute.amount)),
            DisputeStatus::NeedsResponse | DisputeStatus::Lost => None,
        }
    }

    /// The transaction as Stripe shows it, with what it is about, if that is wanted.
    fn to_json(&self, call: &Call<'_>, expanded: bool) -> Value {
        let source = if expanded { self.source_in(call) } else { None };
        let category = if self.kind == "adjustment" { "dispute" } else { &self.kind };
        json!({
            "id": self.id, "object": "balance_transaction", "amount": self.amount, "available_on": self.at / 1000,
            "balance_type": "payments", "created": self.at / 1000, "currency": self.currency, "description": null,
            "exchange_rate": null, "fee": self.fee,
            "fee_details": if self.fee == 0 { json!([]) } else { json!([{
                "amount": self.fee, "application": null, "currency": self.currency,
                "description": "Stripe processing fees", "type": "stripe_fee",
            }]) },
            "net": self.amount - self.fee, "reporting_category": category,
            "source": source.unwrap_or_else(|| json!(self.source)), "status": "available", "type": self.kind,
        })
    }

    fn source_in(&self, call: &Call<'_>) -> Option<Value> {
        let state = call.state;
        let charge = state.charges.get(&self.source).map(|charge| charge.to_json(call.public_url));
        let refund = || state.refunds.get(&self.source).map(Refund::to_json);
        let dispute = || state.disputes.get(&self.source).map(Dispute::to_json);
        charge.or_else(refund).or_else(dispute)
    }
}

/// `GET /v1/balance_transactions`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&["ending_before", "expand", "limit", "starting_after"])?;
    let expanded = params.list("expand").contains(&"data.source");
    let (all, url) = (call.state.balance.newest_first(), "/v1/balance_transactions");
    let page = listing::page(params, url, all, |kept| &kept.id, |kept| kept.to_json(call, expanded))?;
    Ok(Done::new(page, Changes::new(call)))
}
