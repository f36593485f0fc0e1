//! Transfers: create, look up, list, reverse.

use super::forwarding;
use super::taking_back::{TakingBack, no_fee, reversible};
use super::transfer::{Reversal, Transfer};
use crate::ids;
use crate::stripe::balance::{self, Entry};
use crate::stripe::charging::Changes;
use crate::stripe::form::Params;
use crate::stripe::intents::required;
use crate::stripe::refused::Refused;
use crate::stripe::{Call, Done, listing, money};

const CREATE: &[&str] = &[
    "amount",
    "currency",
    "description",
    "destination",
    "expand",
    "metadata",
    "source_type",
    "transfer_group",
];
const LIST: &[&str] =
    &["created", "destination", "ending_before", "limit", "starting_after", "transfer_group"];
const REVERSE: &[&str] = &["amount", "description", "expand", "metadata", "refund_application_fee"];

/// `POST /v1/transfers`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let destination = params.text("destination")?.ok_or_else(|| required("destination"))?;
    let currency = money::known_currency(params.text("currency")?.ok_or_else(|| required("currency"))?)?;
    let amount = money::positive(params.integer("amount")?.ok_or_else(|| required("amount"))?)?;
    let account = forwarding::receiver(call, destination)?;
    let transfer = Transfer {
        id: ids::fresh("tr"),
        account: account.id.clone(),
        amount,
        currency,
        created_at: call.now,
        charge: None,
        payment: ids::fresh("py"),
        fee: None,
        fee_amount: 0,
        group: params.short_text("transfer_group", 255)?,
        description: params.short_text("description", 1_000)?,
        metadata: params.metadata("metadata")?,
        reversals: Vec::new(),
    };
    if balance::held(call, None, &transfer.currency).available < amount {
        return Err(Refused::insufficient("You have insufficient available funds in your Stripe account."));
    }
    let mut changes = Changes::new(call);
    changes.transfer(&transfer);
    let currency = &transfer.currency;
    let gone = Entry { kind: "transfer", source: &transfer.id, amount: -amount, fee: 0, currency };
    changes.book(None, &gone);
    changes.book(
        Some(&transfer.account),
        &Entry { kind: "payment", source: &transfer.payment, amount, fee: 0, currency },
    );
    Ok(Done::new(transfer.to_json(), changes))
}

/// `GET /v1/transfers/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["expand"])?;
    Ok(Done::new(find(call, id)?.to_json(), Changes::new(call)))
}

/// `GET /v1/transfers`, to an account or of a group if one is named.
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(LIST)?;
    let created = listing::Created::read(params)?;
    let (account, group) = (params.text("destination")?, params.text("transfer_group")?);
    let some = call.state.transfers.newest_first().filter(|transfer| {
        account.is_none_or(|id| transfer.account == id)
            && group.is_none_or(|group| transfer.group.as_deref() == Some(group))
            && created.holds(transfer.created_at)
    });
    let page = listing::page(params, "/v1/transfers", some, |transfer| &transfer.id, Transfer::to_json)?;
    Ok(Done::new(page, Changes::new(call)))
}

/// `POST /v1/transfers/{id}/reversals`
pub(crate) fn reverse(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(REVERSE)?;
    let transfer = find(call, id)?;
    params.short_text("description", 1_000)?;
    let metadata = params.metadata("metadata")?;
    let amount = params.integer("amount")?.map(money::positive).transpose()?.unwrap_or(transfer.left());
    let with_fee = params.boolean("refund_application_fee")? == Some(true);
    let fee = if with_fee {
        let known = transfer.fee.as_deref().and_then(|id| call.state.fees.get(id)).ok_or_else(no_fee)?;
        Some((known.clone(), known.share(transfer.reversed(), amount, transfer.amount)))
    } else {
        None
    };
    if transfer.left() == 0 {
        return Err(
            Refused::invalid(format!("Transfer {id} has already been fully reversed.")).after(Vec::new())
        );
    }
    reversible(transfer, amount)?;
    // A destination charge's money comes back whatever the account holds.
    let held = balance::held(call, Some(&transfer.account), &transfer.currency);
    if transfer.charge.is_none() && held.available < amount {
        return Err(Refused::insufficient(
            "The connected account does not have enough funds in its balance to reverse this transfer.",
        ));
    }
    let mut changes = Changes::new(call);
    let reversal = Reversal { metadata, ..Reversal::of(amount, call.now) };
    let json = transfer.reversal_to_json(&reversal);
    TakingBack { transfer: Some((transfer.clone(), reversal)), fee }.book(None, &mut changes);
    Ok(Done::new(json, changes))
}

/// `GET /v1/transfers/{id}/reversals`
pub(crate) fn reversals(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(listing::PARAMS)?;
    let transfer = find(call, id)?;
    let url = format!("/v1/transfers/{id}/reversals");
    let all = transfer.reversals.iter().rev();
    let show = |reversal: &_| transfer.reversal_to_json(reversal);
    let page = listing::page(params, &url, all, |reversal| &reversal.id, show)?;
    Ok(Done::new(page, Changes::new(call)))
}

fn find<'a>(call: &Call<'a>, id: &str) -> Result<&'a Transfer, Refused> {
    call.state.transfers.get(id).ok_or_else(|| Refused::missing("transfer", id, "transfer").not_found())
}
