//! Payments with their parts, to their rows.

use chrono::{DateTime, Utc};
use contracts::{
    Announcement, Contract as _,
    payments::{
        DisputeState, PaymentDeclined, PaymentDisputed, PaymentRefunded, PaymentSucceeded, RefundFailed,
    },
    purchase::IfPaid,
};
use kernel::to_millis;
use messaging::trace;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait as _, DbBackend, EntityTrait, QueryFilter as _, QueryTrait as _, Statement,
    sea_query::{IntoIden, OnConflict},
};
use service::database::Write;

use super::{
    means,
    rows::{attempt, dispute, ledger_entry, payment, refund},
};
use crate::domain::entities::{
    Attempt, AttemptState, Dispute, PaymentSnapshot, Posting, Refund, RefundState, State,
};

/// The columns of a payment that stay as they are.
const FIXED: [payment::Column; 13] = [
    payment::Column::Id,
    payment::Column::OrderId,
    payment::Column::Number,
    payment::Column::EventId,
    payment::Column::BuyerId,
    payment::Column::AmountMinor,
    payment::Column::Currency,
    payment::Column::Description,
    payment::Column::ExpiresAt,
    payment::Column::CreatedAt,
    // It stays in the trace in which it was asked for.
    payment::Column::Traceparent,
    payment::Column::OrganizationId,
    payment::Column::FeesMinor,
];

/// The writes that save what is not as it was `before`, with what is to be booked.
pub(super) fn writes(
    backend: DbBackend,
    is: &PaymentSnapshot,
    postings: &[Posting],
    before: Option<&PaymentSnapshot>,
    now: DateTime<Utc>,
) -> Vec<Write> {
    let write = |statement: Statement| {
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        Write::new("saving a payment", statement.sql, values)
    };
    let mut row = payment_row(is);
    let whole = if before.is_none() {
        write(payment::Entity::insert(row).build(backend))
    } else {
        for column in FIXED {
            row.not_set(column);
        }
        let this = payment::Column::Id.eq(is.id.uuid());
        write(payment::Entity::update_many().set(row).filter(this).build(backend)).changes(1)
    };
    let mut writes = vec![whole];
    let kept = before.map(|before| before.attempts.as_slice()).unwrap_or_default();
    let attempts: Vec<_> = changed(&is.attempts, kept).map(|changed| attempt_row(is, changed)).collect();
    if !attempts.is_empty() {
        let changing = [
            attempt::Column::State,
            attempt::Column::Detail,
            attempt::Column::Charge,
            attempt::Column::Means,
            attempt::Column::Card,
        ];
        let key = OnConflict::columns([attempt::Column::PaymentId, attempt::Column::Number]);
        writes.push(write(saved(backend, attempts, key, changing)));
    }
    let kept = before.map(|before| before.refunds.as_slice()).unwrap_or_default();
    let refunds: Vec<_> = changed(&is.refunds, kept).map(|changed| refund_row(is, changed)).collect();
    if !refunds.is_empty() {
        let changing = [
            refund::Column::Number,
            refund::Column::AmountMinor,
            refund::Column::State,
            refund::Column::ProviderId,
            refund::Column::Announced,
            refund::Column::TriedMinor,
            refund::Column::Reverses,
        ];
        writes.push(write(saved(backend, refunds, OnConflict::column(refund::Column::Id), changing)));
    }
    let kept = before.map(|before| before.disputes.as_slice()).unwrap_or_default();
    let disputes: Vec<_> = changed(&is.disputes, kept).map(|changed| dispute_row(is, changed)).collect();
    if !disputes.is_empty() {
        let changing = [dispute::Column::AmountMinor, dispute::Column::State, dispute::Column::RespondBy];
        writes.push(write(saved(backend, disputes, OnConflict::column(dispute::Column::Id), changing)));
    }
    let entries: Vec<_> = postings.iter().flat_map(|posting| entry_rows(is, posting, now)).collect();
    if !entries.is_empty() {
        writes.push(write(ledger_entry::Entity::insert_many(entries).build(backend)));
    }
    writes
}

/// Inserts rows, or changes these columns of those that are there.
fn saved<A, C>(
    backend: DbBackend,
    rows: Vec<A>,
    mut key: OnConflict,
    changing: impl IntoIterator<Item = C>,
) -> Statement
where
    A: ActiveModelTrait,
    C: IntoIden,
{
    A::Entity::insert_many(rows).on_conflict(key.update_columns(changing).to_owned()).build(backend)
}

/// Those that are new, or other than they were.
fn changed<'a, T: PartialEq>(is: &'a [T], was: &'a [T]) -> impl Iterator<Item = &'a T> {
    is.iter().filter(|one| !was.contains(one))
}

/// Counts what is told.
pub(super) fn count(announcements: &[Announcement]) {
    for announcement in announcements {
        metrics::counter!("payments_told_total", "subject" => announcement.subject).increment(1);
        let outcome = match announcement.subject {
            PaymentSucceeded::SUBJECT => "captured",
            PaymentDeclined::SUBJECT => "declined",
            PaymentRefunded::SUBJECT if announcement.payload["whole"] == false => "partly_refunded",
            PaymentRefunded::SUBJECT => "refunded",
            RefundFailed::SUBJECT => "refund_failed",
            PaymentDisputed::SUBJECT => "disputed",
            _ => continue, // an answer to whoever asked
        };
        metrics::counter!("payments_total", "outcome" => outcome).increment(1);
    }
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
    let paid_by = is.paid_by.as_ref();
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
        method_kind: Set(paid_by.map(|paid_by| paid_by.kind.name().to_owned())),
        method_brand: Set(paid_by.and_then(|paid_by| paid_by.brand.clone())),
        method_last4: Set(paid_by.and_then(|paid_by| paid_by.last4.clone())),
        receipt_url: Set(paid_by.and_then(|paid_by| paid_by.receipt_url.clone())),
        openings: Set(i32::try_from(is.openings).unwrap_or(i32::MAX)),
        tried: Set(!is.attempts.is_empty()),
        organization_id: Set(is.seller.map(|seller| seller.organization.uuid())),
        fees_minor: Set(is.seller.map(|seller| seller.fees.minor)),
        destination: Set(is.destination.as_ref().map(|to| to.account.clone())),
        destination_state: Set(is.destination.as_ref().map(|to| to.state.name().to_owned())),
    }
}

fn attempt_row(is: &PaymentSnapshot, kept: &Attempt) -> attempt::ActiveModel {
    let (state, detail, charge) = match &kept.state {
        AttemptState::Open => ("OPEN", None, None),
        AttemptState::Confirmed => ("CONFIRMED", None, None),
        AttemptState::Action => ("ACTION", None, None),
        AttemptState::Offered => ("OFFERED", None, None),
        AttemptState::Succeeded => ("SUCCEEDED", None, None),
        AttemptState::Declined { code, charge } => ("DECLINED", Some(code.clone()), charge.clone()),
        AttemptState::Rejected { message, field } => ("REJECTED", Some(message.clone()), field.clone()),
        AttemptState::Lost => ("LOST", None, None),
        AttemptState::Superseded => ("SUPERSEDED", None, None),
        AttemptState::Ended => ("ENDED", None, None),
    };
    let (method, means) = means::kept(&kept.means);
    attempt::ActiveModel {
        payment_id: Set(is.id.uuid()),
        number: Set(i32::try_from(kept.number).unwrap_or(i32::MAX)),
        buyer_id: Set(is.buyer_id.uuid()),
        client_key: Set(kept.client_key.clone()),
        fingerprint: Set(kept.fingerprint.clone()),
        payment_method: Set(method),
        state: Set(state.to_owned()),
        detail: Set(detail),
        charge: Set(charge),
        started_at: Set(to_millis(kept.started_at)),
        means: Set(means),
        client: Set(kept.client.clone()),
        card: Set(kept.card.clone()),
    }
}

fn refund_row(is: &PaymentSnapshot, kept: &Refund) -> refund::ActiveModel {
    let state = match kept.state {
        RefundState::Owed => "OWED",
        RefundState::Accepted => "ACCEPTED",
        RefundState::Succeeded => "SUCCEEDED",
        // One of which nothing is left is told apart by having no name at the provider.
        RefundState::Failed | RefundState::Covered => "FAILED",
    };
    let json = |asked| serde_json::to_string(asked).expect("contracts are plain data, which JSON can hold");
    let asked = kept.asked.as_ref().map(json);
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
        tried_minor: Set(Some(kept.tried.minor)),
        asked: Set(asked),
        reverses: Set(kept.reverses),
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
        respond_by: Set(kept.respond_by.map(to_millis)),
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
