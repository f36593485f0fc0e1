//! Destination charges: a payment is taken on the platform, and its money goes on to an account.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Account;
use super::fee::ApplicationFee;
use super::transfer::Transfer;
use crate::stripe::Call;
use crate::stripe::balance::Entry;
use crate::stripe::charge::Charge;
use crate::stripe::charging::Changes;
use crate::stripe::form::Params;
use crate::stripe::refused::Refused;

/// Where the money of a payment goes on to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Forwarding {
    /// The account that gets all of it.
    pub(crate) destination: Option<String>,
    /// How much of it comes back to the platform.
    pub(crate) fee: Option<i64>,
    /// The account in whose name it is taken.
    pub(crate) on_behalf_of: Option<String>,
    /// What the transfer is found by.
    pub(crate) group: Option<String>,
}

impl Forwarding {
    /// What a call asks for, of itself or within another parameter, where Stripe would let it.
    pub(crate) fn read(
        call: &Call<'_>,
        params: &Params,
        within: Option<&str>,
        amount: i64,
    ) -> Result<Self, Refused> {
        let of = |name: &str| Self::named(within, name);
        for part in params.below(&of("transfer_data")).map(|(part, _)| part) {
            if part != "destination" {
                return Err(Refused::unknown_parameter(&format!("transfer_data[{part}]")));
            }
        }
        let text = |name: &str| params.short_text(&of(name), 255);
        let fee = params.integer(&of("application_fee_amount"))?;
        let forwarding = Self {
            destination: text("transfer_data[destination]")?,
            fee,
            on_behalf_of: text("on_behalf_of")?,
            group: text("transfer_group")?,
        };
        if let Some(fee) = fee {
            let wrong = |message: &str| Err(Refused::invalid(message).param(&of("application_fee_amount")));
            if forwarding.destination.is_none() {
                return wrong(
                    "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment \
                     (using an OAuth key or Stripe-Account header) or destination payment (using \
                     `transfer_data[destination]`).",
                );
            }
            if fee < 1 {
                return wrong(
                    "Invalid positive integer. Leave application_fee_amount out where there is none.",
                );
            }
            if fee > amount {
                return wrong("The application_fee_amount must be less than or equal to the amount.");
            }
        }
        forwarding.check(call, within)?;
        Ok(forwarding)
    }

    /// Refuses accounts that cannot have the money, or in whose name nothing is taken, as they stand now.
    pub(crate) fn check(&self, call: &Call<'_>, within: Option<&str>) -> Result<(), Refused> {
        if let Some(id) = &self.destination {
            let param = Self::named(within, "transfer_data[destination]");
            let known = call.state.accounts.get(id);
            let account = known.ok_or_else(|| Refused::missing("destination", id, &param))?;
            if !account.can("transfers") {
                return Err(Refused::cannot_receive(&param));
            }
        }
        if let Some(id) = &self.on_behalf_of {
            let param = Self::named(within, "on_behalf_of");
            let known = call.state.accounts.get(id);
            let account = known.ok_or_else(|| Refused::missing("account", id, &param))?;
            if !account.can("card_payments") {
                return Err(Refused::invalid(format!(
                    "Your account cannot create payments on behalf of {id}, which does not have the card_payments \
                     capability."
                ))
                .param(&param)
                .after(Vec::new()));
            }
        }
        Ok(())
    }

    /// Tells it of a payment or a charge.
    pub(crate) fn show_in(&self, json: &mut Value) {
        json["application_fee_amount"] = json!(self.fee);
        json["on_behalf_of"] = json!(self.on_behalf_of);
        json["transfer_data"] = self
            .destination
            .as_ref()
            .map_or(Value::Null, |account| json!({"amount": null, "destination": account}));
        json["transfer_group"] = json!(self.group);
    }

    /// `transfer_data[destination]`, or `payment_intent_data[transfer_data][destination]`.
    fn named(within: Option<&str>, name: &str) -> String {
        let Some(within) = within else { return name.to_owned() };
        let (root, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
        format!("{within}[{root}]{rest}")
    }
}

/// Keeps a charge that has gone through, and sends its money on.
pub(crate) fn take(mut charge: Charge, changes: &mut Changes<'_>) -> Charge {
    let Some(account) = charge.forwarding.destination.clone() else {
        changes.charge(&charge);
        return charge;
    };
    let group = charge.forwarding.group.get_or_insert_with(|| format!("group_{}", charge.payment_intent));
    let group = group.clone();
    let fee = charge.forwarding.fee.map(|amount| ApplicationFee::of(&charge, &account, amount));
    let transfer = Transfer::of_charge(&charge, &account, &group, fee.as_ref());
    charge.transfer = Some(transfer.id.clone());
    charge.application_fee = fee.as_ref().map(|fee| fee.id.clone());
    changes.charge(&charge);
    changes.transfer(&transfer);
    let booked = |kind, source, amount| Entry { kind, source, amount, fee: 0, currency: &charge.currency };
    changes.book_later(None, &booked("transfer", &transfer.id, -transfer.amount));
    let paid = booked("payment", &transfer.payment, transfer.amount);
    changes.book_later(Some(&account), &Entry { fee: charge.forwarding.fee.unwrap_or(0), ..paid });
    if let Some(fee) = &fee {
        changes.fee(fee);
        changes.book_later(None, &booked("application_fee", &fee.id, fee.amount));
    }
    charge
}

/// The account to which a transfer may go.
pub(crate) fn receiver<'a>(call: &Call<'a>, id: &str) -> Result<&'a Account, Refused> {
    let account = call.state.accounts.get(id);
    let account = account.ok_or_else(|| Refused::missing("destination", id, "destination"))?;
    if account.can("transfers") { Ok(account) } else { Err(Refused::cannot_receive("destination")) }
}
