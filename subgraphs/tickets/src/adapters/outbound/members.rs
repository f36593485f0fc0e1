use std::collections::HashMap;

use async_trait::async_trait;
use contracts::users::Role;
use kernel::{Fault, OrganizationId, Result, UserId};
use service::Memberships;

use crate::domain::ports::Members;

#[async_trait]
impl Members for Memberships {
    async fn require_manager(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        let refused = "Only an owner or a manager of the organization may do this.";
        self.require(organization, user, Role::manages, refused).await.map(drop)
    }

    async fn require_doorkeeper(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        let refused = "Only members of the event's organization may check tickets in.";
        self.require(organization, user, Role::admits, refused).await.map(drop)
    }

    async fn roles(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault> {
        Memberships::roles(self, asked).await
    }
}
