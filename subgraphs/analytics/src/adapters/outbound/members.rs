use std::collections::HashSet;

use async_trait::async_trait;
use contracts::users::Role;
use kernel::{Id, OrganizationId, Result, UserId};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Alias, Expr, Query},
};
use service::{Database, Memberships, database::fault};

use crate::domain::{ports::Members, use_cases::ONLY_ORGANIZERS};

/// Members as `users` told of them.
#[derive(Clone)]
pub struct KnownMembers {
    /// The copy of their roles.
    pub memberships: Memberships,
    /// Where it is, for many at once.
    pub database: Database,
}

#[async_trait]
impl Members for KnownMembers {
    async fn manages(&self, organization: OrganizationId, user: UserId) -> Result<bool> {
        Ok(self.memberships.role(organization, user).await?.is_some_and(Role::manages))
    }

    async fn require(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        self.memberships.require(organization, user, Role::manages, ONLY_ORGANIZERS).await?;
        Ok(())
    }

    async fn managed(
        &self,
        organizations: &[OrganizationId],
        users: &[UserId],
    ) -> Result<HashSet<(OrganizationId, UserId)>> {
        let [organization_id, user_id, role] = ["organization_id", "user_id", "role"].map(Alias::new);
        let query = Query::select()
            .columns([organization_id.clone(), user_id.clone(), role])
            .from(Alias::new("memberships"))
            .and_where(Expr::col(organization_id).is_in(organizations.iter().map(|id| id.uuid())))
            .and_where(Expr::col(user_id).is_in(users.iter().map(|id| id.uuid())))
            .to_owned();
        let doing = "reading memberships";
        let mut managed = HashSet::new();
        for row in self.database.reads.query_all(&query).await.map_err(fault(doing))? {
            let role: Option<String> = row.try_get("", "role").map_err(fault(doing))?;
            if role.as_deref().and_then(Role::from_name).is_some_and(Role::manages) {
                let organization = row.try_get("", "organization_id").map_err(fault(doing))?;
                let user = row.try_get("", "user_id").map_err(fault(doing))?;
                managed.insert((Id::from_uuid(organization), Id::from_uuid(user)));
            }
        }
        Ok(managed)
    }
}
