use kernel::{OrganizationId, Refusal, Result, UserId};

use crate::domain::{Users, ports::OrganizationView};

/// Whose role is to be taken away.
#[derive(Clone, Copy, Debug)]
pub struct RemoveMember {
    /// An owner, or the person.
    pub by: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// Who leaves.
    pub user: UserId,
}

impl Users {
    /// Takes a person's role away. The last owner cannot go. Asked again, nothing happens.
    pub async fn remove_member(&self, ask: RemoveMember) -> Result<OrganizationView> {
        let mut tx = self.store.begin().await?;
        let mut organization =
            tx.organization(ask.organization).await?.ok_or_else(|| Refusal::not_found("organization"))?;
        organization.dismiss(ask.by, ask.user, self.clock.now())?;
        tx.save_organization(&mut organization).await?;
        tx.commit().await?;
        Ok((&organization).into())
    }
}
