//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 12] = [
    Age::for_ever("memberships", "a copy of what another service keeps, of its size"),
    Age::for_ever("venues", "events of long ago took place there"),
    Age::for_ever("layouts", "tickets of long ago name their seats"),
    Age::for_ever("layout_sections", "they belong to layouts"),
    Age::for_ever("events", "what took place stays to be found"),
    Age::for_ever("offers", "a copy of what another service keeps, of its size"),
    Age::for_ever("index_rebuilds", "one row: when all indexes were last to be made anew"),
    Age::for_ever("motifs", "they belong to layouts and organizations, of which each has a bounded number"),
    Age::days("images", "replaced_at", 1),
    Age::days("image_files", "replaced_at", 1),
    Age::days("popularity", "day", 31),
    Age::days("idempotency_keys", "created_at", 7),
];
