//! What people do in the provider's dashboard, and banks behind it: refunds and disputes that no program asked for.

use super::charging::Changes;
use super::dispute::{Dispute, DisputeStatus};
use super::form::Params;
use super::refund::RefundStatus;
use super::refunds;
use super::unasked::act;
use crate::ids;
use crate::world::World;

/// What came of it.
pub(crate) enum Outcome {
    /// It is done; this payment or account it is about.
    Done(String),
    /// It cannot be done, and why.
    Refused(String),
    /// There is nothing of that name.
    Unknown,
}

/// Gives a payment back, all that is left of it or so much, in the provider's units; and takes it back from the account
/// that has it, if that is wanted.
pub(crate) fn refund(
    world: &World,
    payment: &str,
    amount: Option<i64>,
    from_account: bool,
) -> std::io::Result<Outcome> {
    let amount = amount.map(|amount| format!("&amount={amount}")).unwrap_or_default();
    let back = if from_account { "&reverse_transfer=true&refund_application_fee=true" } else { "" };
    let form = format!("payment_intent={payment}{amount}{back}");
    let params = Params::read(form.as_bytes());
    act(world, |call| {
        if call.state.intents.get(payment).is_none() {
            return (Outcome::Unknown, Changes::new(call));
        }
        match refunds::create(call, &params) {
            Ok(done) => (Outcome::Done(payment.to_owned()), Changes::of(call, done.changes)),
            Err(refused) => (Outcome::Refused(refused.message()), Changes::of(call, refused.changes)),
        }
    })
}

/// The buyer's bank returns a refund, however long ago it was made.
pub(crate) fn fail_refund(world: &World, refund: &str) -> std::io::Result<Outcome> {
    act(world, |call| {
        let Some(refund) = call.state.refunds.get(refund).cloned() else {
            return (Outcome::Unknown, Changes::new(call));
        };
        if refund.status == RefundStatus::Failed {
            return (Outcome::Refused("It has failed already".to_owned()), Changes::new(call));
        }
        let payment = refund.payment_intent.clone();
        (Outcome::Done(payment), refunds::end(call, refund, RefundStatus::Failed))
    })
}

/// The buyer's bank wants the money back, all of what is left.
pub(crate) fn dispute(world: &World, payment: &str, reason: &str) -> std::io::Result<Outcome> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(intent) = call.state.intents.get(payment) else { return (Outcome::Unknown, changes) };
        let charge = intent.latest_charge.as_deref().and_then(|id| call.state.charges.get(id));
        let Some(mut charge) = charge.filter(|charge| charge.declined.is_none()).cloned() else {
            return (Outcome::Refused("Nothing was taken that could be disputed".to_owned()), changes);
        };
        if charge.disputed || charge.unrefunded() == 0 {
            return (Outcome::Refused("It is disputed or given back already".to_owned()), changes);
        }
        charge.disputed = true;
        let dispute = Dispute {
            id: ids::fresh("dp"),
            charge: charge.id.clone(),
            payment_intent: payment.to_owned(),
            amount: charge.unrefunded(),
            currency: charge.currency.clone(),
            created_at: call.now,
            reason: reason.to_owned(),
            status: DisputeStatus::NeedsResponse,
        };
        changes.charge(&charge);
        changes.dispute(&dispute);
        for kind in ["charge.dispute.created", "charge.dispute.funds_withdrawn"] {
            changes.event(kind, &dispute.id, &dispute.to_json());
        }
        (Outcome::Done(payment.to_owned()), changes)
    })
}

/// The bank decides a dispute.
pub(crate) fn decide(world: &World, dispute: &str, won: bool) -> std::io::Result<Outcome> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(mut dispute) = call.state.disputes.get(dispute).cloned() else {
            return (Outcome::Unknown, changes);
        };
        if dispute.status != DisputeStatus::NeedsResponse {
            return (Outcome::Refused("It is decided already".to_owned()), changes);
        }
        dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
        changes.dispute(&dispute);
        if won {
            if let Some(mut charge) = call.state.charges.get(&dispute.charge).cloned() {
                charge.disputed = false;
                changes.charge(&charge);
            }
            changes.event("charge.dispute.funds_reinstated", &dispute.id, &dispute.to_json());
        }
        changes.event("charge.dispute.closed", &dispute.id, &dispute.to_json());
        (Outcome::Done(dispute.payment_intent), changes)
    })
}
