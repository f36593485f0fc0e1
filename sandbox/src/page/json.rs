//! What came in, as JSON for tests, newest first. `wait_ms` lets a question wait until it has an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State as Shared};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::mail::contents_of;
use crate::clock;
use crate::mail::Mail;
use crate::sms::Sms;
use crate::state::State;
use crate::stripe::connect::account::Account;
use crate::stripe::intent::{Intent, Status};
use crate::webhooks::{Event, EventState};
use crate::world::World;

const LONGEST_WAIT: Duration = Duration::from_secs(30);
const USUAL_LIMIT: usize = 200;

/// What is asked for, and how long to wait for it.
#[derive(Deserialize)]
pub(super) struct Ask {
    to: Option<String>,
    subject: Option<String>,
    wait_ms: Option<u64>,
    at_least: Option<usize>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct Since {
    after: Option<u64>,
    wait_ms: Option<u64>,
}

pub(super) async fn mails(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let found = found(&world, &ask, |state, limit| {
        let some = state.mails.newest_first().filter(|mail| {
            ask.to.as_deref().is_none_or(|to| mail.is_to(to))
                && ask.subject.as_deref().is_none_or(|part| mail.heading.subject.contains(part))
        });
        some.take(limit).cloned().collect()
    });
    let found: Vec<Mail> = found.await;
    Json(found.iter().filter_map(|found| mail(&world, found)).collect())
}

pub(super) async fn sms(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let some = found(&world, &ask, |state, limit| {
        let some = state.sms.newest_first();
        let some = some.filter(|sms| ask.to.as_deref().is_none_or(|to| sms.to == to));
        some.take(limit).map(one_sms).collect()
    });
    Json(some.await.into())
}

pub(super) async fn payments(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let some = found(&world, &ask, |state, limit| {
        state.intents.newest_first().take(limit).map(|intent| payment(state, intent)).collect()
    });
    Json(some.await.into())
}

pub(super) async fn checkouts(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let public_url = world.public_url();
    let some = found(&world, &ask, |state, limit| {
        let some = state.sessions.newest_first().take(limit);
        some.map(|session| session.to_json(&public_url)).collect()
    });
    Json(some.await.into())
}

pub(super) async fn accounts(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let some = found(&world, &ask, |state, limit| {
        state.accounts.newest_first().take(limit).map(|known| account(state, known)).collect()
    });
    Json(some.await.into())
}

pub(super) async fn webhooks(Shared(world): Shared<Arc<World>>, Query(ask): Query<Ask>) -> Json<Value> {
    let some =
        found(&world, &ask, |state, limit| state.events.newest_first().take(limit).map(event).collect());
    Json(some.await.into())
}

/// Answers as soon as anything has changed after a revision; the page uses it to stay fresh.
pub(super) async fn revision(Shared(world): Shared<Arc<World>>, Query(since): Query<Since>) -> Json<Value> {
    let mut revisions = world.store.revisions();
    let wait = Duration::from_millis(since.wait_ms.unwrap_or(0)).min(LONGEST_WAIT);
    let changed = revisions.wait_for(|now| since.after != Some(*now));
    tokio::select! {
        _ = changed => (),
        () = tokio::time::sleep(wait) => (),
        () = world.stop.cancelled() => (),
    }
    let now = *world.store.revisions().borrow();
    Json(json!({ "revision": now }))
}

async fn found<T>(world: &World, ask: &Ask, look: impl Fn(&State, usize) -> Vec<T>) -> Vec<T> {
    let wait = Duration::from_millis(ask.wait_ms.unwrap_or(0)).min(LONGEST_WAIT);
    let deadline = Instant::now() + wait;
    let enough = ask.at_least.unwrap_or(1);
    let limit = ask.limit.unwrap_or(USUAL_LIMIT).max(enough);
    let mut revisions = world.store.revisions();
    loop {
        revisions.mark_unchanged();
        let some = world.store.read(|state| look(state, limit));
        if some.len() >= enough || Instant::now() >= deadline || world.stop.is_cancelled() {
            return some;
        }
        tokio::select! {
            _ = timeout_at(deadline, revisions.changed()) => (),
            () = world.stop.cancelled() => (),
        }
    }
}

/// None when its source is gone.
fn mail(world: &World, mail: &Mail) -> Option<Value> {
    let contents = contents_of(world, mail)?;
    let heading = &contents.heading;
    let attachments: Vec<_> = heading
        .attachments
        .iter()
        .enumerate()
        .map(|(number, part)| {
            json!({
                "name": part.name, "contentType": part.content_type, "size": part.size,
                "url": format!("/sandbox/mails/{}/attachments/{number}", mail.id),
            })
        })
        .collect();
    Some(json!({
        "id": mail.id, "receivedAt": mail.received_at, "from": mail.from, "to": mail.to,
        "subject": heading.subject, "headers": contents.headers, "text": contents.text, "html": contents.html,
        "attachments": attachments,
    }))
}

fn one_sms(sms: &Sms) -> Value {
    json!({"sid": sms.sid, "from": sms.from, "to": sms.to, "body": sms.body, "sentAt": sms.sent_at})
}

fn payment(state: &State, intent: &Intent) -> Value {
    let charge = intent.latest_charge.as_deref().and_then(|id| state.charges.get(id));
    let refunds = state.refunds.newest_first().filter(|refund| refund.payment_intent == intent.id);
    let refunds: Vec<_> = refunds
        .map(|refund| {
            json!({
                "id": refund.id, "amount": refund.amount, "status": refund.status.name(), "reason": refund.reason,
                "metadata": refund.metadata, "createdAt": refund.created_at,
            })
        })
        .collect();
    let disputes = state.disputes.newest_first().filter(|dispute| dispute.payment_intent == intent.id);
    let disputes: Vec<_> = disputes
        .map(|dispute| {
            json!({
                "id": dispute.id, "amount": dispute.amount, "status": dispute.status.name(), "reason": dispute.reason,
                "createdAt": dispute.created_at,
            })
        })
        .collect();
    let last_error = match &intent.status {
        Status::RequiresPaymentMethod { last_error } => last_error.as_ref(),
        _ => None,
    };
    json!({
        "id": intent.id, "status": intent.status.name(), "amount": intent.amount, "currency": intent.currency,
        "amountRefunded": charge.map_or(0, |charge| charge.amount_refunded),
        "paymentMethod": intent.payment_method, "metadata": intent.metadata, "createdAt": intent.created_at,
        "latestCharge": intent.latest_charge, "lastError": last_error, "refunds": refunds, "disputes": disputes,
        "destination": intent.forwarding.destination, "applicationFee": intent.forwarding.fee,
        "transfer": charge.and_then(|charge| charge.transfer.as_deref()),
    })
}

fn account(state: &State, account: &Account) -> Value {
    let held = state.balance.held_by(Some(&account.id), clock::now_ms());
    let balances: Vec<_> = held
        .iter()
        .map(|(currency, held)| {
            json!({"currency": currency, "available": held.available, "pending": held.pending})
        })
        .collect();
    let payouts = state.payouts.newest_first().filter(|payout| payout.account == account.id);
    let payouts: Vec<_> = payouts
        .map(|payout| {
            json!({
                "id": payout.id, "amount": payout.amount, "currency": payout.currency, "status": payout.status.name(),
                "failureCode": payout.failure_code(), "metadata": payout.metadata, "createdAt": payout.created_at,
            })
        })
        .collect();
    let transfers = state.transfers.newest_first().filter(|transfer| transfer.account == account.id);
    let transfers: Vec<_> = transfers
        .map(|transfer| {
            json!({
                "id": transfer.id, "amount": transfer.amount, "currency": transfer.currency,
                "reversed": transfer.reversed(), "charge": transfer.charge, "fee": transfer.fee_amount,
                "createdAt": transfer.created_at,
            })
        })
        .collect();
    json!({
        "id": account.id, "email": account.email, "country": account.country, "metadata": account.metadata,
        "standing": account.standing.name(), "detailsSubmitted": account.details_submitted(),
        "chargesEnabled": account.charges_enabled(), "payoutsEnabled": account.payouts_enabled(),
        "disabledReason": account.disabled_reason(), "createdAt": account.created_at, "balances": balances,
        "payouts": payouts, "transfers": transfers,
    })
}

fn event(event: &Event) -> Value {
    let attempts: Vec<_> = event
        .attempts
        .iter()
        .map(|attempt| json!({"at": attempt.at, "status": attempt.status, "outcome": attempt.outcome}))
        .collect();
    let (state, not_before) = match event.state {
        EventState::Waiting { not_before } => ("waiting", Some(not_before)),
        EventState::Delivered => ("delivered", None),
        EventState::GivenUp => ("given_up", None),
    };
    json!({
        "id": event.id, "type": event.kind, "about": event.about, "account": event.account,
        "createdAt": event.created_at, "state": state,
        "notBefore": not_before, "tried": event.tried, "attempts": attempts, "body": event.body,
    })
}
