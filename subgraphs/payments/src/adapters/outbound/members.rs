use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use contracts::users::Role;
use kernel::{Fault, OrganizationId, Result, UserId};
use service::Memberships;

use crate::domain::ports::{Members, Roles};

#[async_trait]
impl Members for Memberships {
    async fn managing(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashSet<(OrganizationId, UserId)>, Fault> {
        let roles = self.roles(asked).await?;
        Ok(roles.into_iter().filter(|(_, role)| role.manages()).map(|(pair, _)| pair).collect())
    }

    async fn require_manager(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        let refused = "Only an owner or a manager of the organization may read its books.";
        self.require(organization, user, Role::manages, refused).await.map(drop)
    }
}

#[async_trait]
impl Roles for Memberships {
    async fn roles_of(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault> {
        self.roles(asked).await
    }
}
