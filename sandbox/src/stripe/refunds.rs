//! Refunds: create, look up, list, and the end of those that take their time.

use std::sync::Arc;

use super::cards::{self, RefundCourse};
use super::charge::Charge;
use super::charging::Changes;
use super::connect::taking_back::TakingBack;
use super::form::Params;
use super::intent::Status;
use super::refund::{Refund, RefundStatus, Settlement};
use super::refused::Refused;
use super::unasked::{act, when_due};
use super::{Call, Done, intents, listing, money};
use crate::ids;
use crate::state::State;
use crate::switches::Switches;
use crate::world::World;

const CREATE: &[&str] = &[
    "amount",
    "charge",
    "metadata",
    "payment_intent",
    "reason",
    "refund_application_fee",
    "reverse_transfer",
];
const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];
/// How long a refund takes that does not end at once.
const SETTLES_AFTER_MS: i64 = 2_000;

/// `POST /v1/refunds`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let mut charge = charge_to_refund(call, params)?;
    let metadata = params.metadata("metadata")?;
    let reason = params.word("reason", REASONS)?;
    let amount = amount_to_refund(&charge, params)?;
    let back = TakingBack::with_refund(call, params, &charge, amount)?;

    let course = cards::card(&charge.card)?.refunds;
    let (status, end) = match course {
        RefundCourse::Succeeds => (RefundStatus::Succeeded, None),
        RefundCourse::SucceedsLater => (RefundStatus::Pending, Some(RefundStatus::Succeeded)),
        RefundCourse::FailsLater => (RefundStatus::Succeeded, Some(RefundStatus::Failed)),
    };
    let refund = Refund {
        id: ids::fresh("re"),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        amount,
        currency: charge.currency.clone(),
        created_at: call.now,
        metadata,
        reason,
        status,
        settles: end.map(|status| Settlement { at: call.now + SETTLES_AFTER_MS, status }),
        transfer_reversal: back.reversal(),
    };
    charge.amount_refunded += amount;
    let mut changes = Changes::new(call);
    changes.charge(&charge);
    changes.refund(&refund);
    back.book(Some(&refund.id), &mut changes);
    changes.event("refund.created", &refund.id, &refund.to_json());
    changes.event("charge.refunded", &charge.id, &charge.to_json(call.public_url));
    Ok(Done::new(refund.to_json(), changes))
}

/// `GET /v1/refunds/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let refund = call.state.refunds.get(id);
    let refund = refund.ok_or_else(|| Refused::missing("refund", id, "id").not_found())?;
    Ok(Done::new(refund.to_json(), Changes::new(call)))
}

/// `GET /v1/refunds`, of a payment intent or a charge if one is named.
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&["charge", "ending_before", "limit", "payment_intent", "starting_after"])?;
    let (intent, charge) = (params.text("payment_intent")?, params.text("charge")?);
    let some = call.state.refunds.newest_first().filter(|refund| {
        intent.is_none_or(|id| refund.payment_intent == id) && charge.is_none_or(|id| refund.charge == id)
    });
    let page = listing::page(params, "/v1/refunds", some, |refund| &refund.id, Refund::to_json)?;
    Ok(Done::new(page, Changes::new(call)))
}

fn charge_to_refund(call: &Call<'_>, params: &Params) -> Result<Charge, Refused> {
    let id = match (params.text("payment_intent")?, params.text("charge")?) {
        (Some(id), None) => {
            let intent = call.state.intents.get(id);
            let intent = intent.ok_or_else(|| Refused::missing("payment_intent", id, "payment_intent"))?;
            match (&intent.status, &intent.latest_charge) {
                (Status::Succeeded, Some(charge)) => charge,
                _ => {
                    return Err(intent.unexpected_state(
                        &format!("This PaymentIntent ({id}) does not have a successful charge to refund."),
                        call.public_url,
                    ));
                }
            }
        }
        (None, Some(id)) => id,
        (Some(_), Some(_)) => {
            return Err(Refused::invalid(
                "You may only specify one of these parameters: charge, payment_intent.",
            ));
        }
        (None, None) => return Err(intents::required("payment_intent")),
    };
    let charge = call.state.charges.get(id);
    let charge = charge.ok_or_else(|| Refused::missing("charge", id, "charge"))?;
    if charge.declined.is_some() {
        return Err(Refused::invalid(format!("Charge {id} was not successful and cannot be refunded."))
            .after(Vec::new()));
    }
    if charge.disputed {
        return Err(Refused::invalid(format!("Charge {id} has been charged back; cannot issue a refund."))
            .code("charge_disputed")
            .after(Vec::new()));
    }
    Ok(charge.clone())
}

fn amount_to_refund(charge: &Charge, params: &Params) -> Result<i64, Refused> {
    let left = charge.unrefunded();
    let amount = params.integer("amount")?;
    if amount.is_some_and(|amount| amount < 1) {
        return Err(Refused::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    if left == 0 {
        return Err(Refused::invalid(format!("Charge {} has already been refunded.", charge.id))
            .code("charge_already_refunded")
            .after(Vec::new()));
    }
    let amount = money::divisible(amount.unwrap_or(left), &charge.currency)?;
    if amount > left {
        return Err(Refused::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::written(amount, &charge.currency),
            money::written(left, &charge.currency)
        ))
        .param("amount")
        .after(Vec::new()));
    }
    Ok(amount)
}

/// Ends the refunds whose time has come, until the sandbox stops.
pub(crate) async fn settle(world: Arc<World>) {
    let next = |state: &State, _: &Switches| {
        let waiting = state.unsettled.iter().filter_map(|id| state.refunds.get(id));
        waiting.filter_map(|refund| Some((refund.settles?.at, refund.id.clone()))).min()
    };
    when_due(world, "a refund", next, settle_one).await;
}

fn settle_one(world: &World, id: &str) -> std::io::Result<()> {
    act(world, |call| {
        let waits = call.state.refunds.get(id).and_then(|refund| Some((refund, refund.settles?)));
        let Some((refund, settlement)) = waits else { return ((), Changes::new(call)) };
        ((), end(call, refund.clone(), settlement.status))
    })
}

/// Ends a refund. What comes back of one that fails can be given back again.
pub(super) fn end<'a>(call: &'a Call<'a>, mut refund: Refund, status: RefundStatus) -> Changes<'a> {
    let mut changes = Changes::new(call);
    refund.status = status;
    refund.settles = None;
    changes.refund(&refund);
    if status == RefundStatus::Failed
        && let Some(mut charge) = call.state.charges.get(&refund.charge).cloned()
    {
        charge.amount_refunded -= refund.amount;
        changes.charge(&charge);
    }
    changes.event("refund.updated", &refund.id, &refund.to_json());
    if status == RefundStatus::Failed {
        changes.event("refund.failed", &refund.id, &refund.to_json());
    }
    changes
}
