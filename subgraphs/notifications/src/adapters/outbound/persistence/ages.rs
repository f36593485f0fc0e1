//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 12] = [
    Age::days("notifications", "created_at", 730),
    Age::for_ever("preferences", "what a person wants, for as long as it is not changed"),
    Age::for_ever("accounts", "a copy of what another service keeps, of its size"),
    Age::for_ever("events", "a copy of what another service keeps, of its size"),
    Age::for_ever("organizations", "a copy of what another service keeps, of its size"),
    Age::for_ever("memberships", "a copy of what another service keeps, of its size"),
    Age::days("orders", "noted_at", 730),
    Age::days("order_moves", "noted_at", 730),
    Age::days("order_contacts", "noted_at", 730),
    Age::days("reminders", "noted_at", 730),
    Age::days("stopped_addresses", "noted_at", 1825),
    Age::for_ever("signing_keys", "one row"),
];
