use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use contracts::tickets::TicketCheckedIn;
use kernel::{EventId, Fault, OrderId, ReservationId, Result, TicketId, to_millis};
use messaging::inbox;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};
use serde_json::json;
use service::{
    Database,
    database::{Writes, fault},
};
use uuid::Uuid;

use super::{
    copies,
    listed::{Columns, Kind, hex, insert, listed},
    order_rows, reservation_rows, totals,
};
use crate::{
    adapters::outbound::Announcements,
    domain::{
        entities::{Heard, Known, Order, Reservation, Sales},
        ports::{Store, Tx},
    },
};

/// The durable name under which messages are noted as handled.
const CONSUMER: &str = "analytics";

const CHECK_INS: Columns<6> = [
    ("ticket_id", Kind::Id),
    ("event_id", Kind::Id),
    ("order_id", Kind::Id),
    ("ticket_type_id", Kind::Id),
    ("gate", Kind::Text),
    ("at", Kind::Number),
];

/// Keeps what was heard in SQLite or PostgreSQL.
#[derive(Clone)]
pub struct SeaStore {
    /// Where.
    pub database: Database,
    /// Who is told of what was committed.
    pub announcements: Announcements,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self, messages: &BTreeSet<Uuid>) -> Result<(Box<dyn Tx>, BTreeSet<Uuid>)> {
        let transaction = self.database.begin().await.map_err(fault("beginning to take note"))?;
        let new = inbox::first_times(&transaction, CONSUMER, messages.iter().copied()).await;
        let new = new.map_err(fault("noting messages"))?;
        let tx = SeaTx {
            transaction,
            announcements: self.announcements.clone(),
            known_orders: BTreeSet::new(),
            known_reservations: BTreeSet::new(),
        };
        Ok((Box::new(tx), new))
    }
}

/// What is known beforehand is locked in one order, so that nobody waits in a circle: messages, orders, reservations and
/// check-ins, each by their ids, and totals last.
struct SeaTx {
    transaction: DatabaseTransaction,
    announcements: Announcements,
    known_orders: BTreeSet<OrderId>,
    known_reservations: BTreeSet<ReservationId>,
}

#[async_trait]
impl Tx for SeaTx {
    async fn keep(&mut self, heard: &Heard) -> Result<Known> {
        let orders = order_rows::keep(&self.transaction, &heard.orders).await?;
        let reservations = reservation_rows::keep(&self.transaction, &heard.reservations).await?;
        let check_ins = let_in_before(&self.transaction, &heard.check_ins).await?;
        self.known_orders = orders.iter().map(Order::id).collect();
        self.known_reservations = reservations.iter().map(Reservation::id).collect();
        Ok(Known { orders, reservations, check_ins })
    }

    async fn commit(self: Box<Self>, heard: &Heard, news: &BTreeMap<EventId, Sales>) -> Result<()> {
        let backend = self.transaction.get_database_backend();
        let of_orders = order_rows::changes(backend, &heard.orders, &self.known_orders);
        let of_reservations =
            reservation_rows::changes(backend, &heard.reservations, &self.known_reservations);
        let copies =
            [copies::memberships(backend, &heard.memberships), copies::events(backend, &heard.events)];
        let mut writes = Writes::default();
        let all = of_orders.into_iter().chain(of_reservations).chain(copies.into_iter().flatten());
        for write in all.chain(totals::writes(backend, heard, news)) {
            writes.add(write, &self.transaction).await?;
        }
        writes.send(&self.transaction).await?;
        self.transaction.commit().await.map_err(fault("committing what was heard"))?;
        let changed: BTreeSet<EventId> = news.keys().chain(heard.events.keys()).copied().collect();
        for event in changed {
            self.announcements.changed(event).await;
        }
        Ok(())
    }
}

/// Keeps check-ins, once for each ticket; which tickets' holders were let in before.
async fn let_in_before(
    transaction: &DatabaseTransaction,
    check_ins: &BTreeMap<TicketId, TicketCheckedIn>,
) -> Result<BTreeSet<TicketId>, Fault> {
    let backend = transaction.get_database_backend();
    let rows = check_ins.values().map(|fact| {
        [
            hex(fact.ticket_id.uuid()),
            hex(fact.event_id.uuid()),
            hex(fact.order_id.uuid()),
            hex(fact.ticket_type_id.uuid()),
            json!(fact.gate),
            json!(to_millis(fact.at)),
        ]
    });
    let Some((_, rows)) = listed(&CHECK_INS, rows) else { return Ok(BTreeSet::new()) };
    let keep = insert(backend, "check_ins", &CHECK_INS, "ticket_id");
    let keep = format!("{keep} ON CONFLICT DO NOTHING RETURNING ticket_id");
    let kept = ids(transaction, "keeping check-ins", "ticket_id", keep, [rows]).await?;
    Ok(check_ins.keys().filter(|ticket| !kept.contains(&ticket.uuid())).copied().collect())
}

/// The ids that a statement returns.
async fn ids<const PLACES: usize>(
    transaction: &DatabaseTransaction,
    doing: &'static str,
    column: &str,
    sql: String,
    values: [Value; PLACES],
) -> Result<BTreeSet<Uuid>, Fault> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    let rows = transaction.query_all_raw(statement).await.map_err(fault(doing))?;
    rows.iter().map(|row| row.try_get("", column)).collect::<Result<_, _>>().map_err(fault(doing))
}
