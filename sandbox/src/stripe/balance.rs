//! The balances of the platform and of the accounts below it: what came, what went, and what was kept of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::books::Held;
use super::charge::Charge;
use super::charging::Changes;
use super::connect::fee::{APPLICATION, ApplicationFee};
use super::connect::payout::Payout;
use super::connect::transfer::Transfer;
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

/// A change of a balance.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    kind: String,
    source: String,
    amount: i64,
    fee: i64,
    pub(crate) currency: String,
    at: i64,
    /// Whose balance it is; the platform's without.
    #[serde(default)]
    pub(crate) account: Option<String>,
    /// From when on it can be used; always, if it says nothing.
    #[serde(default)]
    available_at: i64,
}

/// What is to be written into a balance.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) kind: &'static str,
    pub(crate) source: &'a str,
    pub(crate) amount: i64,
    /// What is kept of the amount.
    pub(crate) fee: i64,
    pub(crate) currency: &'a str,
}

impl BalanceTransaction {
    pub(crate) fn new(account: Option<&str>, entry: &Entry<'_>, at: i64) -> Self {
        Self {
            id: ids::fresh("txn"),
            kind: entry.kind.to_owned(),
            source: entry.source.to_owned(),
            amount: entry.amount,
            fee: entry.fee,
            currency: entry.currency.to_owned(),
            at,
            account: account.map(str::to_owned),
            available_at: at,
        }
    }

    /// The same, to be used so much later.
    pub(crate) fn later_by(mut self, pending_ms: i64) -> Self {
        self.available_at += pending_ms;
        self
    }

    /// What a charge brings, when it is made.
    pub(crate) fn of_charge(before: &State, charge: &Charge) -> Option<Self> {
        let is_new = before.charges.get(&charge.id).is_none();
        let fee = charge.amount * FEE_THOUSANDTHS / 1_000 + FEE_UNITS;
        // Where amounts are whole in another way, so is the fee.
        let fee = if money::divisible(fee, &charge.currency).is_ok() { fee } else { fee / 100 * 100 };
        let (source, currency) = (&charge.id, &charge.currency);
        let made = Entry { kind: "charge", source, amount: charge.amount, fee, currency };
        (is_new && charge.declined.is_none()).then(|| Self::new(None, &made, charge.created_at))
    }

    /// What a refund takes, when it is made; and brings back, when it fails.
    pub(crate) fn of_refund(before: &State, refund: &Refund, now: i64) -> Option<Self> {
        let was = before.refunds.get(&refund.id).map(|known| known.status);
        let made = |kind, amount| {
            let entry = Entry { kind, source: &refund.id, amount, fee: 0, currency: &refund.currency };
            Self::new(None, &entry, now)
        };
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
        let made = |amount| {
            let (source, currency) = (&dispute.id, &dispute.currency);
            Self::new(None, &Entry { kind: "adjustment", source, amount, fee: 0, currency }, now)
        };
        match dispute.status {
            _ if is_new => Some(made(-dispute.amount)),
            DisputeStatus::Won => Some(made(dispute.amount)),
            DisputeStatus::NeedsResponse | DisputeStatus::Lost => None,
        }
    }

    /// Whether it cannot be used yet.
    pub(crate) fn is_pending(&self, now: i64) -> bool {
        self.available_at > now
    }

    /// What it brings or takes.
    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee
    }

    /// The transaction as Stripe shows it, with what it is about, if that is wanted.
    fn to_json(&self, call: &Call<'_>, expanded: bool) -> Value {
        let source = if expanded { self.source_in(call.state, call.public_url) } else { None };
        json!({
            "id": self.id, "object": "balance_transaction", "amount": self.amount,
            "available_on": self.available_at.max(self.at) / 1000, "balance_type": "payments",
            "created": self.at / 1000, "currency": self.currency, "description": null, "exchange_rate": null,
            "fee": self.fee, "fee_details": self.fee_details(), "net": self.net(),
            "reporting_category": self.category(), "source": source.unwrap_or_else(|| json!(self.source)),
            "status": if self.is_pending(call.now) { "pending" } else { "available" }, "type": self.kind,
        })
    }

    fn fee_details(&self) -> Value {
        let (application, description, kind) = match &self.account {
            None => (None, "Stripe processing fees", "stripe_fee"),
            Some(_) => (Some(APPLICATION), "Odysseus application fee", "application_fee"),
        };
        if self.fee == 0 {
            return json!([]);
        }
        json!([{
            "amount": self.fee, "application": application, "currency": self.currency, "description": description,
            "type": kind,
        }])
    }

    fn category(&self) -> &str {
        match self.kind.as_str() {
            "adjustment" => "dispute",
            "payment" => "charge",
            "payment_refund" => "refund",
            "transfer_refund" => "transfer_reversal",
            "application_fee" => "platform_earning",
            "application_fee_refund" => "platform_earning_refund",
            "payout_cancel" | "payout_failure" => "payout_reversal",
            kind => kind,
        }
    }

    fn source_in(&self, state: &State, public_url: &str) -> Option<Value> {
        let (id, transfers) = (&self.source, &state.transfers);
        match id.split('_').next().unwrap_or_default() {
            "ch" => state.charges.get(id).map(|charge| charge.to_json(public_url)),
            "re" => state.refunds.get(id).map(Refund::to_json),
            "dp" => state.disputes.get(id).map(Dispute::to_json),
            "po" => state.payouts.get(id).map(Payout::to_json),
            "fee" => state.fees.get(id).map(ApplicationFee::to_json),
            "tr" => transfers.get(id).map(Transfer::to_json),
            "py" => {
                let mut known = transfers.newest_first();
                known.find(|transfer| transfer.payment == *id).map(Transfer::payment_to_json)
            }
            "trr" => transfers.newest_first().find_map(|transfer| {
                let known = transfer.reversals.iter().find(|reversal| reversal.id == *id);
                known.map(|reversal| transfer.reversal_to_json(reversal))
            }),
            "pyr" => transfers.newest_first().find_map(|transfer| {
                let known = transfer.reversals.iter().find(|reversal| reversal.payment_refund == *id);
                known.map(|reversal| transfer.payment_refund_to_json(reversal))
            }),
            "fr" => state.fees.newest_first().find_map(|fee| {
                let known = fee.refunds.iter().find(|refund| refund.id == *id);
                known.map(|refund| fee.refund_to_json(refund))
            }),
            _ => None,
        }
    }
}

/// What the platform or an account holds in one currency.
pub(crate) fn held(call: &Call<'_>, account: Option<&str>, currency: &str) -> Held {
    call.state.balance.held_by(account, call.now).get(currency).copied().unwrap_or_default()
}

/// `GET /v1/balance`
pub(crate) fn retrieve(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let held = call.state.balance.held_by(call.account, call.now);
    let told = |amount: fn(&Held) -> i64| -> Vec<_> {
        let amounts = held.iter().map(|(currency, held)| (currency, amount(held)));
        amounts
            .map(|(currency, amount)| {
                json!({"amount": amount, "currency": currency, "source_types": {"card": amount}})
            })
            .collect()
    };
    let json = json!({
        "object": "balance", "available": told(|held| held.available), "livemode": false,
        "pending": told(|held| held.pending),
    });
    Ok(Done::new(json, Changes::new(call)))
}

/// `GET /v1/balance_transactions`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&["ending_before", "expand", "limit", "starting_after"])?;
    let expanded = params.list("expand").contains(&"data.source");
    let all = call.state.balance.newest_first(call.account);
    let url = "/v1/balance_transactions";
    let page = listing::page(params, url, all, |kept| &kept.id, |kept| kept.to_json(call, expanded))?;
    Ok(Done::new(page, Changes::new(call)))
}
