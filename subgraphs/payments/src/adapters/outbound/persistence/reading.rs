//! Rows of payments, as payments.

use std::collections::BTreeMap;

use contracts::purchase::IfPaid;
use kernel::{
    Currency, Cursor, EventId, Fault, Money, OrderId, OrganizationId, Page, PageAsk, PaymentId, UserId,
    from_millis,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult as _, IdenStatic as _, Iterable as _, QueryResult, Statement, Value,
};
use service::database::fault;
use uuid::Uuid;

use super::{
    parts::{self, Parts},
    rows::payment,
};
use crate::domain::entities::{
    Destination, DestinationState, IntentRef, MethodKind, PaidBy, Payment, PaymentSnapshot, Seller, State,
};

/// Before the names of parts' columns, beside those of payments.
const PART: &str = "part_";

/// The payments for which a column has one of these values, as they stood at one moment.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    column: payment::Column,
    values: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Payment>, Fault> {
    let values: Vec<_> = values.into_iter().map(Value::from).collect();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let reading = fault("reading payments");
    let which: Vec<_> = (1..=values.len()).map(|place| format!("${place}")).collect();
    let which = format!("{} IN ({})", column.as_str(), which.join(", "));
    let of_parts: Vec<_> =
        parts::COLUMNS.iter().map(|column| format!("o.{column} AS {PART}{column}")).collect();
    let of_payments: Vec<_> = columns().map(|column| format!("p.{column}")).collect();
    // One statement, so that the whole and its parts fit each other.
    let query = format!(
        "SELECT {}, {} FROM payments AS p LEFT JOIN ({}) AS o ON o.payment_id = p.id WHERE p.{which}",
        of_payments.join(", "),
        of_parts.join(", "),
        parts::rows_of(&format!("payment_id IN (SELECT id FROM payments WHERE {which})")),
    );
    let query = Statement::from_sql_and_values(connection.get_database_backend(), query, values);
    let (mut payments, mut parts) = (BTreeMap::new(), Parts::default());
    for row in &connection.query_all_raw(query).await.map_err(&reading)? {
        let payment = payment::Model::from_query_result(row, "").map_err(&reading)?;
        payments.entry(payment.id).or_insert(payment);
        if row.try_get::<Option<i64>>(PART, "kind").map_err(&reading)?.is_some() {
            parts.add(row, PART)?;
        }
    }
    let mut parts = parts.sorted();
    payments.into_values().map(|row| read(row, &mut parts)).collect()
}

/// A buyer's payments, newest first.
pub(super) async fn page_of_buyer(
    connection: &impl ConnectionTrait,
    buyer: UserId,
    ask: &PageAsk,
) -> kernel::Result<Page<Payment>> {
    let reading = fault("reading a buyer's payments");
    let after = ask.after.as_ref().map(Cursor::id).transpose()?;
    let mut values: Vec<Value> = vec![buyer.uuid().into(), i64::from(ask.first + 1).into()];
    let behind = if let Some(after) = after {
        values.push(after.into());
        " AND id < $3"
    } else {
        ""
    };
    let sql = format!("SELECT id FROM payments WHERE buyer_id = $1{behind} ORDER BY id DESC LIMIT $2");
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(query).await.map_err(&reading)?;
    let ids = rows.iter().map(|row| row.try_get::<Uuid>("", "id"));
    let ids: Vec<Uuid> = ids.collect::<Result<_, _>>().map_err(&reading)?;
    let mut payments = all(connection, payment::Column::Id, ids).await?;
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.snapshot().id));
    Ok(Page::of(ask, payments, 0, |payment| payment.snapshot().id.to_string()))
}

/// The payments of these rows, which have all columns of the table. One that cannot be read keeps nobody else waiting.
pub(super) async fn readable(
    connection: &impl ConnectionTrait,
    rows: &[QueryResult],
) -> Result<Vec<Payment>, Fault> {
    let rows = rows.iter().map(|row| payment::Model::from_query_result(row, ""));
    let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(fault("reading payments"))?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut all = parts::of(connection, &ids).await;
    let mut payments = Vec::new();
    for row in rows {
        let id = row.id;
        let payment = match &mut all {
            Ok(parts) => read(row, parts),
            Err(_) => match parts::of(connection, &[id]).await {
                Ok(mut parts) => read(row, &mut parts),
                Err(fault) => Err(fault),
            },
        };
        match payment {
            Ok(payment) => payments.push(payment),
            Err(fault) => {
                tracing::error!(payment = %id, error = fault.chain(), "a payment could not be read and will be tried again");
            }
        }
    }
    Ok(payments)
}

/// All columns of the table, for statements that are written out.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    payment::Column::iter().map(|column| column.as_str())
}

pub(super) fn read(row: payment::Model, parts: &mut Parts) -> Result<Payment, Fault> {
    let (state, paid_by) = (read_state(&row)?, read_paid_by(&row)?);
    let (seller, destination) = read_seller(&row)?;
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
        openings: row.openings.unsigned_abs(),
        paid_by,
        undo_asked: row.undo_asked,
        due_at: row.due_at.map(from_millis),
        looks: row.looks.unsigned_abs(),
        attempts,
        refunds,
        disputes,
        trace: row.traceparent,
        seller,
        destination,
    }))
}

fn read_seller(row: &payment::Model) -> Result<(Option<Seller>, Option<Destination>), Fault> {
    let (Some(organization), Some(fees)) = (row.organization_id, row.fees_minor) else {
        return Ok((None, None));
    };
    let (currency, organization) = (row.currency.parse()?, OrganizationId::from_uuid(organization));
    let seller = Seller { organization, fees: Money::new(fees, currency) };
    let (Some(account), Some(name)) = (&row.destination, row.destination_state.as_deref()) else {
        return Ok((Some(seller), None));
    };
    let unknown = || Fault::broken_rule(format!("payment {} goes to an account that is {name}", row.id));
    let state = DestinationState::from_name(name).ok_or_else(unknown)?;
    let to = Destination::of(account, Money::new(row.amount_minor, currency), seller.fees);
    Ok((Some(seller), to.map(|to| Destination { state, ..to })))
}

fn read_paid_by(row: &payment::Model) -> Result<Option<PaidBy>, Fault> {
    let Some(name) = row.method_kind.as_deref() else { return Ok(None) };
    let kind = MethodKind::ALL.into_iter().find(|kind| kind.name() == name);
    let unknown = || Fault::broken_rule(format!("payment {} was paid by the unknown {name}", row.id));
    Ok(Some(PaidBy {
        kind: kind.ok_or_else(unknown)?,
        brand: row.method_brand.clone(),
        last4: row.method_last4.clone(),
        receipt_url: row.receipt_url.clone(),
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
