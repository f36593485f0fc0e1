//! Running totals: what is new is added, never computed anew.
//!
//! Rows are locked in one order, the event's first, then its ticket types': so nobody waits in a circle.

use kernel::{EventId, Fault, Result, TicketTypeId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};
use service::database::fault;

use crate::domain::entities::{Figures, Sales};

/// Adds to an event's totals. A sale in another currency than the ones before is a fault.
pub(super) async fn add(transaction: &DatabaseTransaction, event: EventId, news: &Sales) -> Result<()> {
    let Figures {
        gross,
        fees,
        refunded,
        tickets_sold,
        tickets_refunded,
        checked_in,
        holds,
        checkouts,
        paid,
        expired,
        declined,
    } = news.figures;
    let added = execute(
        transaction,
        "INSERT INTO event_sales (event_id, revision, currency, gross, fees, refunded, tickets_sold, \
           tickets_refunded, checked_in, holds, checkouts, paid, expired, declined) \
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (event_id) DO UPDATE SET revision = event_sales.revision + 1, \
           currency = COALESCE(event_sales.currency, excluded.currency), \
           gross = event_sales.gross + excluded.gross, \
           fees = event_sales.fees + excluded.fees, \
           refunded = event_sales.refunded + excluded.refunded, \
           tickets_sold = event_sales.tickets_sold + excluded.tickets_sold, \
           tickets_refunded = event_sales.tickets_refunded + excluded.tickets_refunded, \
           checked_in = event_sales.checked_in + excluded.checked_in, \
           holds = event_sales.holds + excluded.holds, \
           checkouts = event_sales.checkouts + excluded.checkouts, \
           paid = event_sales.paid + excluded.paid, \
           expired = event_sales.expired + excluded.expired, \
           declined = event_sales.declined + excluded.declined \
         WHERE COALESCE(event_sales.currency, excluded.currency, '') \
             = COALESCE(excluded.currency, event_sales.currency, '')",
        vec![
            event.uuid().into(),
            news.currency.map(kernel::Currency::code).into(),
            gross.into(),
            fees.into(),
            refunded.into(),
            tickets_sold.into(),
            tickets_refunded.into(),
            checked_in.into(),
            holds.into(),
            checkouts.into(),
            paid.into(),
            expired.into(),
            declined.into(),
        ],
    )
    .await?;
    if added == 0 {
        return Err(Fault::broken_rule(format!("event {event} has sales in two currencies")).into());
    }
    for (id, sales) in &news.by_type {
        execute(
            transaction,
            "INSERT INTO ticket_type_sales (ticket_type_id, event_id, sold, revenue, refunded, checked_in) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (ticket_type_id) DO UPDATE SET \
               sold = ticket_type_sales.sold + excluded.sold, \
               revenue = ticket_type_sales.revenue + excluded.revenue, \
               refunded = ticket_type_sales.refunded + excluded.refunded, \
               checked_in = ticket_type_sales.checked_in + excluded.checked_in",
            vec![
                id.uuid().into(),
                event.uuid().into(),
                sales.sold.into(),
                sales.revenue.into(),
                sales.refunded.into(),
                sales.checked_in.into(),
            ],
        )
        .await?;
    }
    for (at, sales) in &news.by_quarter {
        execute(
            transaction,
            "INSERT INTO quarter_sales (event_id, at, tickets, revenue) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (event_id, at) DO UPDATE SET \
               tickets = quarter_sales.tickets + excluded.tickets, \
               revenue = quarter_sales.revenue + excluded.revenue",
            vec![event.uuid().into(), (*at).into(), sales.tickets.into(), sales.revenue.into()],
        )
        .await?;
    }
    Ok(())
}

/// Keeps an event's capacity: the largest that was told, so that the order of messages does not matter.
pub(super) async fn note_capacity(
    transaction: &DatabaseTransaction,
    event: EventId,
    capacity: u32,
) -> Result<()> {
    execute(
        transaction,
        "INSERT INTO event_sales (event_id, revision, capacity) VALUES ($1, 1, $2) \
         ON CONFLICT (event_id) DO UPDATE SET revision = event_sales.revision + 1, capacity = excluded.capacity \
         WHERE event_sales.capacity < excluded.capacity",
        vec![event.uuid().into(), i64::from(capacity).into()],
    )
    .await?;
    Ok(())
}

/// Keeps a ticket type's name: the one of the highest version, and of two of the same version the
/// later in the alphabet, so that the order of messages does not matter.
pub(super) async fn note_name(
    transaction: &DatabaseTransaction,
    event: EventId,
    id: TicketTypeId,
    version: i64,
    name: &str,
) -> Result<()> {
    execute(
        transaction,
        "INSERT INTO ticket_type_sales (ticket_type_id, event_id, version, name) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (ticket_type_id) DO UPDATE SET version = excluded.version, name = excluded.name \
         WHERE ticket_type_sales.version < excluded.version \
            OR (ticket_type_sales.version = excluded.version AND ticket_type_sales.name < excluded.name)",
        vec![id.uuid().into(), event.uuid().into(), version.into(), name.into()],
    )
    .await?;
    Ok(())
}

/// Runs a statement; answers how many rows it changed.
pub(super) async fn execute(
    transaction: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, Fault> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    let outcome = transaction.execute_raw(statement).await.map_err(fault("adding to totals"))?;
    Ok(outcome.rows_affected())
}
