//! How long each table keeps its rows.

use service::retention::Age;

/// The law of most countries asks for ten years behind the end of that in which an invoice was issued.
const INVOICES_KEPT_DAYS: u32 = 11 * 365 + 3;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 33] = [
    Age::for_ever("memberships", "a copy of what another service keeps, of its size"),
    Age::for_ever("contacts", "a copy of what another service keeps, of its size; nothing of who was erased"),
    Age::for_ever(
        "addresses",
        "a copy of what another service keeps, of its size; nothing of who was erased",
    ),
    Age::for_ever("organization_settings", "a copy of what another service keeps, of its size"),
    Age::for_ever("organizations", "a copy of what another service keeps, of its size"),
    Age::for_ever("layouts", "a copy of what another service keeps, of its size"),
    Age::for_ever("events", "a copy of what another service keeps, of its size"),
    Age::for_ever("sections", "inventory: what was sold of each event"),
    Age::for_ever("seats", "inventory: what was sold of each event"),
    Age::for_ever("blocked_seats", "inventory: why seats are kept back, until they are let go"),
    Age::hours("seat_changes", "at", 1),
    Age::for_ever("stock_told", "a row for each event of which little was left once"),
    Age::for_ever("ticket_types", "orders of long ago name them"),
    Age::for_ever("price_tiers", "orders of long ago name them"),
    Age::for_ever("promo_codes", "orders of long ago have them"),
    Age::days("waitlist_entries", "ended_at", 365),
    Age::for_ever("waitlist_wants", "what open entries of waiting lists want; rows go with their end"),
    Age::for_ever("waitlist_kept", "inventory: what is kept for who waits, until somebody has seen to it"),
    Age::for_ever("reservations", "orders refer to them"),
    Age::for_ever(
        "orders",
        "bookkeeping; who was told at the purchase, and who was to go in, is blanked when their account is erased",
    ),
    Age::days("sagas", "ended_at", saga::migrations::ENDED_KEPT_DAYS),
    Age::for_ever("order_steps", "what happened to an order is asked for when somebody complains"),
    Age::for_ever(
        "tickets",
        "bookkeeping; names of who went in are blanked when their account is erased and the event is over",
    ),
    Age::for_ever(
        "ticket_transfers",
        "who had a ticket is asked for when somebody complains; it names nobody but by their account",
    ),
    Age::for_ever(
        "names_to_forget",
        "whose tickets are to name nobody any more; rows go when their event is over",
    ),
    Age::for_ever("refunds", "bookkeeping"),
    Age::for_ever(
        "invoice_numbers",
        "numbers go on without gaps: a row for each organization, year and kind",
    ),
    Age::days("invoices", "issued_at", INVOICES_KEPT_DAYS),
    Age::for_ever("scans", "who was let in, and when, is asked for when somebody complains"),
    Age::days("idempotency_keys", "at", 7),
    Age::for_ever("signing_keys", "tickets are checked with them"),
    Age::for_ever("called_off", "an event is called off once"),
    Age::for_ever("event_moves", "an event is moved a few times at most"),
];
