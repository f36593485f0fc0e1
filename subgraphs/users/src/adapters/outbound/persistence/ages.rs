//! How long each table keeps its rows.

use service::retention::Age;

/// The age of each table of this service; `docs/operations/retention.md` tells them.
pub const AGES: [Age; 17] = [
    // Tokens before the sessions that they belong to.
    Age::hours("refresh_tokens", "expires_at", 0),
    Age::hours("sessions", "expires_at", 0),
    Age::days("login_failures", "since", 1),
    Age::days("login_tries", "last_at", 1),
    // Afterwards a device is a stranger, until its owner logs in.
    Age::days("known_clients", "seen_at", 90),
    Age::days("warnings", "sent_at", 2),
    Age::days("address_proofs", "expires_at", 1),
    Age::days("address_changes", "expires_at", 1),
    Age::hours("ceremonies", "expires_at", 0),
    // Who invited whom stays to be looked at for a while.
    Age::days("invitations", "expires_at", 30),
    Age::days("sagas", "ended_at", saga::migrations::ENDED_KEPT_DAYS),
    Age::for_ever("accounts", "people"),
    Age::for_ever("second_factors", "until their owner removes them"),
    Age::for_ever("foreign_accounts", "until their owner unlinks them"),
    Age::for_ever("organizations", "whoever sold tickets"),
    Age::for_ever("memberships", "who may do what; the version of one that ended goes on rising"),
    Age::for_ever("signing_keys", "one for each time that keys were changed"),
];
