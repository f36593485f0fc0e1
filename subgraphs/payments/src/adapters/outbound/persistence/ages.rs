//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 26] = [
    Age::for_ever("payments", "bookkeeping"),
    Age::for_ever(
        "attempts",
        "bookkeeping; their idempotency keys are made unreadable after 7 days, when addresses and cards are forgotten",
    ),
    Age::for_ever("refunds", "bookkeeping"),
    Age::days("refused_refunds", "refused_at", 30),
    Age::for_ever("ledger_entries", "bookkeeping"),
    Age::for_ever("disputes", "bookkeeping"),
    Age::days("orders", "noted_at", 365),
    Age::days("provider_events", "received_at", 30),
    Age::days("parked_events", "parked_at", 90),
    Age::for_ever("postings", "bookkeeping"),
    Age::for_ever("order_books", "bookkeeping"),
    Age::for_ever("balances", "totals: a row for each organization, currency and event"),
    Age::for_ever("earlier_payments", "one row"),
    Age::for_ever("earlier_sales", "until they are booked"),
    Age::for_ever("provider_movements", "bookkeeping"),
    Age::for_ever("reconciliation_differences", "bookkeeping"),
    Age::for_ever("reconciliation", "one row"),
    Age::days("unexplained_movements", "seen_at", 365),
    Age::days("page_declines", "at", 7),
    Age::for_ever("payouts", "bookkeeping"),
    Age::for_ever("account_movements", "bookkeeping"),
    Age::for_ever("account_holdings", "totals: a row for each organization and currency"),
    Age::for_ever("payout_accounts", "a row for each organization that has an account"),
    Age::for_ever("events", "a copy of what another service keeps, of its size"),
    Age::for_ever("payout_terms", "a copy of what another service keeps, of its size"),
    Age::for_ever("memberships", "a copy of what another service keeps, of its size"),
];
