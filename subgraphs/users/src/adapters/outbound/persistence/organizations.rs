//! Organizations and their members.

use contracts::{settings::OrganizationSettings, users::Role};
use kernel::{Fault, OrganizationId, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select, TryInsertResult,
    sea_query::{Expr, OnConflict},
};
use service::database::fault;

use super::rows::{membership, organization};
use crate::domain::entities::{Founding, Membership, Organization, OrganizationSnapshot, Slug};

pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: OrganizationId,
) -> Result<Option<Organization>, Fault> {
    load(connection, organization::Entity::find_by_id(id.uuid())).await
}

pub(super) async fn by_founding(
    connection: &impl ConnectionTrait,
    founder: UserId,
    key: &str,
) -> Result<Option<Organization>, Fault> {
    let query = organization::Entity::find()
        .filter(organization::Column::FounderId.eq(founder.uuid()))
        .filter(organization::Column::IdempotencyKey.eq(key));
    load(connection, query).await
}

/// False when another has the slug, or the founder's idempotency key.
pub(super) async fn add(
    connection: &impl ConnectionTrait,
    organization: &Organization,
) -> Result<bool, Fault> {
    let state = organization.state();
    let row = organization::ActiveModel {
        id: Set(state.id.uuid()),
        slug: Set(state.slug.as_str().to_owned()),
        name: Set(state.name.clone()),
        version: Set(state.version),
        created_at: Set(to_millis(state.created_at)),
        founder_id: Set(state.founding.founder.uuid()),
        idempotency_key: Set(state.founding.idempotency_key.clone()),
        founded_with: Set(state.founding.asked.clone()),
        settings: Set(None),
        settings_version: Set(state.settings_version),
    };
    let insert = organization::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(connection)
        .await
        .map_err(fault("adding an organization"))?;
    Ok(matches!(insert, TryInsertResult::Inserted(1)))
}

/// Saves name and settings.
pub(super) async fn save(
    connection: &impl ConnectionTrait,
    organization: &Organization,
) -> Result<(), Fault> {
    let state = organization.state();
    let row = organization::ActiveModel {
        id: Unchanged(state.id.uuid()),
        name: Set(state.name.clone()),
        version: Set(state.version),
        settings: Set(written(state)?),
        settings_version: Set(state.settings_version),
        ..organization::ActiveModel::default()
    };
    let update = organization::Entity::update(row);
    update.exec(connection).await.map(drop).map_err(fault("saving an organization"))
}

/// What the column keeps: nothing as long as nobody has changed the settings.
fn written(state: &OrganizationSnapshot) -> Result<Option<String>, Fault> {
    let settings = (state.settings_version > 0).then(|| serde_json::to_string(&state.settings));
    settings.transpose().map_err(|cause| Fault::new("writing settings", cause))
}

/// The settings that a column keeps.
pub(super) fn settings(column: Option<&str>) -> Result<OrganizationSettings, Fault> {
    let settings = column.map(serde_json::from_str).transpose();
    Ok(settings.map_err(|cause| Fault::new("reading settings", cause))?.unwrap_or_default())
}

/// Forgets by which idempotency key it was founded.
pub(super) async fn release_key(connection: &impl ConnectionTrait, id: OrganizationId) -> Result<(), Fault> {
    let update = organization::Entity::update_many()
        .filter(organization::Column::Id.eq(id.uuid()))
        .col_expr(organization::Column::IdempotencyKey, Expr::value(None::<String>));
    update.exec(connection).await.map(drop).map_err(fault("forgetting an idempotency key"))
}

pub(super) async fn save_members(
    connection: &impl ConnectionTrait,
    id: OrganizationId,
    changed: Vec<(UserId, Membership)>,
) -> Result<(), Fault> {
    for (user, now) in changed {
        let row = membership::ActiveModel {
            organization_id: Set(id.uuid()),
            user_id: Set(user.uuid()),
            role: Set(now.role.map(|role| role.as_str().to_owned())),
            version: Set(now.version),
            since: Set(to_millis(now.since)),
        };
        let update = OnConflict::columns([membership::Column::OrganizationId, membership::Column::UserId])
            .update_columns([
                membership::Column::Role,
                membership::Column::Version,
                membership::Column::Since,
            ])
            .to_owned();
        let upsert = membership::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
        upsert.await.map_err(fault("saving a membership"))?;
    }
    Ok(())
}

/// What a column says.
pub(super) fn role(name: &str) -> Result<Role, Fault> {
    Role::from_name(name).ok_or_else(|| Fault::broken_rule(format!("unknown role {name}")))
}

async fn load(
    connection: &impl ConnectionTrait,
    query: Select<organization::Entity>,
) -> Result<Option<Organization>, Fault> {
    let reading = fault("reading an organization");
    let Some(row) = query.lock_exclusive().one(connection).await.map_err(&reading)? else {
        return Ok(None);
    };
    let members = membership::Entity::find().filter(membership::Column::OrganizationId.eq(row.id));
    let members = members.all(connection).await.map_err(&reading)?.into_iter().map(|member| {
        let role = member.role.as_deref().map(role).transpose()?;
        let membership = Membership { role, version: member.version, since: from_millis(member.since) };
        Ok((UserId::from_uuid(member.user_id), membership))
    });
    let slug = Slug::parse("slug", &row.slug);
    Ok(Some(Organization::restore(OrganizationSnapshot {
        id: OrganizationId::from_uuid(row.id),
        slug: slug.map_err(|_| Fault::broken_rule(format!("the organization {} has a bad slug", row.id)))?,
        name: row.name,
        version: row.version,
        created_at: from_millis(row.created_at),
        founding: Founding {
            founder: UserId::from_uuid(row.founder_id),
            idempotency_key: row.idempotency_key,
            asked: row.founded_with,
        },
        settings: settings(row.settings.as_deref())?,
        settings_version: row.settings_version,
        members: members.collect::<Result<_, Fault>>()?,
    })))
}
