//! On which terms organizations sell, as `users` told it, and how far is told what their tickets are listed for since.

use std::{collections::HashMap, sync::Arc, time::Duration};

use contracts::settings::{OrganizationSettings, OrganizationSettingsChanged};
use kernel::{EventId, Fault, OrganizationId, TicketTypeId};
use sea_orm::ConnectionTrait;
use service::database::{for_update, now_millis};

use super::{
    catalogue,
    sql::{Row, all, execute, json, millis_or_null, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::{KnownEvent, TicketType},
    ports::Relisted,
};

/// From where the settings of an event's organization are read, beside the event `e`; nothing where none were told.
pub(super) const OF_EVENT: &str =
    "LEFT JOIN organization_settings s ON s.organization_id = e.organization_id";
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

/// The next ticket types of an organization whose prices are listed anew, of events that are not over; noted as told with the
/// commit. Its settings are locked.
pub(super) async fn relist(tx: &SeaTx, limit: u64) -> Result<Option<Relisted>, Fault> {
    let doing = "reading what is listed anew";
    let backend = tx.transaction.get_database_backend();
    let (lock, now) = (for_update(backend), now_millis(backend));
    let sql = format!(
        "SELECT organization_id, relisted_through FROM organization_settings WHERE relist_at <= {now} \
         ORDER BY relist_at, organization_id LIMIT 1{lock}"
    );
    let found = one(&tx.transaction, doing, sql, [], |row| {
        let through: Option<uuid::Uuid> = row.get("relisted_through")?;
        Ok((row.id("organization_id")?, through.unwrap_or_default()))
    });
    let Some((organization, through)) = found.await? else { return Ok(None) };
    Ok(Some(Relisted { organization, types: next(tx, organization, through, limit).await }))
}

/// The next ticket types of an organization, with their events.
async fn next(
    tx: &SeaTx,
    organization: OrganizationId,
    through: uuid::Uuid,
    limit: u64,
) -> Result<Vec<(KnownEvent, TicketType)>, Fault> {
    let now = now_millis(tx.transaction.get_database_backend());
    let sql = format!(
        "SELECT t.id, t.event_id FROM ticket_types t JOIN events e ON e.id = t.event_id \
         WHERE e.organization_id = $1 AND e.ends_at > {now} AND t.id > $2 ORDER BY t.id LIMIT {limit}"
    );
    let values = [organization.uuid().into(), through.into()];
    let read = |row: &Row| Ok((row.id("id")?, row.id("event_id")?));
    let next: Vec<(TicketTypeId, EventId)> =
        all(&tx.transaction, "reading what is listed anew", sql, values, read).await?;
    let (types, events): (Vec<TicketTypeId>, Vec<EventId>) = next.into_iter().unzip();
    note(tx, organization, types.last().copied()).await?;
    let known = catalogue::events(&tx.transaction, &events).await?;
    let known: HashMap<EventId, KnownEvent> = known.into_iter().map(|event| (event.id, event)).collect();
    let types = catalogue::ticket_types(&tx.transaction, "id", &types).await?;
    let with_event = |of: TicketType| Some((known.get(&of.state().event)?.clone(), of));
    Ok(types.into_iter().filter_map(with_event).collect())
}

/// They are told up to this one; all of them when none is named.
async fn note(tx: &SeaTx, organization: OrganizationId, through: Option<TicketTypeId>) -> Result<(), Fault> {
    let sql = "UPDATE organization_settings SET relisted_through = $1, \
               relist_at = CASE WHEN $2 THEN NULL ELSE relist_at END WHERE organization_id = $3";
    let values = [through.map(kernel::Id::uuid).into(), through.is_none().into(), organization.uuid().into()];
    execute(&tx.transaction, "noting what is listed anew", sql, values).await.map(drop)
}

/// Lets an organization wait before it is looked at again.
pub(super) async fn set_aside(
    connection: &impl ConnectionTrait,
    organization: OrganizationId,
    rest: Duration,
) -> Result<(), Fault> {
    let now = now_millis(connection.get_database_backend());
    let sql = format!(
        "UPDATE organization_settings SET relist_at = {now} + {} WHERE organization_id = $1 AND relist_at IS NOT NULL",
        rest.as_millis()
    );
    execute(connection, "setting an organization aside", sql, [organization.uuid().into()]).await.map(drop)
}
