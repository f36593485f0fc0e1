mod security;
mod sign_in;

use std::{collections::HashMap, net::IpAddr};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{settings::OrganizationSettings, users::Role};
use kernel::{EmailAddress, Fault, OrganizationId, Page, PageAsk, Result, SessionId, UserId, to_millis};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, Query},
};
use service::{Database, database::fault};

use super::{
    accounts::profile,
    links, logins, members,
    organizations::{self, role},
    rows::{account, invitation, membership, organization, session},
};
use crate::domain::{
    entities::{Invitation, LoginFailures, Place, Profile, SecretHash, Slug},
    ports::{Member, OrganizationView, Reads},
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
    async fn password_hash(&self, email: &EmailAddress) -> Result<Option<(UserId, String)>, Fault> {
        let found: Option<(uuid::Uuid, String)> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .column(account::Column::PasswordHash)
            .filter(account::Column::EmailNormalised.eq(email.normalised()))
            .into_tuple()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading an account"))?;
        Ok(found.map(|(id, hash)| (UserId::from_uuid(id), hash)))
    }

    async fn place(
        &self,
        email: &EmailAddress,
        account: Option<UserId>,
        client: Option<IpAddr>,
        token: Option<&SecretHash>,
    ) -> Result<(Place, LoginFailures), Fault> {
        let place = logins::place(&self.database.reads, account, client, token).await?;
        let failures = logins::failures(&self.database.reads, email, &place, false).await?;
        Ok((place, failures))
    }

    async fn has_ended(&self, session: SessionId) -> Result<bool, Fault> {
        let row = session::Entity::find_by_id(session.uuid()).one(&self.database.reads).await;
        Ok(row.map_err(fault("reading a session"))?.is_some_and(|row| row.ended_at.is_some()))
    }

    async fn fellows(&self, viewer: UserId, people: &[UserId]) -> Result<Vec<UserId>, Fault> {
        let own = Query::select()
            .column(membership::Column::OrganizationId)
            .from(membership::Entity)
            .and_where(Expr::col(membership::Column::UserId).eq(viewer.uuid()))
            .and_where(Expr::col(membership::Column::Role).is_not_null())
            .to_owned();
        let found: Vec<uuid::Uuid> = membership::Entity::find()
            .select_only()
            .column(membership::Column::UserId)
            .distinct()
            .filter(membership::Column::UserId.is_in(people.iter().map(|id| id.uuid())))
            .filter(membership::Column::Role.is_not_null())
            .filter(membership::Column::OrganizationId.in_subquery(own))
            .into_tuple()
            .all(&self.database.reads)
            .await
            .map_err(fault("reading memberships"))?;
        Ok(found.into_iter().map(UserId::from_uuid).collect())
    }

    async fn profiles(&self, ids: &[UserId]) -> Result<Vec<Profile>, Fault> {
        let query = account::Entity::find().filter(account::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = query.all(&self.database.reads).await.map_err(fault("reading accounts"))?;
        rows.into_iter().map(profile).collect()
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

    async fn settings(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, OrganizationSettings>, Fault> {
        let rows: Vec<(uuid::Uuid, Option<String>)> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .column(organization::Column::Settings)
            .filter(organization::Column::Id.is_in(organizations.iter().map(|id| id.uuid())))
            .into_tuple()
            .all(&self.database.reads)
            .await
            .map_err(fault("reading settings"))?;
        let settings = rows.into_iter().map(|(id, column)| {
            Ok((OrganizationId::from_uuid(id), organizations::settings(column.as_deref())?))
        });
        settings.collect()
    }

    async fn roles(
        &self,
        user: UserId,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Role>, Fault> {
        let rows = membership::Entity::find()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .filter(membership::Column::OrganizationId.is_in(organizations.iter().map(|id| id.uuid())))
            .filter(membership::Column::Role.is_not_null())
            .all(&self.database.reads)
            .await
            .map_err(fault("reading memberships"))?;
        let named = rows.into_iter().filter_map(|row| Some((row.organization_id, row.role?)));
        named.map(|(id, name)| Ok((OrganizationId::from_uuid(id), role(&name)?))).collect()
    }

    async fn members(
        &self,
        organizations: &[OrganizationId],
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<Member>>> {
        members::of(&self.database, organizations, page, counted).await
    }

    async fn memberships(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<(OrganizationView, Role)>>, Fault> {
        let reading = fault("reading memberships");
        let rows: Vec<(uuid::Uuid, Option<String>, uuid::Uuid, String, String)> = membership::Entity::find()
            .select_only()
            .column(membership::Column::UserId)
            .column(membership::Column::Role)
            .column(organization::Column::Id)
            .column(organization::Column::Slug)
            .column(organization::Column::Name)
            .join(
                JoinType::InnerJoin,
                membership::Entity::belongs_to(organization::Entity)
                    .from(membership::Column::OrganizationId)
                    .to(organization::Column::Id)
                    .into(),
            )
            .filter(membership::Column::UserId.is_in(users.iter().map(|id| id.uuid())))
            .filter(membership::Column::Role.is_not_null())
            .order_by_asc(organization::Column::Name)
            .order_by_asc(organization::Column::Id)
            .into_tuple()
            .all(&self.database.reads)
            .await
            .map_err(&reading)?;
        let mut memberships: HashMap<_, Vec<_>> = HashMap::new();
        for (user, name, id, slug, title) in rows {
            let Some(name) = name else { continue };
            let view = OrganizationView { id: OrganizationId::from_uuid(id), slug, name: title };
            memberships.entry(UserId::from_uuid(user)).or_default().push((view, role(&name)?));
        }
        Ok(memberships)
    }

    async fn invitations(
        &self,
        organizations: &[OrganizationId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<OrganizationId, Vec<Invitation>>, Fault> {
        let rows = invitation::Entity::find()
            .filter(invitation::Column::OrganizationId.is_in(organizations.iter().map(|id| id.uuid())))
            .filter(invitation::Column::EndedAt.is_null())
            .filter(invitation::Column::ExpiresAt.gt(to_millis(now)))
            .order_by_desc(invitation::Column::CreatedAt)
            .order_by_desc(invitation::Column::Id)
            .all(&self.database.reads)
            .await
            .map_err(fault("reading invitations"))?;
        let mut invitations: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let invitation = links::restore(row)?;
            invitations.entry(invitation.organization).or_default().push(invitation);
        }
        Ok(invitations)
    }
}

fn view(row: organization::Model) -> OrganizationView {
    OrganizationView { id: OrganizationId::from_uuid(row.id), slug: row.slug, name: row.name }
}
