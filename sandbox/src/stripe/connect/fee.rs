//! An application fee: what the platform keeps of a payment whose money goes on to an account.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids;
use crate::stripe::charge::Charge;
use crate::stripe::charging::Changes;
use crate::stripe::form::Params;
use crate::stripe::refused::Refused;
use crate::stripe::{Call, Done};

/// By what name Stripe calls the platform.
pub(crate) const APPLICATION: &str = "ca_sandbox";

/// What the platform keeps of one charge.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ApplicationFee {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) refunds: Vec<FeeRefund>,
}

/// A part of it that the account got back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FeeRefund {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) created_at: i64,
}

impl ApplicationFee {
    pub(crate) fn of(charge: &Charge, account: &str, amount: i64) -> Self {
        Self {
            id: ids::fresh("fee"),
            account: account.to_owned(),
            charge: charge.id.clone(),
            amount,
            currency: charge.currency.clone(),
            created_at: charge.created_at,
            refunds: Vec::new(),
        }
    }

    pub(crate) fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// How much of it the account gets back when so much more of the whole is given back than `before`: in proportion,
    /// and all of it when all of the whole is.
    pub(crate) fn share(&self, before: i64, amount: i64, whole: i64) -> i64 {
        let of = |part: i64| (2 * self.amount * part + whole) / (2 * whole);
        (of(before + amount) - of(before)).min(self.amount - self.refunded())
    }

    /// The fee as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        let newest_first = self.refunds.iter().rev();
        let refunds: Vec<_> = newest_first.take(10).map(|refund| self.refund_to_json(refund)).collect();
        json!({
            "id": self.id, "object": "application_fee", "account": self.account, "amount": self.amount,
            "amount_refunded": self.refunded(), "application": APPLICATION, "balance_transaction": null,
            "charge": self.charge, "created": self.created_at / 1000, "currency": self.currency,
            "fee_source": {"charge": self.charge, "type": "charge"}, "livemode": false, "originating_transaction": null,
            "refunded": self.refunded() == self.amount,
            "refunds": {
                "object": "list", "data": refunds, "has_more": self.refunds.len() > 10,
                "url": format!("/v1/application_fees/{}/refunds", self.id),
            },
        })
    }

    /// A part that was given back, as Stripe shows it.
    pub(crate) fn refund_to_json(&self, refund: &FeeRefund) -> Value {
        json!({
            "id": refund.id, "object": "fee_refund", "amount": refund.amount, "balance_transaction": null,
            "created": refund.created_at / 1000, "currency": self.currency, "fee": self.id, "metadata": {},
        })
    }
}

/// `GET /v1/application_fees/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let fee = call.state.fees.get(id);
    let fee = fee.ok_or_else(|| Refused::missing("application fee", id, "id").not_found())?;
    Ok(Done::new(fee.to_json(), Changes::new(call)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_fee_that_are_given_back_make_all_of_it_in_the_end() {
        let mut fee = ApplicationFee {
            id: "fee_1".to_owned(),
            account: "acct_1".to_owned(),
            charge: "ch_1".to_owned(),
            amount: 100,
            currency: "eur".to_owned(),
            created_at: 0,
            refunds: Vec::new(),
        };
        let mut parts = Vec::new();
        for before in [0, 333, 666] {
            let amount = fee.share(before, 333, 999);
            fee.refunds.push(FeeRefund { id: String::new(), amount, created_at: 0 });
            parts.push(amount);
        }
        assert_eq!(parts, [33, 34, 33]);
        assert_eq!(fee.share(0, 500, 999), 0, "more than the fee is never given back");
    }
}
