//! Running totals: what is new is added, never computed anew.
//!
//! Rows are locked in one order, so that nobody waits in a circle: ticket types' by their ids, quarters of an hour, and the
//! events' last, since everybody who hears of an event waits for its row.

use std::collections::BTreeMap;

use kernel::{EventId, TicketTypeId};
use sea_orm::DbBackend;
use serde_json::{Value, json};
use service::database::Write;

use super::listed::{Columns, Kind, hex, insert, listed};
use crate::domain::entities::{Figures, Heard, Sales, TicketTypeSales, TypeName};

const TICKET_TYPES: Columns<8> = [
    ("ticket_type_id", Kind::Id),
    ("event_id", Kind::Id),
    ("version", Kind::Number),
    ("name", Kind::Text),
    ("sold", Kind::Number),
    ("revenue", Kind::Number),
    ("refunded", Kind::Number),
    ("checked_in", Kind::Number),
];
const QUARTERS: Columns<4> =
    [("event_id", Kind::Id), ("at", Kind::Number), ("tickets", Kind::Number), ("revenue", Kind::Number)];
const EVENTS: Columns<16> = [
    ("event_id", Kind::Id),
    ("revision", Kind::Number),
    ("capacity", Kind::Number),
    ("currency", Kind::Text),
    ("gross", Kind::Number),
    ("fees", Kind::Number),
    ("refunded", Kind::Number),
    ("returned", Kind::Number),
    ("tickets_sold", Kind::Number),
    ("tickets_refunded", Kind::Number),
    ("checked_in", Kind::Number),
    ("holds", Kind::Number),
    ("checkouts", Kind::Number),
    ("paid", Kind::Number),
    ("expired", Kind::Number),
    ("declined", Kind::Number),
];

/// What is to be written, in the order in which it has to be: names of ticket types, and what is new of sales.
pub(super) fn writes(backend: DbBackend, heard: &Heard, news: &BTreeMap<EventId, Sales>) -> Vec<Write> {
    let mut types: BTreeMap<TicketTypeId, (EventId, TicketTypeSales)> = BTreeMap::new();
    for (id, TypeName { event, .. }) in &heard.names {
        types.insert(*id, (*event, TicketTypeSales::default()));
    }
    for (event, sales) in news {
        types.extend(sales.by_type.iter().map(|(id, sales)| (*id, (*event, *sales))));
    }
    let types = types.iter().map(|(id, (event, sales))| {
        let named = heard.names.get(id);
        [
            hex(id.uuid()),
            hex(event.uuid()),
            // A version below all others changes no name.
            json!(named.map_or(-1, |named| named.version)),
            json!(named.map(|named| &named.name)),
            json!(sales.sold),
            json!(sales.revenue),
            json!(sales.refunded),
            json!(sales.checked_in),
        ]
    });
    let quarters = news.iter().flat_map(|(event, sales)| {
        let quarters = sales.by_quarter.iter();
        quarters.map(|(at, sales)| [hex(event.uuid()), json!(at), json!(sales.tickets), json!(sales.revenue)])
    });
    let events = news.iter().map(|(event, sales)| {
        let capacity = heard.capacities.get(event).copied().unwrap_or(0);
        event_row(*event, capacity, sales)
    });
    let writes =
        [of_ticket_types(backend, types), of_quarters(backend, quarters), of_events(backend, events)];
    writes.into_iter().flatten().collect()
}

fn of_ticket_types(backend: DbBackend, rows: impl Iterator<Item = [Value; 8]>) -> Option<Write> {
    let (count, rows) = listed(&TICKET_TYPES, rows)?;
    let newer = "ticket_type_sales.version < excluded.version \
         OR (ticket_type_sales.version = excluded.version AND ticket_type_sales.name < excluded.name)";
    let sql = format!(
        "{} ON CONFLICT (ticket_type_id) DO UPDATE SET \
           version = CASE WHEN {newer} THEN excluded.version ELSE ticket_type_sales.version END, \
           name = CASE WHEN {newer} THEN excluded.name ELSE ticket_type_sales.name END, \
           {}",
        insert(backend, "ticket_type_sales", &TICKET_TYPES, "ticket_type_id"),
        added("ticket_type_sales", &TICKET_TYPES[4..])
    );
    Some(Write::new("adding to ticket types' totals", sql, [rows]).changes(count))
}

fn of_quarters(backend: DbBackend, rows: impl Iterator<Item = [Value; 4]>) -> Option<Write> {
    let (count, rows) = listed(&QUARTERS, rows)?;
    let sql = format!(
        "{} ON CONFLICT (event_id, at) DO UPDATE SET {}",
        insert(backend, "quarter_sales", &QUARTERS, "event_id, at"),
        added("quarter_sales", &QUARTERS[2..])
    );
    Some(Write::new("adding to totals by time", sql, [rows]).changes(count))
}

/// A sale in another currency than the ones before is a fault.
fn of_events(backend: DbBackend, rows: impl Iterator<Item = [Value; 16]>) -> Option<Write> {
    let (count, rows) = listed(&EVENTS, rows)?;
    let sql = format!(
        "{} ON CONFLICT (event_id) DO UPDATE SET revision = event_sales.revision + 1, \
           capacity = CASE WHEN event_sales.capacity < excluded.capacity \
             THEN excluded.capacity ELSE event_sales.capacity END, \
           currency = COALESCE(event_sales.currency, excluded.currency), \
           {} \
         WHERE COALESCE(event_sales.currency, excluded.currency, '') \
             = COALESCE(excluded.currency, event_sales.currency, '')",
        insert(backend, "event_sales", &EVENTS, "event_id"),
        added("event_sales", &EVENTS[4..])
    );
    let write = Write::new("adding to events' totals", sql, [rows]).changes(count);
    Some(write.or_broken("an event has sales in two currencies"))
}

fn event_row(event: EventId, capacity: u32, news: &Sales) -> [Value; 16] {
    let Figures {
        gross,
        fees,
        refunded,
        returned,
        tickets_sold,
        tickets_refunded,
        checked_in,
        holds,
        checkouts,
        paid,
        expired,
        declined,
    } = news.figures;
    [
        hex(event.uuid()),
        json!(1),
        json!(capacity),
        json!(news.currency.map(kernel::Currency::code)),
        json!(gross),
        json!(fees),
        json!(refunded),
        json!(returned),
        json!(tickets_sold),
        json!(tickets_refunded),
        json!(checked_in),
        json!(holds),
        json!(checkouts),
        json!(paid),
        json!(expired),
        json!(declined),
    ]
}

/// That these columns become what they are and what is new.
fn added(table: &str, columns: &[(&str, Kind)]) -> String {
    let added = columns.iter().map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}"));
    added.collect::<Vec<_>>().join(", ")
}
