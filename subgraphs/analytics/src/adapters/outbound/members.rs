use async_trait::async_trait;
use contracts::users::Role;
use kernel::{OrganizationId, Result, UserId};
use service::Memberships;

use crate::domain::ports::Members;

/// Members as `users` told of them.
#[derive(Clone)]
pub struct KnownMembers {
    /// The copy of their roles.
    pub memberships: Memberships,
}

#[async_trait]
impl Members for KnownMembers {
    async fn manages(&self, organization: OrganizationId, user: UserId) -> Result<bool> {
        Ok(self.memberships.role(organization, user).await?.is_some_and(Role::manages))
    }

    async fn require(&self, organization: OrganizationId, user: UserId) -> Result<()> {
        let refused = "Sales can be read by owners and managers of the organization only.";
        self.memberships.require(organization, user, Role::manages, refused).await?;
        Ok(())
    }
}
