//! What users told of organizations, kept: names, how they present themselves, and who manages them.

use std::collections::HashMap;

use contracts::{
    settings::{Branding, OrganizationSettingsChanged},
    users::OrganizationChanged,
};
use kernel::{Fault, OrganizationId, Result, UserId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use service::database::{
    fault,
    lists::{among_ids, ids},
};

use super::facts::{language_of, preferences};
use crate::domain::entities::{Account, Organizer, Reader};

pub(super) async fn note_name(
    connection: &impl ConnectionTrait,
    told: &OrganizationChanged,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO organizations (organization_id, name_version, name, settings_version) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (organization_id) DO UPDATE SET name_version = excluded.name_version, name = excluded.name \
         WHERE organizations.name_version < excluded.name_version",
        [told.organization_id.uuid().into(), told.version.into(), told.name.as_str().into()],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting how an organization is called"))?;
    Ok(())
}

pub(super) async fn note_settings(
    connection: &impl ConnectionTrait,
    told: &OrganizationSettingsChanged,
) -> Result<(), Fault> {
    let Branding { colour, website, support_email } = &told.settings.branding;
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO organizations (organization_id, name_version, settings_version, colour, website, support_email) \
         VALUES ($1, 0, $2, $3, $4, $5) ON CONFLICT (organization_id) DO UPDATE SET \
         settings_version = excluded.settings_version, colour = excluded.colour, website = excluded.website, \
         support_email = excluded.support_email WHERE organizations.settings_version < excluded.settings_version",
        [
            told.organization_id.uuid().into(),
            told.version.into(),
            colour.clone().into(),
            website.clone().into(),
            support_email.clone().into(),
        ],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting how an organization presents itself"))?;
    Ok(())
}

/// How those of these organizations present themselves that do, in one statement however many they are.
pub(super) async fn organizers(
    connection: &impl ConnectionTrait,
    organizations: &[OrganizationId],
) -> Result<HashMap<OrganizationId, Organizer>, Fault> {
    let doing = "reading how organizations present themselves";
    let backend = connection.get_database_backend();
    let query = format!(
        "SELECT organization_id, name, colour, website, support_email FROM organizations WHERE {}",
        among_ids(backend, "organization_id", 1, organizations)
    );
    let query = Statement::from_sql_and_values(backend, query, [ids(backend, organizations)]);
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    let presented = rows.iter().filter_map(|row| {
        let organizer = organizer_of(row, ["name", "colour", "website", "support_email"]).transpose()?;
        let id = row.try_get("", "organization_id").map(OrganizationId::from_uuid);
        Some(id.and_then(|id| Ok((id, organizer?))))
    });
    presented.collect::<Result<_, _>>().map_err(fault(doing))
}

/// The organizer of a row, whose columns these are.
pub(super) fn organizer_of(row: &QueryResult, columns: [&str; 4]) -> Result<Option<Organizer>, DbErr> {
    let [name, colour, website, support_email] = columns;
    let branding = Branding {
        colour: row.try_get("", colour)?,
        website: row.try_get("", website)?,
        support_email: row.try_get("", support_email)?,
    };
    Ok(Organizer::presented(row.try_get("", name)?, branding))
}

/// Whoever manages an organization, and what they chose, in two statements however many they are; nobody who was erased.
pub(super) async fn managers(
    connection: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Reader>> {
    let doing = "reading who manages an organization";
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT a.user_id, a.email, a.phone, a.name, a.locale, a.email_verified FROM memberships m JOIN accounts a ON a.user_id = m.user_id \
         WHERE m.organization_id = $1 AND m.role IN ('OWNER', 'MANAGER') AND NOT a.erased ORDER BY a.user_id",
        [organization.uuid().into()],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    let accounts = rows.iter().map(|row| {
        Ok(Account {
            user_id: UserId::from_uuid(row.try_get("", "user_id")?),
            email: row.try_get("", "email")?,
            phone: row.try_get("", "phone")?,
            name: row.try_get("", "name")?,
            language: language_of(row.try_get::<Option<String>>("", "locale")?.as_deref()),
            verified: row.try_get("", "email_verified")?,
            guest: false, // they have a role
            erased: false,
        })
    });
    let accounts = accounts.collect::<Result<Vec<_>, DbErr>>().map_err(fault(doing))?;
    let people: Vec<_> = accounts.iter().map(|account| account.user_id).collect();
    let mut chosen = preferences(connection, &people).await?;
    let reader = |account: Account| {
        let preferences = chosen.remove(&account.user_id).unwrap_or_default();
        Reader { user_id: account.user_id, account: Some(account), preferences }
    };
    Ok(accounts.into_iter().map(reader).collect())
}
