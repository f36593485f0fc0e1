use contracts::users::Role;
use kernel::{EmailAddress, OrganizationId, Refusal, Result, UserId};

use crate::domain::{Users, ports::OrganizationView};

/// Who is to get which role.
#[derive(Clone, Debug)]
pub struct InviteMember {
    /// An owner.
    pub by: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// The address of an account.
    pub email: String,
    /// What that person may do from now on.
    pub role: Role,
}

impl Users {
    /// Gives the person with this address a role, at once; another role when they have one already.
    /// Asked again, nothing happens.
    pub async fn invite_member(&self, ask: InviteMember) -> Result<OrganizationView> {
        let email = EmailAddress::parse("email", &ask.email)?;
        let mut tx = self.store.begin().await?;
        let mut organization =
            tx.organization(ask.organization).await?.ok_or_else(|| Refusal::not_found("organization"))?;
        organization.require_owner(ask.by)?;
        let account = tx.account_by_email(&email).await?.ok_or_else(|| {
            Refusal::not_found("account with this e-mail address. Ask the person to register first")
                .with("field", "email")
        })?;
        organization.admit(ask.by, account.profile().id, ask.role, self.clock.now())?;
        tx.save_organization(&mut organization).await?;
        tx.commit().await?;
        Ok((&organization).into())
    }
}
