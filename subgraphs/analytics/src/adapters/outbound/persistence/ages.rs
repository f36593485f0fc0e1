//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 10] = [
    Age::for_ever("memberships", "a copy of what another service keeps, of its size"),
    Age::for_ever("events", "a copy of what another service keeps, of its size"),
    Age::days("reservations", "held_at", 90),
    Age::for_ever("orders", "sales are looked at years later"),
    Age::for_ever("order_lines", "they belong to orders"),
    Age::for_ever("refunds", "they belong to orders"),
    Age::days("check_ins", "at", 90),
    Age::for_ever("event_sales", "totals: a row for each event"),
    Age::for_ever("ticket_type_sales", "totals: a row for each ticket type"),
    Age::for_ever("quarter_sales", "totals: the course of sales is looked at years later"),
];
