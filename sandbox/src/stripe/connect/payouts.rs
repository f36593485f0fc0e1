//! Payouts: create, look up, list, cancel, and what the bank says to them.

use std::sync::Arc;

use super::payout::{Payout, PayoutStatus};
use crate::ids;
use crate::stripe::balance::{self, Entry};
use crate::stripe::charging::Changes;
use crate::stripe::dashboard::Outcome;
use crate::stripe::form::Params;
use crate::stripe::intents::required;
use crate::stripe::refused::Refused;
use crate::stripe::unasked::{act, when_due};
use crate::stripe::{Call, Done, listing, money};
use crate::world::World;

const CREATE: &[&str] = &[
    "amount",
    "currency",
    "description",
    "expand",
    "metadata",
    "method",
    "source_type",
    "statement_descriptor",
];
const LIST: &[&str] = &["created", "ending_before", "limit", "starting_after", "status"];

/// `POST /v1/payouts`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let id = acting(call)?;
    let account = call.state.accounts.get(id).ok_or_else(|| Refused::no_such_account(id))?;
    let currency = money::known_currency(params.text("currency")?.ok_or_else(|| required("currency"))?)?;
    let amount = params.integer("amount")?.ok_or_else(|| required("amount"))?;
    let amount = money::payable_out(amount, &currency)?;
    params.word("method", &["standard"])?;
    params.word("source_type", &["card"])?;
    let mut payout = Payout {
        id: ids::fresh("po"),
        account: account.id.clone(),
        bank: account.bank(),
        amount,
        currency,
        created_at: call.now,
        description: params.short_text("description", 1_000)?,
        statement_descriptor: params.short_text("statement_descriptor", 22)?,
        metadata: params.metadata("metadata")?,
        status: PayoutStatus::Pending,
        transaction: None,
        failure_transaction: None,
    };
    if !account.payouts_enabled() {
        return Err(Refused::invalid(
            "Cannot create payouts: payouts are not enabled on this account. It has requirements that are due.",
        )
        .code("payouts_not_allowed")
        .after(Vec::new()));
    }
    if balance::held(call, Some(id), &payout.currency).available < amount {
        return Err(Refused::insufficient(
            "You have insufficient funds in your Stripe account for this payout. Its available balance is too low.",
        ));
    }
    let mut changes = Changes::new(call);
    payout.transaction = Some(book(&payout, "payout", -amount, &mut changes));
    changes.payout(&payout);
    changes.event_of(id, "payout.created", &payout.id, &payout.to_json());
    Ok(Done::new(payout.to_json(), changes))
}

/// `GET /v1/payouts/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["expand"])?;
    Ok(Done::new(find(call, id)?.to_json(), Changes::new(call)))
}

/// `GET /v1/payouts`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(LIST)?;
    let account = acting(call)?;
    let status = params.word("status", &["canceled", "failed", "in_transit", "paid", "pending"])?;
    let created = listing::Created::read(params)?;
    let some = call.state.payouts.newest_first().filter(|payout| {
        payout.account == account
            && status.as_deref().is_none_or(|status| payout.status.name() == status)
            && created.holds(payout.created_at)
    });
    let page = listing::page(params, "/v1/payouts", some, |payout| &payout.id, Payout::to_json)?;
    Ok(Done::new(page, Changes::new(call)))
}

/// `POST /v1/payouts/{id}/cancel`
pub(crate) fn cancel(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["expand"])?;
    let payout = find(call, id)?;
    if payout.status != PayoutStatus::Pending {
        return Err(Refused::invalid(format!(
            "Payouts can only be canceled while they are pending. This payout has a status of {}.",
            payout.status.name()
        ))
        .after(Vec::new()));
    }
    let mut changes = Changes::new(call);
    let payout = end(payout.clone(), PayoutStatus::Canceled, &mut changes);
    Ok(Done::new(payout.to_json(), changes))
}

/// Lets the bank decide on the payouts whose time has come, until the sandbox stops.
pub(crate) async fn settle(world: Arc<World>) {
    let next = |state: &crate::state::State, switches: &crate::switches::Switches| {
        let waiting = || state.pending_payouts.iter().filter_map(|id| state.payouts.get(id));
        let next = || waiting().map(|payout| (payout.due_at(), payout.id.clone())).min();
        if switches.payout_hold { None } else { next() }
    };
    when_due(world, "a payout", next, |world, id| {
        let fails = world.board.strikes(|switches| &mut switches.payout_fail);
        decide(world, id, !fails).map(drop)
    })
    .await;
}

/// The bank pays out, or does not; even after it has, as banks do.
pub(crate) fn decide(world: &World, id: &str, pays: bool) -> std::io::Result<Outcome> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(payout) = call.state.payouts.get(id).cloned() else { return (Outcome::Unknown, changes) };
        match (payout.status, pays) {
            (PayoutStatus::Pending, true) | (PayoutStatus::Pending | PayoutStatus::Paid, false) => {
                let status = if pays { PayoutStatus::Paid } else { PayoutStatus::Failed };
                let payout = end(payout, status, &mut changes);
                (Outcome::Done(payout.account), changes)
            }
            (status, _) => (Outcome::Refused(format!("It is {} already", status.name())), changes),
        }
    })
}

/// What is not paid out is the account's again.
fn end(mut payout: Payout, status: PayoutStatus, changes: &mut Changes<'_>) -> Payout {
    let (event, booked) = match status {
        PayoutStatus::Failed => ("payout.failed", Some("payout_failure")),
        PayoutStatus::Canceled => ("payout.canceled", Some("payout_cancel")),
        PayoutStatus::Paid | PayoutStatus::Pending => ("payout.paid", None),
    };
    payout.status = status;
    if let Some(kind) = booked {
        payout.failure_transaction = Some(book(&payout, kind, payout.amount, changes));
    }
    changes.payout(&payout);
    changes.event_of(&payout.account, event, &payout.id, &payout.to_json());
    payout
}

fn book(payout: &Payout, kind: &'static str, amount: i64, changes: &mut Changes<'_>) -> String {
    let entry = Entry { kind, source: &payout.id, amount, fee: 0, currency: &payout.currency };
    changes.book(Some(&payout.account), &entry)
}

fn acting<'a>(call: &Call<'a>) -> Result<&'a str, Refused> {
    call.account.ok_or_else(|| {
        Refused::invalid(
            "The sandbox pays out connected accounts only: name one by the header Stripe-Account.",
        )
    })
}

fn find<'a>(call: &Call<'a>, id: &str) -> Result<&'a Payout, Refused> {
    let account = acting(call)?;
    let known = call.state.payouts.get(id).filter(|payout| payout.account == account);
    known.ok_or_else(|| Refused::missing("payout", id, "payout").not_found())
}
