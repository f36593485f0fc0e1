use kernel::{OrganizationId, Refusal, Result, UserId};

use crate::domain::{Users, entities::OrganizationChange, ports::OrganizationView};

/// What is to change of an organization.
#[derive(Clone, Debug)]
pub struct UpdateOrganization {
    /// An owner.
    pub by: UserId,
    /// Which.
    pub organization: OrganizationId,
    /// What.
    pub change: OrganizationChange,
}

impl Users {
    /// Changes name and settings of an organization. Of two who do so at once each changes what they asked for, and
    /// nothing else. Asked again, nothing happens.
    pub async fn update_organization(&self, ask: UpdateOrganization) -> Result<OrganizationView> {
        let mut tx = self.store.begin().await?;
        let mut organization =
            tx.organization(ask.organization).await?.ok_or_else(|| Refusal::not_found("organization"))?;
        organization.change(ask.by, ask.change)?;
        tx.save_organization(&mut organization).await?;
        tx.commit().await?;
        Ok((&organization).into())
    }
}
