//! Rows of payments, as payments.

use chrono::{DateTime, Utc};
use contracts::purchase::IfPaid;
use kernel::{Currency, EventId, Fault, Money, OrderId, PaymentId, UserId, from_millis};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult as _, IdenStatic as _,
    Iterable as _, QueryFilter, Statement, Value,
};
use service::database::{fault, now_millis};
use uuid::Uuid;

use super::{
    parts::{self, Parts},
    rows::payment,
};
use crate::domain::entities::{IntentRef, Payment, PaymentSnapshot, State};

/// The payments for which a column has one of these values.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    column: payment::Column,
    values: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Payment>, Fault> {
    let values: Vec<_> = values.into_iter().collect();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    // The parts are read before the whole, which is then never older than they are.
    let mut parts = parts::of(connection, column, &values).await?;
    let rows = payment::Entity::find().filter(column.is_in(values)).all(connection).await;
    rows.map_err(fault("reading payments"))?.into_iter().map(|row| read(row, &mut parts)).collect()
}

/// The one payment for which a column has a value, locked until the end of the transaction, and the time at which it was.
pub(super) async fn locked(
    connection: &impl ConnectionTrait,
    column: payment::Column,
    value: Value,
) -> Result<Option<(Payment, DateTime<Utc>)>, Fault> {
    let reading = fault("reading a payment");
    let backend = connection.get_database_backend();
    let columns: Vec<_> = payment::Column::iter().map(|column| column.as_str().to_owned()).collect();
    let columns = columns.join(", ");
    let lock = if backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
    // Around the lock, so that the time is read once it is had.
    let query = format!(
        "SELECT {columns}, {} AS now FROM (SELECT {columns} FROM payments WHERE {} = $1 {lock}) AS locked",
        now_millis(backend),
        column.as_str(),
    );
    let query = Statement::from_sql_and_values(backend, query, [value]);
    let Some(row) = connection.query_one_raw(query).await.map_err(&reading)? else { return Ok(None) };
    let now: i64 = row.try_get("", "now").map_err(&reading)?;
    let row = payment::Model::from_query_result(&row, "").map_err(&reading)?;
    let mut parts = parts::of(connection, payment::Column::Id, &[row.id]).await?;
    Ok(Some((read(row, &mut parts)?, from_millis(now))))
}

fn read(row: payment::Model, parts: &mut Parts) -> Result<Payment, Fault> {
    let state = read_state(&row)?;
    let (attempts, refunds, disputes) = parts.take(row.id);
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
        attempts,
        refunds,
        disputes,
        trace: row.traceparent,
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
