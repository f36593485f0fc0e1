//! A payment with its attempts and refunds, from and to its rows.

use chrono::{DateTime, Utc};
use contracts::{
    Contract as _,
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded},
    purchase::IfPaid,
};
use kernel::{Currency, EventId, Fault, Money, OrderId, PaymentId, RefundId, UserId, from_millis, to_millis};
use messaging::trace;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use service::database::fault;
use tracing::{Instrument as _, info_span};
use uuid::Uuid;

use super::rows::{attempt, ledger_entry, payment, refund};
use crate::domain::entities::{
    Attempt, AttemptState, IntentRef, Payment, PaymentSnapshot, Refund, RefundState, State,
};

/// The payment; locked until the end of the transaction if asked so.
pub(super) async fn load(
    connection: &impl ConnectionTrait,
    id: PaymentId,
    lock: bool,
) -> Result<Option<Payment>, Fault> {
    let reading = fault("reading a payment");
    if lock {
        let query = payment::Entity::find_by_id(id.uuid()).lock_exclusive();
        if query.one(connection).await.map_err(&reading)?.is_none() {
            return Ok(None);
        }
    }
    // Without the lock the parts are read before the whole, which is then never older than they are.
    let attempts = attempt::Entity::find()
        .filter(attempt::Column::PaymentId.eq(id.uuid()))
        .order_by_asc(attempt::Column::Number);
    let attempts = attempts.all(connection).await.map_err(&reading)?;
    let refunds = refund::Entity::find()
        .filter(refund::Column::PaymentId.eq(id.uuid()))
        .order_by_asc(refund::Column::CreatedAt)
        .order_by_asc(refund::Column::Id);
    let refunds = refunds.all(connection).await.map_err(&reading)?;
    let row = payment::Entity::find_by_id(id.uuid()).one(connection).await.map_err(&reading)?;
    row.map(|row| read(row, attempts, refunds)).transpose()
}

/// The id of the one payment for which a column has a value.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    column: payment::Column,
    value: impl Into<sea_orm::Value>,
) -> Result<Option<PaymentId>, Fault> {
    let query =
        payment::Entity::find().select_only().column(payment::Column::Id).filter(column.eq(value.into()));
    let id = query.into_tuple::<Uuid>().one(connection).await.map_err(fault("looking for a payment"))?;
    Ok(id.map(PaymentId::from_uuid))
}

pub(super) async fn save(
    connection: &impl ConnectionTrait,
    payment: &mut Payment,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
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
    for kept in &is.attempts {
        let changing = [attempt::Column::State, attempt::Column::Detail, attempt::Column::Charge];
        let key = [attempt::Column::PaymentId, attempt::Column::Number];
        attempt::Entity::insert(attempt_row(&is, kept))
            .on_conflict(OnConflict::columns(key).update_columns(changing).to_owned())
            .exec_without_returning(connection)
            .await
            .map_err(&saving)?;
    }
    for kept in &is.refunds {
        let changing = [
            refund::Column::Number,
            refund::Column::AmountMinor,
            refund::Column::State,
            refund::Column::ProviderId,
            refund::Column::Announced,
        ];
        refund::Entity::insert(refund_row(&is, kept))
            .on_conflict(OnConflict::column(refund::Column::Id).update_columns(changing).to_owned())
            .exec_without_returning(connection)
            .await
            .map_err(&saving)?;
    }
    for posting in payment.take_postings() {
        for entry in posting.entries() {
            let row = ledger_entry::ActiveModel {
                order_id: Set(is.order_id.uuid()),
                payment_id: Set(is.id.uuid()),
                cause: Set(posting.cause.name()),
                account: Set(entry.account.name().to_owned()),
                amount_minor: Set(entry.minor),
                currency: Set(posting.amount.currency.code().to_owned()),
                at: Set(to_millis(now)),
                ..Default::default()
            };
            let insert = ledger_entry::Entity::insert(row).exec_without_returning(connection);
            insert.await.map_err(&saving)?;
        }
    }
    let announcements = payment.take_announcements();
    for announcement in &announcements {
        metrics::counter!("payments_told_total", "subject" => announcement.subject).increment(1);
        let outcome = match announcement.subject {
            PaymentSucceeded::SUBJECT => "captured",
            PaymentDeclined::SUBJECT => "declined",
            PaymentRefunded::SUBJECT => "refunded",
            _ => continue, // an answer to the purchase
        };
        metrics::counter!("payments_total", "outcome" => outcome).increment(1);
    }
    if announcements.is_empty() {
        return Ok(());
    }
    // Whoever brings the news, a webhook or the buyer's next click: what is told goes on in the purchase's trace.
    let query = payment::Entity::find_by_id(is.id.uuid()).select_only().column(payment::Column::Traceparent);
    let kept = query.into_tuple::<Option<String>>().one(connection).await.map_err(&saving)?.flatten();
    let span = trace::continued(info_span!("tell of payment", service = "payments"), kept.as_deref());
    messaging::outbox::append(connection, announcements, now).instrument(span).await.map_err(&saving)
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
        traceparent: Set(trace::traceparent()),
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

fn read(
    row: payment::Model,
    attempts: Vec<attempt::Model>,
    refunds: Vec<refund::Model>,
) -> Result<Payment, Fault> {
    let state = read_state(&row)?;
    Ok(Payment::restore(PaymentSnapshot {
        id: PaymentId::from_uuid(row.id),
        order_id: OrderId::from_uuid(row.order_id),
        number: row.number,
        event_id: EventId::from_uuid(row.event_id),
        buyer_id: UserId::from_uuid(row.buyer_id),
        amount: Money::new(row.amount_minor, row.currency.parse()?),
        description: row.description,
        expires_at: from_millis(row.expires_at),
        created_at: from_millis(row.created_at),
        state,
        intent: row.intent_id.map(|id| IntentRef { id, client_secret: row.client_secret }),
        undo_asked: row.undo_asked,
        due_at: row.due_at.map(from_millis),
        looks: row.looks.unsigned_abs(),
        attempts: attempts.into_iter().map(read_attempt).collect::<Result<_, _>>()?,
        refunds: refunds.into_iter().map(read_refund).collect::<Result<_, _>>()?,
    }))
}

fn read_state(row: &payment::Model) -> Result<State, Fault> {
    let detail = || row.state_detail.clone().unwrap_or_default();
    Ok(match row.state.as_str() {
        "PENDING" => State::Pending,
        "REQUIRES_ACTION" => State::RequiresAction { url: row.state_detail.clone() },
        "FAILED" => State::Failed { code: detail() },
        "CANCELLING" => {
            let if_paid = match row.if_paid.as_deref() {
                Some("KEEP") => IfPaid::Keep,
                _ => IfPaid::Refund,
            };
            State::Cancelling { if_paid, reason: detail() }
        }
        "CANCELLED" => State::Cancelled { reason: detail() },
        "CAPTURED" => {
            let broken = || Fault::broken_rule(format!("payment {} is captured without an amount", row.id));
            let currency: Currency = row.captured_currency.as_deref().ok_or_else(broken)?.parse()?;
            State::Captured {
                received: Money::new(row.captured_minor.ok_or_else(broken)?, currency),
                at: from_millis(row.captured_at.ok_or_else(broken)?),
            }
        }
        other => {
            return Err(Fault::broken_rule(format!("payment {} is in the unknown state {other}", row.id)));
        }
    })
}

fn read_attempt(row: attempt::Model) -> Result<Attempt, Fault> {
    let detail = row.detail.unwrap_or_default();
    let state = match row.state.as_str() {
        "OPEN" => AttemptState::Open,
        "CONFIRMED" => AttemptState::Confirmed,
        "ACTION" => AttemptState::Action,
        "SUCCEEDED" => AttemptState::Succeeded,
        "DECLINED" => AttemptState::Declined { code: detail, charge: row.charge },
        "REJECTED" => AttemptState::Rejected { message: detail },
        "LOST" => AttemptState::Lost,
        "SUPERSEDED" => AttemptState::Superseded,
        "ENDED" => AttemptState::Ended,
        other => return Err(Fault::broken_rule(format!("an attempt is in the unknown state {other}"))),
    };
    Ok(Attempt {
        number: row.number.unsigned_abs(),
        client_key: row.client_key,
        fingerprint: row.fingerprint,
        method: row.payment_method,
        state,
        started_at: from_millis(row.started_at),
    })
}

fn read_refund(row: refund::Model) -> Result<Refund, Fault> {
    let state = match row.state.as_str() {
        "OWED" => RefundState::Owed,
        "ACCEPTED" => RefundState::Accepted,
        "SUCCEEDED" => RefundState::Succeeded,
        "FAILED" => RefundState::Failed,
        other => return Err(Fault::broken_rule(format!("a refund is in the unknown state {other}"))),
    };
    Ok(Refund {
        id: RefundId::from_uuid(row.id),
        number: row.number.unsigned_abs(),
        amount: Money::new(row.amount_minor, row.currency.parse()?),
        reason: row.reason,
        state,
        provider_id: row.provider_id,
        announced: row.announced,
        created_at: from_millis(row.created_at),
    })
}
