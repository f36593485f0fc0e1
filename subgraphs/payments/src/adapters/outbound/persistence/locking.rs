//! What a transaction of one payment begins with: its row is locked and read, and the time is that of the lock.

use chrono::{DateTime, Utc};
use kernel::{Fault, OrderId, RefundId, UserId, from_millis};
use messaging::inbox;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult as _, QueryResult, Statement, Value,
};
use service::database::{fault, for_update, now_millis};
use uuid::Uuid;

use super::{
    CONSUMER, declines,
    parts::{self, Parts},
    reading,
    rows::payment,
};
use crate::domain::{
    entities::{Declines, NotPayable, Payment, Suspicion},
    ports::{Known, ProviderEvent, Which},
};

/// A payment that is locked.
pub(super) struct Locked {
    pub(super) payment: Payment,
    /// Why the refund was refused before that was asked about, if it was.
    refused: Option<String>,
    /// What was declined lately, where that was asked.
    pub(super) suspicion: Suspicion,
    /// When it was locked.
    pub(super) now: DateTime<Utc>,
}

/// What is known of an order that a message is about.
pub(super) struct Handled {
    pub(super) known: Known,
    /// Why the refund was refused before that was asked about, if it was.
    pub(super) refused: Option<String>,
    /// When its order was locked.
    pub(super) now: DateTime<Utc>,
}

/// What else is to be read with a payment that is locked.
#[derive(Clone, Copy)]
pub(super) enum Also<'a> {
    Nothing,
    /// What became of a refund that may have been refused.
    Refusal(RefundId),
    /// What was declined lately.
    Declines {
        buyer: UserId,
        client: Option<&'a str>,
        most: Declines,
    },
}

/// Locks a payment, and reads what is asked for besides.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    which: Which<'_>,
    also: Also<'_>,
) -> Result<Option<Locked>, Fault> {
    let locking = fault("locking a payment");
    let backend = transaction.get_database_backend();
    let (locked, mut values) = locked_row(backend, which, 0);
    let also_read = match also {
        Also::Nothing => String::new(),
        // Whoever asks for a refund has locked its order before, so that this sees what was refused until then.
        Also::Refusal(refund) => {
            values.push(refund.uuid().into());
            format!("(SELECT reason FROM refused_refunds WHERE refund_id = ${}) AS refused, ", values.len())
        }
        Also::Declines { buyer, client, most } => declines::lately(backend, buyer, client, most, &mut values),
    };
    let query =
        format!("SELECT {}, {also_read}{} AS now FROM {locked}", columns("locked."), now_millis(backend));
    let query = Statement::from_sql_and_values(backend, query, values);
    let row = transaction.query_one_raw(query).await.map_err(&locking)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Locked {
        payment: whole(transaction, &row).await?,
        refused: match also {
            Also::Refusal(_) => row.try_get("", "refused").map_err(&locking)?,
            Also::Nothing | Also::Declines { .. } => None,
        },
        suspicion: match also {
            Also::Declines { .. } => declines::read(&row)?,
            Also::Nothing | Also::Refusal(_) => Suspicion::default(),
        },
        now: from_millis(row.try_get("", "now").map_err(&locking)?),
    }))
}

/// Notes an event of the provider's and locks the payment it is about, if there is one: none when it was noted before.
pub(super) async fn hear(
    transaction: &DatabaseTransaction,
    event: &ProviderEvent,
    about: Option<Which<'_>>,
) -> Result<Option<(Option<Payment>, DateTime<Utc>)>, Fault> {
    let hearing = fault("noting a webhook");
    let backend = transaction.get_database_backend();
    let now = now_millis(backend);
    let note = format!(
        "INSERT INTO provider_events (id, kind, received_at) VALUES ($1, $2, {now}) ON CONFLICT DO NOTHING \
         RETURNING received_at AS noted"
    );
    let mut values = vec![event.id.as_str().into(), event.kind.as_str().into()];
    let look = about.map(|about| {
        let (locked, more) = locked_row(backend, about, values.len());
        values.extend(more);
        locked
    });
    let query = match (backend, look) {
        (DbBackend::Postgres, Some(locked)) => format!(
            "WITH w AS ({note}) SELECT w.noted, {}, {now} AS now FROM (SELECT 1) AS always \
             LEFT JOIN w ON TRUE LEFT JOIN {locked} ON TRUE",
            columns("locked."),
        ),
        (_, Some(locked)) => {
            format!("{note}; SELECT {}, {now} AS now FROM {locked}", columns("locked."))
        }
        (_, None) => note,
    };
    let query = Statement::from_sql_and_values(backend, query, values);
    let rows = transaction.query_all_raw(query).await.map_err(&hearing)?;
    let Some(noted) = rows.iter().find_map(|row| row.try_get::<Option<i64>>("", "noted").ok().flatten())
    else {
        return Ok(None);
    };
    let is_payment = |row: &&QueryResult| matches!(row.try_get::<Option<Uuid>>("", "id"), Ok(Some(_)));
    let Some(row) = rows.iter().find(is_payment) else { return Ok(Some((None, from_millis(noted)))) };
    let now = from_millis(row.try_get("", "now").map_err(&hearing)?);
    Ok(Some((Some(whole(transaction, row).await?), now)))
}

/// Notes a message of the bus, and locks the order it is about: none when it was noted before. Also reads what became of a
/// refund of the order that may have been refused.
pub(super) async fn handle(
    transaction: &DatabaseTransaction,
    message: Uuid,
    order: OrderId,
    refund: Option<RefundId>,
) -> Result<Option<Handled>, Fault> {
    let noting = fault("noting a message");
    let backend = transaction.get_database_backend();
    let now = now_millis(backend);
    let (note, mut values) = inbox::noting(backend, CONSUMER, message);
    values.push(order.uuid().into());
    // Of an order that is new here nothing can be known. Who meets another that notes it at this moment, waits for it.
    let fresh = format!(
        "INSERT INTO orders (order_id, noted_at) VALUES (${}, {now}) ON CONFLICT DO NOTHING \
         RETURNING CAST(1 AS BIGINT) AS fresh, noted_at AS at",
        values.len()
    );
    let note = format!("{note} RETURNING CAST(0 AS BIGINT) AS fresh, received_at AS at");
    let both = if backend == DbBackend::Postgres {
        format!(
            "WITH n AS ({note}), f AS ({fresh}) SELECT fresh, at FROM n UNION ALL SELECT fresh, at FROM f"
        )
    } else {
        format!("{note}; {fresh}")
    };
    let both = Statement::from_sql_and_values(backend, both, values);
    let (mut noted, mut new) = (None, false);
    for row in transaction.query_all_raw(both).await.map_err(&noting)? {
        match row.try_get::<i64>("", "fresh").map_err(&noting)? {
            0 => noted = Some(from_millis(row.try_get("", "at").map_err(&noting)?)),
            _ => new = true,
        }
    }
    let Some(noted) = noted else { return Ok(None) };
    if new {
        return Ok(Some(Handled { known: Known::Nothing, refused: None, now: noted }));
    }
    let locking = for_update(backend);
    let query = format!(
        "SELECT return_reason, not_payable, {now} AS now FROM (SELECT return_reason, not_payable FROM orders WHERE order_id = $1{locking}) AS o"
    );
    let query = Statement::from_sql_and_values(backend, query, [order.uuid().into()]);
    let row = transaction.query_one_raw(query).await.map_err(&noting)?;
    let row = row.ok_or_else(|| Fault::passing("locking an order", "it was forgotten at this moment"))?;
    let now = from_millis(row.try_get("", "now").map_err(&noting)?);
    let ended: Option<String> = row.try_get("", "return_reason").map_err(&noting)?;
    if let Some(reason) = ended {
        return Ok(Some(Handled { known: Known::Ended(reason), refused: None, now }));
    }
    let also = refund.map_or(Also::Nothing, Also::Refusal);
    if let Some(locked) = lock(transaction, Which::Order(order, None), also).await? {
        let Locked { payment, refused, now, .. } = locked;
        return Ok(Some(Handled { known: Known::Payment(Box::new(payment)), refused, now }));
    }
    let why: Option<String> = row.try_get("", "not_payable").map_err(&noting)?;
    let is_free = why.as_deref() == Some(NotPayable::Free.name());
    let known = if is_free { Known::Free } else { Known::Nothing };
    let refused = if let Some(refund) = refund { refusal_of(transaction, refund).await? } else { None };
    Ok(Some(Handled { known, refused, now }))
}

/// Why a refund was refused, if it was.
async fn refusal_of(transaction: &DatabaseTransaction, refund: RefundId) -> Result<Option<String>, Fault> {
    let looking = fault("looking for a refused refund");
    let query = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "SELECT reason FROM refused_refunds WHERE refund_id = $1",
        [refund.uuid().into()],
    );
    let row = transaction.query_one_raw(query).await.map_err(&looking)?;
    row.map(|row| row.try_get("", "reason").map_err(&looking)).transpose()
}

/// The locked row of a payment, as a table of the name `locked`; and the values for it, counted from behind `taken` others.
fn locked_row(backend: DbBackend, which: Which<'_>, taken: usize) -> (String, Vec<Value>) {
    let (first, second) = (taken + 1, taken + 2);
    let (condition, values) = match which {
        Which::Payment(id) => (format!("id = ${first}"), vec![id.uuid().into()]),
        Which::Order(order, None) => (format!("order_id = ${first}"), vec![order.uuid().into()]),
        Which::Order(order, Some(buyer)) => (
            format!("order_id = ${first} AND buyer_id = ${second}"),
            vec![order.uuid().into(), buyer.uuid().into()],
        ),
        Which::Intent(intent, None) => (format!("intent_id = ${first}"), vec![intent.into()]),
        Which::Intent(intent, Some(id)) => (
            format!(
                "intent_id = ${first} OR id = ${second} \
                 ORDER BY CASE WHEN intent_id = ${first} THEN 0 ELSE 1 END LIMIT 1"
            ),
            vec![intent.into(), id.uuid().into()],
        ),
    };
    let locking = for_update(backend);
    // Around the lock, so that the time is read once it is had.
    let row = format!("(SELECT {} FROM payments WHERE {condition}{locking}) AS locked", columns(""));
    (row, values)
}

fn columns(prefix: &str) -> String {
    let columns: Vec<_> = reading::columns().map(|column| format!("{prefix}{column}")).collect();
    columns.join(", ")
}

/// The payment of a locked row. What it consists of is read behind the lock, which others may have held until now; and not
/// at all of one that nobody has tried to pay.
async fn whole(transaction: &DatabaseTransaction, row: &QueryResult) -> Result<Payment, Fault> {
    let row = payment::Model::from_query_result(row, "").map_err(fault("locking a payment"))?;
    let untried = row.state == "PENDING" && row.intent_id.is_none() && row.due_at.is_none() && !row.tried;
    let mut parts = if untried { Parts::default() } else { parts::of(transaction, &[row.id]).await? };
    reading::read(row, &mut parts)
}
