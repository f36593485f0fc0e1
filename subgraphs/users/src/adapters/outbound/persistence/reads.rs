use std::collections::HashMap;

use async_trait::async_trait;
use contracts::users::Role;
use kernel::{EmailAddress, Fault, OrganizationId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use service::{Database, database::fault};

use super::{
    accounts::{self, profile},
    organizations::role,
    rows::{account, membership, organization},
};
use crate::domain::{
    entities::{LoginFailures, Profile, Slug},
    ports::{OrganizationView, Reads},
};

/// Lookups through SeaORM.
#[derive(Clone)]
pub struct SeaReads {
    database: Database,
}

impl SeaReads {
    /// Lookups in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Reads for SeaReads {
    async fn profile(&self, id: UserId) -> Result<Option<Profile>, Fault> {
        let row = account::Entity::find_by_id(id.uuid()).one(&self.database.reads).await;
        row.map_err(fault("reading an account"))?.map(profile).transpose()
    }

    async fn login_failures(&self, email: &EmailAddress) -> Result<LoginFailures, Fault> {
        accounts::failures(&self.database.reads, email, false).await
    }

    async fn password_hash(&self, email: &EmailAddress) -> Result<Option<String>, Fault> {
        account::Entity::find()
            .select_only()
            .column(account::Column::PasswordHash)
            .filter(account::Column::EmailNormalised.eq(email.normalised()))
            .into_tuple()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading an account"))
    }

    async fn are_fellows(&self, one: UserId, other: UserId) -> Result<bool, Fault> {
        let query = Statement::from_sql_and_values(
            self.database.reads.get_database_backend(),
            "SELECT 1 AS found FROM memberships one \
             JOIN memberships other ON other.organization_id = one.organization_id \
             WHERE one.user_id = $1 AND other.user_id = $2 \
             AND one.role IS NOT NULL AND other.role IS NOT NULL LIMIT 1",
            [one.uuid().into(), other.uuid().into()],
        );
        let row = self.database.reads.query_one_raw(query).await;
        Ok(row.map_err(fault("reading memberships"))?.is_some())
    }

    async fn organizations(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationView>, Fault> {
        let rows = organization::Entity::find()
            .filter(organization::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(&self.database.reads)
            .await
            .map_err(fault("reading organizations"))?;
        Ok(rows.into_iter().map(view).collect())
    }

    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationView>, Fault> {
        let row = organization::Entity::find()
            .filter(organization::Column::Slug.eq(slug.as_str()))
            .one(&self.database.reads)
            .await
            .map_err(fault("reading an organization"))?;
        Ok(row.map(view))
    }

    async fn role(&self, organization: OrganizationId, user: UserId) -> Result<Option<Role>, Fault> {
        let row = membership::Entity::find_by_id((organization.uuid(), user.uuid()))
            .one(&self.database.reads)
            .await
            .map_err(fault("reading a membership"))?;
        row.and_then(|row| row.role).as_deref().map(role).transpose()
    }

    async fn members(&self, organization: OrganizationId) -> Result<Vec<(Profile, Role)>, Fault> {
        let reading = fault("reading members");
        let memberships = membership::Entity::find()
            .filter(membership::Column::OrganizationId.eq(organization.uuid()))
            .filter(membership::Column::Role.is_not_null())
            .order_by_asc(membership::Column::Since)
            .order_by_asc(membership::Column::UserId)
            .all(&self.database.reads)
            .await
            .map_err(&reading)?;
        let ids = memberships.iter().map(|row| row.user_id);
        let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids));
        let accounts = accounts.all(&self.database.reads).await.map_err(&reading)?;
        let mut accounts: HashMap<_, _> = accounts.into_iter().map(|row| (row.id, row)).collect();
        memberships
            .into_iter()
            .filter_map(|row| Some((accounts.remove(&row.user_id)?, row.role?)))
            .map(|(account, name)| Ok((profile(account)?, role(&name)?)))
            .collect()
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<(OrganizationView, Role)>, Fault> {
        let reading = fault("reading memberships");
        let rows = membership::Entity::find()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .filter(membership::Column::Role.is_not_null())
            .all(&self.database.reads)
            .await
            .map_err(&reading)?;
        let roles: HashMap<_, _> = rows.into_iter().map(|row| (row.organization_id, row.role)).collect();
        let organizations = organization::Entity::find()
            .filter(organization::Column::Id.is_in(roles.keys().copied()))
            .order_by_asc(organization::Column::Name)
            .order_by_asc(organization::Column::Id)
            .all(&self.database.reads)
            .await
            .map_err(&reading)?;
        organizations
            .into_iter()
            .filter_map(|row| roles.get(&row.id).cloned().flatten().map(|name| (row, name)))
            .map(|(row, name)| Ok((view(row), role(&name)?)))
            .collect()
    }
}

fn view(row: organization::Model) -> OrganizationView {
    OrganizationView { id: OrganizationId::from_uuid(row.id), slug: row.slug, name: row.name }
}
