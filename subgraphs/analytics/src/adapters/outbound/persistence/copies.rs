//! What other services keep, as far as reports need it: the latest that was told.

use std::collections::BTreeMap;

use contracts::users::{MembershipChanged, Role};
use kernel::{EventId, OrganizationId, UserId};
use sea_orm::DbBackend;
use serde_json::json;
use service::database::Write;

use super::listed::{Columns, Kind, hex, insert, listed};
use crate::domain::entities::EventCopy;

const EVENTS: Columns<7> = [
    ("event_id", Kind::Id),
    ("version", Kind::Number),
    ("organization_id", Kind::Id),
    ("status", Kind::Text),
    ("public", Kind::Flag),
    ("timezone", Kind::Text),
    ("currency", Kind::Text),
];
const MEMBERSHIPS: Columns<4> =
    [("organization_id", Kind::Id), ("user_id", Kind::Id), ("version", Kind::Number), ("role", Kind::Text)];

/// Keeps events as they are now, unless a later change is known.
pub(super) fn events(backend: DbBackend, events: &BTreeMap<EventId, EventCopy>) -> Option<Write> {
    let rows = events.values().map(|event| {
        [
            hex(event.id.uuid()),
            json!(event.version),
            hex(event.organization.uuid()),
            json!(event.status.as_str()),
            json!(event.public),
            json!(event.timezone.name()),
            json!(event.currency.code()),
        ]
    });
    let (_, rows) = listed(&EVENTS, rows)?;
    let sql = format!(
        "{} ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
           organization_id = excluded.organization_id, status = excluded.status, public = excluded.public, \
           timezone = excluded.timezone, currency = excluded.currency \
         WHERE events.version < excluded.version",
        insert(backend, "events", &EVENTS, "event_id")
    );
    Some(Write::new("noting events", sql, [rows]))
}

/// Keeps members' roles, unless a later one is known.
pub(super) fn memberships(
    backend: DbBackend,
    memberships: &BTreeMap<(OrganizationId, UserId), MembershipChanged>,
) -> Option<Write> {
    let rows = memberships.values().map(|change| {
        [
            hex(change.organization_id.uuid()),
            hex(change.user_id.uuid()),
            json!(change.version),
            json!(change.role.map(Role::as_str)),
        ]
    });
    let (_, rows) = listed(&MEMBERSHIPS, rows)?;
    let sql = format!(
        "{} ON CONFLICT (organization_id, user_id) DO UPDATE SET version = excluded.version, role = excluded.role \
         WHERE memberships.version < excluded.version",
        insert(backend, "memberships", &MEMBERSHIPS, "organization_id, user_id")
    );
    Some(Write::new("noting memberships", sql, [rows]))
}
