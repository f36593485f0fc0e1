//! Payments with their parts, to their rows.

use chrono::{DateTime, Utc};
use contracts::{
    Contract as _,
    payments::{DisputeState, PaymentDeclined, PaymentDisputed, PaymentRefunded, PaymentSucceeded},
    purchase::IfPaid,
};
use kernel::{Fault, to_millis};
use messaging::trace;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, Iterable, sea_query::OnConflict};
use service::database::fault;
use tracing::{Instrument as _, info_span};

use super::rows::{attempt, dispute, ledger_entry, payment, refund};
use crate::domain::entities::{
    Attempt, AttemptState, Dispute, Payment, PaymentSnapshot, Posting, Refund, RefundState, State,
};

/// Saves what is not as it was `before`, with what is to be booked and told. True if something is to be told.
pub(super) async fn save(
    connection: &impl ConnectionTrait,
    payment: &mut Payment,
    before: Option<&PaymentSnapshot>,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let saving = fault("saving a payment");
    let is = payment.snapshot().clone();
    // A payment stays in the trace in which it was asked for.
    let others = payment::Column::iter()
        .filter(|column| !matches!(column, payment::Column::Id | payment::Column::Traceparent));
    payment::Entity::insert(payment_row(&is))
        .on_conflict(OnConflict::column(payment::Column::Id).update_columns(others).to_owned())
        .exec_without_returning(connection)
        .await
        .map_err(&saving)?;
    let kept = before.map(|before| before.attempts.as_slice()).unwrap_or_default();
    let attempts: Vec<_> = changed(&is.attempts, kept).map(|changed| attempt_row(&is, changed)).collect();
    if !attempts.is_empty() {
        let changing = [attempt::Column::State, attempt::Column::Detail, attempt::Column::Charge];
        let key = [attempt::Column::PaymentId, attempt::Column::Number];
        attempt::Entity::insert_many(attempts)
            .on_conflict(OnConflict::columns(key).update_columns(changing).to_owned())
            .exec_without_returning(connection)
            .await
            .map_err(&saving)?;
    }
    let kept = before.map(|before| before.refunds.as_slice()).unwrap_or_default();
    let refunds: Vec<_> = changed(&is.refunds, kept).map(|changed| refund_row(&is, changed)).collect();
    if !refunds.is_empty() {
        let changing = [
            refund::Column::Number,
            refund::Column::AmountMinor,
            refund::Column::State,
            refund::Column::ProviderId,
            refund::Column::Announced,
        ];
        refund::Entity::insert_many(refunds)
            .on_conflict(OnConflict::column(refund::Column::Id).update_columns(changing).to_owned())
            .exec_without_returning(connection)
            .await
            .map_err(&saving)?;
    }
    let kept = before.map(|before| before.disputes.as_slice()).unwrap_or_default();
    let disputes: Vec<_> = changed(&is.disputes, kept).map(|changed| dispute_row(&is, changed)).collect();
    if !disputes.is_empty() {
        let changing = [dispute::Column::AmountMinor, dispute::Column::State];
        dispute::Entity::insert_many(disputes)
            .on_conflict(OnConflict::column(dispute::Column::Id).update_columns(changing).to_owned())
            .exec_without_returning(connection)
            .await
            .map_err(&saving)?;
    }
    let entries: Vec<_> =
        payment.take_postings().iter().flat_map(|posting| entry_rows(&is, posting, now)).collect();
    if !entries.is_empty() {
        let booked = ledger_entry::Entity::insert_many(entries).exec_without_returning(connection).await;
        booked.map_err(&saving)?;
    }
    tell(connection, payment, now).await
}

/// Those that are new, or other than they were.
fn changed<'a, T: PartialEq>(is: &'a [T], was: &'a [T]) -> impl Iterator<Item = &'a T> {
    is.iter().filter(|one| !was.contains(one))
}

async fn tell(
    connection: &impl ConnectionTrait,
    payment: &mut Payment,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let announcements = payment.take_announcements();
    for announcement in &announcements {
        metrics::counter!("payments_told_total", "subject" => announcement.subject).increment(1);
        let outcome = match announcement.subject {
            PaymentSucceeded::SUBJECT => "captured",
            PaymentDeclined::SUBJECT => "declined",
            PaymentRefunded::SUBJECT => "refunded",
            PaymentDisputed::SUBJECT => "disputed",
            _ => continue, // an answer to the purchase
        };
        metrics::counter!("payments_total", "outcome" => outcome).increment(1);
    }
    if announcements.is_empty() {
        return Ok(false);
    }
    // Whoever brings the news, a webhook or the buyer's next click: what is told goes on in the purchase's trace.
    let kept = payment.snapshot().trace.as_deref();
    let span = trace::continued(info_span!("tell of payment", service = "payments"), kept);
    let told = messaging::outbox::append(connection, announcements, now).instrument(span).await;
    told.map(|()| true).map_err(fault("telling of a payment"))
}

fn payment_row(is: &PaymentSnapshot) -> payment::ActiveModel {
    let (state, detail, if_paid, captured) = match &is.state {
        State::Pending => ("PENDING", None, None, None),
        State::RequiresAction { url } => ("REQUIRES_ACTION", url.clone(), None, None),
        State::Failed { code } => ("FAILED", Some(code.clone()), None, None),
        State::Cancelling { if_paid, reason } => ("CANCELLING", Some(reason.clone()), Some(*if_paid), None),
        State::Cancelled { reason } => ("CANCELLED", Some(reason.clone()), None, None),
        State::Captured { received, at } => ("CAPTURED", None, None, Some((*received, *at))),
    };
    let if_paid = if_paid.map(|if_paid| match if_paid {
        IfPaid::Keep => "KEEP".to_owned(),
        IfPaid::Refund => "REFUND".to_owned(),
    });
    payment::ActiveModel {
        id: Set(is.id.uuid()),
        order_id: Set(is.order_id.uuid()),
        number: Set(is.number.clone()),
        event_id: Set(is.event_id.uuid()),
        buyer_id: Set(is.buyer_id.uuid()),
        amount_minor: Set(is.amount.minor),
        currency: Set(is.amount.currency.code().to_owned()),
        description: Set(is.description.clone()),
        expires_at: Set(to_millis(is.expires_at)),
        created_at: Set(to_millis(is.created_at)),
        state: Set(state.to_owned()),
        state_detail: Set(detail),
        if_paid: Set(if_paid),
        captured_at: Set(captured.map(|(_, at)| to_millis(at))),
        captured_minor: Set(captured.map(|(received, _)| received.minor)),
        captured_currency: Set(captured.map(|(received, _)| received.currency.code().to_owned())),
        intent_id: Set(is.intent.as_ref().map(|intent| intent.id.clone())),
        client_secret: Set(is.intent.as_ref().and_then(|intent| intent.client_secret.clone())),
        undo_asked: Set(is.undo_asked),
        due_at: Set(is.due_at.map(to_millis)),
        claimed_until: Set(0), // whoever had it is through with it
        looks: Set(i32::try_from(is.looks).unwrap_or(i32::MAX)),
        traceparent: Set(is.trace.clone().or_else(trace::traceparent)),
    }
}

fn attempt_row(is: &PaymentSnapshot, kept: &Attempt) -> attempt::ActiveModel {
    let (state, detail, charge) = match &kept.state {
        AttemptState::Open => ("OPEN", None, None),
        AttemptState::Confirmed => ("CONFIRMED", None, None),
        AttemptState::Action => ("ACTION", None, None),
        AttemptState::Succeeded => ("SUCCEEDED", None, None),
        AttemptState::Declined { code, charge } => ("DECLINED", Some(code.clone()), charge.clone()),
        AttemptState::Rejected { message } => ("REJECTED", Some(message.clone()), None),
        AttemptState::Lost => ("LOST", None, None),
        AttemptState::Superseded => ("SUPERSEDED", None, None),
        AttemptState::Ended => ("ENDED", None, None),
    };
    attempt::ActiveModel {
        payment_id: Set(is.id.uuid()),
        number: Set(i32::try_from(kept.number).unwrap_or(i32::MAX)),
        buyer_id: Set(is.buyer_id.uuid()),
        client_key: Set(kept.client_key.clone()),
        fingerprint: Set(kept.fingerprint.clone()),
        payment_method: Set(kept.method.clone()),
        state: Set(state.to_owned()),
        detail: Set(detail),
        charge: Set(charge),
        started_at: Set(to_millis(kept.started_at)),
    }
}

fn refund_row(is: &PaymentSnapshot, kept: &Refund) -> refund::ActiveModel {
    let state = match kept.state {
        RefundState::Owed => "OWED",
        RefundState::Accepted => "ACCEPTED",
        RefundState::Succeeded => "SUCCEEDED",
        RefundState::Failed => "FAILED",
    };
    refund::ActiveModel {
        id: Set(kept.id.uuid()),
        payment_id: Set(is.id.uuid()),
        number: Set(i32::try_from(kept.number).unwrap_or(i32::MAX)),
        amount_minor: Set(kept.amount.minor),
        currency: Set(kept.amount.currency.code().to_owned()),
        reason: Set(kept.reason.clone()),
        state: Set(state.to_owned()),
        provider_id: Set(kept.provider_id.clone()),
        announced: Set(kept.announced),
        created_at: Set(to_millis(kept.created_at)),
    }
}

fn dispute_row(is: &PaymentSnapshot, kept: &Dispute) -> dispute::ActiveModel {
    let state = match kept.state {
        DisputeState::Open => "OPEN",
        DisputeState::Won => "WON",
        DisputeState::Lost => "LOST",
    };
    dispute::ActiveModel {
        id: Set(kept.id.clone()),
        payment_id: Set(is.id.uuid()),
        amount_minor: Set(kept.amount.minor),
        currency: Set(kept.amount.currency.code().to_owned()),
        reason: Set(kept.reason.clone()),
        state: Set(state.to_owned()),
        created_at: Set(to_millis(kept.created_at)),
    }
}

fn entry_rows(is: &PaymentSnapshot, posting: &Posting, now: DateTime<Utc>) -> Vec<ledger_entry::ActiveModel> {
    let row = |account: &str, minor| ledger_entry::ActiveModel {
        order_id: Set(is.order_id.uuid()),
        payment_id: Set(is.id.uuid()),
        cause: Set(posting.cause.name()),
        account: Set(account.to_owned()),
        amount_minor: Set(minor),
        currency: Set(posting.amount.currency.code().to_owned()),
        at: Set(to_millis(now)),
        ..Default::default()
    };
    posting.entries().into_iter().map(|entry| row(entry.account.name(), entry.minor)).collect()
}
