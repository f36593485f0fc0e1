//! What `tickets` tells of events: what they are sold for, and how much is left.

use contracts::tickets::{StockChanged, StockLevel, TicketTypeChanged};
use kernel::EventId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value, sea_query::Expr};
use service::database::now_millis;

use crate::domain::price;

/// What a row says whose event has nothing left.
pub(super) const NOTHING_LEFT: &str = "NONE";

/// When a row is touched: by the database's clock, and always later than the last time.
pub(super) fn touched_at(backend: DbBackend) -> Expr {
    Expr::cust(touch(backend))
}

fn touch(backend: DbBackend) -> String {
    let now = now_millis(backend);
    format!("CASE WHEN touched_at >= {now} THEN touched_at + 1 ELSE {now} END")
}

/// Notes what a ticket type is sold for. False when that was known.
pub(super) async fn note(txn: &impl ConnectionTrait, offer: &TicketTypeChanged) -> Result<bool, DbErr> {
    // Who notes another type of the same event waits here, so that both prices are seen by who comes last.
    lock(txn, offer.event_id).await?;
    let noted = run(
        txn,
        "INSERT INTO offers (ticket_type_id, event_id, version, lowest_price) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (ticket_type_id) DO UPDATE SET version = excluded.version, lowest_price = excluded.lowest_price \
         WHERE offers.version < excluded.version",
        [
            offer.ticket_type_id.uuid().into(),
            offer.event_id.uuid().into(),
            offer.version.into(),
            price::parts(offer.lowest_price).into(),
        ],
    )
    .await?;
    if noted == 0 {
        return Ok(false);
    }
    join(txn, offer.event_id).await?;
    Ok(true)
}

/// Makes an event's lowest price that of what it is known to be sold for, and touches the event. An event is always known here
/// before anything is sold for it: `tickets` hears of it from here.
async fn join(txn: &impl ConnectionTrait, event: EventId) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE events SET lowest_price = (SELECT MIN(o.lowest_price) FROM offers o WHERE o.event_id = events.id), \
         touched_at = {} WHERE id = $1",
        touch(txn.get_database_backend())
    );
    run(txn, &sql, [event.uuid().into()]).await.map(drop)
}

/// Notes how much is left of an event. False when that was known, or the event is not.
pub(super) async fn note_stock(txn: &impl ConnectionTrait, told: &StockChanged) -> Result<bool, DbErr> {
    let sql = format!(
        "UPDATE events SET availability = $1, availability_version = $2, touched_at = {} \
         WHERE id = $3 AND availability_version < $2",
        touch(txn.get_database_backend())
    );
    let level = match told.level {
        StockLevel::Plenty => "PLENTY",
        StockLevel::Few => "FEW",
        StockLevel::None => NOTHING_LEFT,
    };
    Ok(run(txn, &sql, [level.into(), told.version.into(), told.event_id.uuid().into()]).await? > 0)
}

async fn lock(txn: &impl ConnectionTrait, event: EventId) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    let sql = format!("SELECT id FROM events WHERE id = $1{}", service::database::for_update(backend));
    let query = Statement::from_sql_and_values(backend, sql, [event.uuid().into()]);
    txn.query_one_raw(query).await.map(drop)
}

async fn run<const N: usize>(
    txn: &impl ConnectionTrait,
    sql: &str,
    values: [Value; N],
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}
