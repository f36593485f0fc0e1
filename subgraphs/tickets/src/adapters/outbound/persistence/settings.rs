//! On which terms organizations sell, as `users` told it, what of them is an event's own, as `events` told it, and how far is told
//! what tickets are listed for since.

use std::{collections::HashMap, sync::Arc, time::Duration};

use contracts::{
    events::EventChanged,
    settings::{EventTerms, OrganizationSettings, OrganizationSettingsChanged},
};
use kernel::{EventId, Fault, Id, TicketTypeId};
use sea_orm::ConnectionTrait;
use service::database::now_millis;
use uuid::Uuid;

use super::{
    catalogue,
    sql::{Row, all, execute, for_no_key_update, json, json_or_null, millis, millis_or_null, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::{KnownEvent, TicketType},
    ports::{Relisted, Relisting},
};

/// From where the settings of an event's organization are read, beside the event `e`; nothing where none were told.
pub(super) const OF_EVENT: &str =
    "LEFT JOIN organization_settings s ON s.organization_id = e.organization_id";
/// What is read of the terms that are the event `e`'s own.
pub(super) const OWN_TERMS: &str = "e.own_tax, e.own_refund_policy, e.taxed_since";
/// How long after other terms were heard it is told what tickets are listed for: ticket types that are just being made on the
/// terms of before are there by then.
const UNTIL_RELISTED: Duration = Duration::from_secs(5);

/// The settings of an organization, and of which version they are. Those of which nothing was told are the default.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) version: i64,
    pub(super) are: Arc<OrganizationSettings>,
}

impl Settings {
    /// As a row has them: `settings_version`, and `settings`, which are not read when that is the version that is `known`.
    pub(super) fn of(row: &Row, known: Option<&Self>) -> Result<Self, Fault> {
        let version = row.get::<Option<i64>>("settings_version")?.unwrap_or_default();
        match known.filter(|known| known.version == version) {
            Some(known) => Ok(known.clone()),
            None => Ok(Self { version, are: Arc::new(row.json_or_none("settings")?.unwrap_or_default()) }),
        }
    }
}

/// Keeps what is newer than what is known, and notes that tickets are listed anew where that changes prices. False when it is
/// not newer.
pub(super) async fn learn(tx: &SeaTx, told: &OrganizationSettingsChanged) -> Result<bool, Fault> {
    let sql = "SELECT settings FROM organization_settings WHERE organization_id = $1";
    let organization = told.organization_id.uuid();
    let before = one(&tx.transaction, "reading settings", sql, [organization.into()], |row| {
        row.json::<OrganizationSettings>("settings")
    })
    .await?
    .unwrap_or_default();
    let lists_as_before = (&before.fees, &before.tax) == (&told.settings.fees, &told.settings.tax);
    let relist_at = (!lists_as_before).then(|| tx.now + UNTIL_RELISTED);
    let changed = execute(
        &tx.transaction,
        "keeping an organization's settings",
        "INSERT INTO organization_settings (organization_id, version, settings, relist_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (organization_id) DO UPDATE SET version = excluded.version, settings = excluded.settings, \
         relist_at = COALESCE(excluded.relist_at, organization_settings.relist_at), \
         relisted_through = CASE WHEN excluded.relist_at IS NULL THEN organization_settings.relisted_through END \
         WHERE organization_settings.version < excluded.version",
        [organization.into(), told.version.into(), json(&told.settings)?, millis_or_null(relist_at)],
    );
    Ok(changed.await? == 1)
}

/// What of an event's terms is its own, of [`OWN_TERMS`].
pub(super) fn own_terms(row: &Row) -> Result<EventTerms, Fault> {
    Ok(EventTerms {
        tax: row.json_or_none("own_tax")?,
        refund_policy: row.json_or_none("own_refund_policy")?,
    })
}

/// Keeps what of an event's terms is its own, and notes that its tickets are listed anew where it has another tax than before.
/// The event's row is locked, and this is newer than what it has.
pub(super) async fn keep_own_terms(tx: &SeaTx, told: &EventChanged, are: &EventTerms) -> Result<(), Fault> {
    execute(
        &tx.transaction,
        "keeping an event's own terms",
        "UPDATE events SET own_tax = $2, own_refund_policy = $3, \
         taxed_since = CASE WHEN own_tax IS DISTINCT FROM $2 THEN $4 ELSE taxed_since END, \
         relist_at = CASE WHEN own_tax IS DISTINCT FROM $2 THEN $5 ELSE relist_at END, \
         relisted_through = CASE WHEN own_tax IS DISTINCT FROM $2 THEN NULL ELSE relisted_through END \
         WHERE id = $1 AND (own_tax IS DISTINCT FROM $2 OR own_refund_policy IS DISTINCT FROM $3)",
        [
            told.event_id.uuid().into(),
            json_or_null(are.tax.as_ref())?,
            json_or_null(are.refund_policy.as_ref())?,
            told.version.into(),
            millis(tx.now + UNTIL_RELISTED),
        ],
    )
    .await
    .map(drop)
}

/// Where it is noted whose ticket types are listed anew.
#[derive(Clone, Copy)]
struct Noted {
    table: &'static str,
    /// The table's column of ids.
    id: &'static str,
    /// The same ids beside the event `e`.
    of_event: &'static str,
}

const OF_ORGANIZATIONS: Noted =
    Noted { table: "organization_settings", id: "organization_id", of_event: "e.organization_id" };
const OF_EVENTS: Noted = Noted { table: "events", id: "id", of_event: "e.id" };

impl Relisting {
    fn noted(self) -> (Noted, Uuid) {
        match self {
            Self::OfOrganization(organization) => (OF_ORGANIZATIONS, organization.uuid()),
            Self::OfEvent(event) => (OF_EVENTS, event.uuid()),
        }
    }
}

/// The next ticket types whose prices are listed anew, all of one organization or of one event, of events that are not over;
/// noted as told with the commit. The organization's settings, or the event, are locked.
pub(super) async fn relist(tx: &SeaTx, limit: u64) -> Result<Option<Relisted>, Fault> {
    let found = match due(tx, OF_ORGANIZATIONS).await? {
        Some((id, through)) => Some((Relisting::OfOrganization(Id::from_uuid(id)), through)),
        None => {
            due(tx, OF_EVENTS).await?.map(|(id, through)| (Relisting::OfEvent(Id::from_uuid(id)), through))
        }
    };
    let Some((whose, through)) = found else { return Ok(None) };
    Ok(Some(Relisted { whose, types: next(tx, whose, through, limit).await }))
}

/// Whose turn it is, and up to which ticket type they are told; locked.
async fn due(tx: &SeaTx, Noted { table, id, .. }: Noted) -> Result<Option<(Uuid, Uuid)>, Fault> {
    let backend = tx.transaction.get_database_backend();
    let (lock, now) = (for_no_key_update(backend), now_millis(backend));
    let sql = format!(
        "SELECT {id} AS id, relisted_through FROM {table} WHERE relist_at <= {now} \
         ORDER BY relist_at, {id} LIMIT 1{lock}"
    );
    one(&tx.transaction, "reading what is listed anew", sql, [], |row| {
        Ok((row.get("id")?, row.get::<Option<Uuid>>("relisted_through")?.unwrap_or_default()))
    })
    .await
}

/// The next ticket types, with their events.
async fn next(
    tx: &SeaTx,
    whose: Relisting,
    through: Uuid,
    limit: u64,
) -> Result<Vec<(KnownEvent, TicketType)>, Fault> {
    let now = now_millis(tx.transaction.get_database_backend());
    let (Noted { of_event, .. }, id) = whose.noted();
    let sql = format!(
        "SELECT t.id, t.event_id FROM ticket_types t JOIN events e ON e.id = t.event_id \
         WHERE {of_event} = $1 AND e.ends_at > {now} AND t.id > $2 ORDER BY t.id LIMIT {limit}"
    );
    let read = |row: &Row| Ok((row.id("id")?, row.id("event_id")?));
    let next: Vec<(TicketTypeId, EventId)> =
        all(&tx.transaction, "reading what is listed anew", sql, [id.into(), through.into()], read).await?;
    let (types, events): (Vec<TicketTypeId>, Vec<EventId>) = next.into_iter().unzip();
    note(tx, whose, types.last().copied()).await?;
    let known = catalogue::events(&tx.transaction, &events).await?;
    let known: HashMap<EventId, KnownEvent> = known.into_iter().map(|event| (event.id, event)).collect();
    let types = catalogue::ticket_types(&tx.transaction, "id", &types).await?;
    let with_event = |of: TicketType| Some((known.get(&of.state().event)?.clone(), of));
    Ok(types.into_iter().filter_map(with_event).collect())
}

/// They are told up to this one; all of them when none is named.
async fn note(tx: &SeaTx, whose: Relisting, through: Option<TicketTypeId>) -> Result<(), Fault> {
    let (Noted { table, id: column, .. }, id) = whose.noted();
    let sql = format!(
        "UPDATE {table} SET relisted_through = $1, relist_at = CASE WHEN $2 THEN NULL ELSE relist_at END \
         WHERE {column} = $3"
    );
    let values = [through.map(Id::uuid).into(), through.is_none().into(), id.into()];
    execute(&tx.transaction, "noting what is listed anew", sql, values).await.map(drop)
}

/// Lets them wait before they are looked at again.
pub(super) async fn set_aside(
    connection: &impl ConnectionTrait,
    whose: Relisting,
    rest: Duration,
) -> Result<(), Fault> {
    let now = now_millis(connection.get_database_backend());
    let (Noted { table, id: column, .. }, id) = whose.noted();
    let sql = format!(
        "UPDATE {table} SET relist_at = {now} + {} WHERE {column} = $1 AND relist_at IS NOT NULL",
        rest.as_millis()
    );
    execute(connection, "setting aside what is listed anew", sql, [id.into()]).await.map(drop)
}
