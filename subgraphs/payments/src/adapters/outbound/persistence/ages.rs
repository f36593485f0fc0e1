//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 9] = [
    Age::for_ever("payments", "bookkeeping"),
    Age::for_ever("attempts", "bookkeeping; their idempotency keys are made unreadable after 7 days"),
    Age::for_ever("refunds", "bookkeeping"),
    Age::days("refused_refunds", "refused_at", 30),
    Age::for_ever("ledger_entries", "bookkeeping"),
    Age::for_ever("disputes", "bookkeeping"),
    Age::days("orders", "noted_at", 365),
    Age::days("provider_events", "received_at", 30),
    Age::days("parked_events", "parked_at", 90),
];
