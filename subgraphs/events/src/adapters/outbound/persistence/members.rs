use std::collections::HashMap;

use async_trait::async_trait;
use contracts::users::Role;
use kernel::{OrganizationId, Result, UserId};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    prelude::Uuid,
    sea_query::{Alias, Expr, Query},
};
use service::{Database, Memberships, database::fault};

use crate::domain::ports::Members;

/// The service's own copy of who belongs to which organization.
pub struct CopiedMembers {
    memberships: Memberships,
    database: Database,
}

impl CopiedMembers {
    /// The copy in this database.
    pub fn new(database: Database) -> Self {
        Self { memberships: Memberships::new(database.clone()), database }
    }
}

#[async_trait]
impl Members for CopiedMembers {
    async fn require_organizer(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        let refused = "Only owners and managers of the organization may do this.";
        self.memberships.require(organization, user, Role::manages, refused).await.map(drop)
    }

    async fn roles(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>> {
        Ok(self.memberships.roles(asked).await?)
    }

    async fn is_member(&self, organization: OrganizationId, user: UserId) -> Result<bool> {
        Ok(self.memberships.role(organization, user).await?.is_some())
    }

    async fn organizations_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Vec<OrganizationId>>> {
        let query = Query::select()
            .columns([Alias::new("user_id"), Alias::new("organization_id")])
            .from(Alias::new("memberships"))
            .and_where(Expr::col(Alias::new("role")).is_not_null())
            .and_where(Expr::col(Alias::new("user_id")).is_in(users.iter().map(|user| user.uuid())))
            .to_owned();
        let doing = "reading memberships";
        let rows = self.database.reads.query_all(&query).await.map_err(fault(doing))?;
        let mut organizations: HashMap<UserId, Vec<OrganizationId>> = HashMap::new();
        for row in rows {
            let user: Uuid = row.try_get("", "user_id").map_err(fault(doing))?;
            let organization: Uuid = row.try_get("", "organization_id").map_err(fault(doing))?;
            let organization = OrganizationId::from_uuid(organization);
            organizations.entry(UserId::from_uuid(user)).or_default().push(organization);
        }
        Ok(organizations)
    }
}
