//! Running totals: what is new is added, never computed anew.
//!
//! Rows are locked in one order, so that nobody waits in a circle: ticket types' by their ids, quarters of an hour, and the
//! event's last, since everybody who hears of the event waits for it.

use std::collections::{BTreeMap, btree_map::Entry};

use kernel::{EventId, Result, TicketTypeId};
use sea_orm::Value;
use service::database::Write;

use crate::domain::entities::{Figures, Sales, TicketTypeSales};

/// What a transaction adds to totals.
#[derive(Default)]
pub(super) struct Totals {
    events: BTreeMap<EventId, Sales>,
    names: BTreeMap<TicketTypeId, (EventId, i64, String)>,
}

impl Totals {
    /// Adds to an event's totals, whose revision is another one afterwards.
    pub(super) fn add(&mut self, event: EventId, news: &Sales) -> Result<()> {
        let sales = self.events.entry(event).or_default();
        *sales = sales.plus(news)?;
        Ok(())
    }

    /// Keeps a ticket type's name: the one of the highest version, and of two of the same version the
    /// later in the alphabet, so that the order of messages does not matter.
    pub(super) fn name(&mut self, event: EventId, id: TicketTypeId, version: i64, name: &str) {
        let named = (event, version, name.to_owned());
        match self.names.entry(id) {
            Entry::Vacant(none) => {
                none.insert(named);
            }
            Entry::Occupied(mut other) => {
                if (other.get().1, other.get().2.as_str()) < (version, name) {
                    other.insert(named);
                }
            }
        }
    }

    /// What is to be written, in the order in which it has to be.
    pub(super) fn writes(self) -> Vec<Write> {
        let mut types: BTreeMap<TicketTypeId, (EventId, TicketTypeSales)> =
            self.names.iter().map(|(id, (event, ..))| (*id, (*event, TicketTypeSales::default()))).collect();
        for (event, sales) in &self.events {
            types.extend(sales.by_type.iter().map(|(id, sales)| (*id, (*event, *sales))));
        }
        let quarters = self.events.iter().flat_map(|(event, sales)| {
            let values = sales.by_quarter.iter();
            values.map(|(at, sales)| {
                [event.uuid().into(), (*at).into(), sales.tickets.into(), sales.revenue.into()]
            })
        });
        let named = types.iter().map(|(id, (event, sales))| {
            // A version below all others changes no name.
            let name = self.names.get(id);
            let (version, name) =
                name.map_or((-1, None), |(_, version, name)| (*version, Some(name.clone())));
            [
                id.uuid().into(),
                event.uuid().into(),
                version.into(),
                name.into(),
                sales.sold.into(),
                sales.revenue.into(),
                sales.refunded.into(),
                sales.checked_in.into(),
            ]
        });
        let several = [of_ticket_types(named), of_quarters(quarters)];
        let of_events = self.events.iter().map(|(event, sales)| of_event(*event, sales));
        several.into_iter().flatten().chain(of_events).collect()
    }
}

fn of_ticket_types(rows: impl Iterator<Item = [Value; 8]>) -> Option<Write> {
    let (rows, places, values) = listed(rows)?;
    let newer = "ticket_type_sales.version < excluded.version \
         OR (ticket_type_sales.version = excluded.version AND ticket_type_sales.name < excluded.name)";
    let sql = format!(
        "INSERT INTO ticket_type_sales \
           (ticket_type_id, event_id, version, name, sold, revenue, refunded, checked_in) \
         VALUES {places} \
         ON CONFLICT (ticket_type_id) DO UPDATE SET \
           version = CASE WHEN {newer} THEN excluded.version ELSE ticket_type_sales.version END, \
           name = CASE WHEN {newer} THEN excluded.name ELSE ticket_type_sales.name END, \
           sold = ticket_type_sales.sold + excluded.sold, \
           revenue = ticket_type_sales.revenue + excluded.revenue, \
           refunded = ticket_type_sales.refunded + excluded.refunded, \
           checked_in = ticket_type_sales.checked_in + excluded.checked_in"
    );
    Some(Write::new("adding to ticket types' totals", sql, values).changes(rows))
}

fn of_quarters(rows: impl Iterator<Item = [Value; 4]>) -> Option<Write> {
    let (rows, places, values) = listed(rows)?;
    let sql = format!(
        "INSERT INTO quarter_sales (event_id, at, tickets, revenue) VALUES {places} \
         ON CONFLICT (event_id, at) DO UPDATE SET \
           tickets = quarter_sales.tickets + excluded.tickets, \
           revenue = quarter_sales.revenue + excluded.revenue"
    );
    Some(Write::new("adding to totals by time", sql, values).changes(rows))
}

/// A sale in another currency than the ones before is a fault.
fn of_event(event: EventId, news: &Sales) -> Write {
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
    let write = Write::new(
        "adding to an event's totals",
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
        [
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
    );
    write.changes(1).or_broken(format!("event {event} has sales in two currencies"))
}

/// Keeps an event's capacity: the largest that was told, so that the order of messages does not matter.
pub(super) fn capacity(event: EventId, capacity: u32) -> Write {
    Write::new(
        "keeping an event's capacity",
        "INSERT INTO event_sales (event_id, revision, capacity) VALUES ($1, 1, $2) \
         ON CONFLICT (event_id) DO UPDATE SET revision = event_sales.revision + 1, capacity = excluded.capacity \
         WHERE event_sales.capacity < excluded.capacity",
        [event.uuid().into(), i64::from(capacity).into()],
    )
}

/// How many rows there are, the places of their values, and the values; none where there is no row.
fn listed<const WIDTH: usize>(
    rows: impl Iterator<Item = [Value; WIDTH]>,
) -> Option<(u64, String, Vec<Value>)> {
    let values: Vec<Value> = rows.flatten().collect();
    let places = (1..=values.len()).map(|place| format!("${place}")).collect::<Vec<_>>();
    let places: Vec<_> = places.chunks(WIDTH).map(|row| format!("({})", row.join(", "))).collect();
    let rows = u64::try_from(places.len()).ok().filter(|rows| *rows > 0)?;
    Some((rows, places.join(", "), values))
}
