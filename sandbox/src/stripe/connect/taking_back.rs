//! Money that comes back from an account: of a transfer that is reversed, and to it, of a fee that is given back.

use super::fee::{ApplicationFee, FeeRefund};
use super::transfer::{Reversal, Transfer};
use crate::ids;
use crate::stripe::Call;
use crate::stripe::balance::Entry;
use crate::stripe::charge::Charge;
use crate::stripe::charging::Changes;
use crate::stripe::form::Params;
use crate::stripe::money;
use crate::stripe::refused::Refused;

/// What comes back, and what is given back for it.
pub(crate) struct TakingBack {
    pub(super) transfer: Option<(Transfer, Reversal)>,
    pub(super) fee: Option<(ApplicationFee, i64)>,
}

impl TakingBack {
    /// What a refund of so much of a charge asks for.
    pub(crate) fn with_refund(
        call: &Call<'_>,
        params: &Params,
        charge: &Charge,
        amount: i64,
    ) -> Result<Self, Refused> {
        let transfer = if params.boolean("reverse_transfer")? == Some(true) {
            let known = charge.transfer.as_deref().and_then(|id| call.state.transfers.get(id));
            let transfer = known.ok_or_else(|| {
                Refused::invalid(
                    "Cannot reverse transfer because the charge does not have an associated transfer.",
                )
                .param("reverse_transfer")
            })?;
            reversible(transfer, amount)?;
            Some((transfer.clone(), Reversal::of(amount, call.now)))
        } else {
            None
        };
        let fee = if params.boolean("refund_application_fee")? == Some(true) {
            let known = charge.application_fee.as_deref().and_then(|id| call.state.fees.get(id));
            let fee = known.ok_or_else(no_fee)?;
            Some((fee.clone(), fee.share(charge.amount_refunded, amount, charge.amount)))
        } else {
            None
        };
        Ok(Self { transfer, fee })
    }

    /// What the transfer's reversal is called, if one is reversed.
    pub(crate) fn reversal(&self) -> Option<String> {
        self.transfer.as_ref().map(|(_, reversal)| reversal.id.clone())
    }

    /// Keeps it, for a refund if it is for one.
    pub(crate) fn book(self, refund: Option<&str>, changes: &mut Changes<'_>) {
        let fee_part = self.fee.as_ref().map_or(0, |(_, part)| *part);
        let from_account = self.transfer.is_some();
        if let Some((mut transfer, mut reversal)) = self.transfer {
            reversal.refund = refund.map(str::to_owned);
            transfer.reversals.push(reversal.clone());
            changes.transfer(&transfer);
            let (amount, currency) = (reversal.amount, &transfer.currency);
            let back = Entry { kind: "transfer_refund", source: &reversal.id, amount, fee: 0, currency };
            changes.book(None, &back);
            let source = reversal.payment_refund.as_str();
            let gone = Entry { kind: "payment_refund", source, amount: -amount, fee: -fee_part, currency };
            changes.book(Some(&transfer.account), &gone);
        }
        if let Some((mut fee, amount)) = self.fee.filter(|(_, part)| *part > 0) {
            let id = ids::fresh("fr");
            fee.refunds.push(FeeRefund { id: id.clone(), amount, created_at: changes.now() });
            changes.fee(&fee);
            let given = Entry {
                kind: "application_fee_refund",
                source: &id,
                amount: -amount,
                fee: 0,
                currency: &fee.currency,
            };
            changes.book(None, &given);
            if !from_account {
                changes.book(Some(&fee.account), &Entry { amount, ..given });
            }
        }
    }
}

/// Refuses more than what is left of a transfer.
pub(super) fn reversible(transfer: &Transfer, amount: i64) -> Result<(), Refused> {
    if amount <= transfer.left() {
        return Ok(());
    }
    Err(Refused::invalid(format!(
        "Transfer reversal amount ({}) is greater than unreversed amount on transfer ({})",
        money::written(amount, &transfer.currency),
        money::written(transfer.left(), &transfer.currency)
    ))
    .param("amount")
    .after(Vec::new()))
}

pub(super) fn no_fee() -> Refused {
    Refused::invalid("There is no application fee to refund.").param("refund_application_fee")
}
