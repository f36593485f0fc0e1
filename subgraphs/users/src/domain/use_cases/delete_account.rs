use kernel::{Refusal, Result};
use saga::Running;

use super::{Oneself, run_erasure::ErasureStage};
use crate::domain::{
    Users,
    sagas::erasure::{self, Erasure},
};

impl Users {
    /// Ends the account of somebody who shows the password. From now on nobody gets into it, and its address is free for a new
    /// one; an erasure begins, by which every service forgets the person. What was sold stays in the books. An organization
    /// keeps an owner: the last one stays until there is another.
    #[tracing::instrument(skip_all)]
    pub async fn delete_account(&self, who: Oneself) -> Result<()> {
        let user = who.user;
        let profile = self.reads.profiles(&[user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        profile.require_registered()?;
        self.require_owner(&who, "password").await?;
        let mut roles = self.reads.memberships(&[user]).await?.remove(&user).unwrap_or_default();
        roles.sort_by_key(|(organization, _)| organization.id);

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        tx.open_address_change(user).await?;
        tx.open_sessions(user).await?;
        for (organization, _) in roles {
            let Some(mut organization) = tx.organization(organization.id).await? else { continue };
            organization.dismiss(user, user, now)?;
            tx.save_organization(&mut organization).await?;
        }
        let mut account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let began_at = tx.database_now().await?;
        let mut erasure = Running::<Erasure>::new(erasure::saga_of(user), user.uuid(), None, began_at);
        let mut stage = ErasureStage::of(&mut *tx, &mut account, began_at);
        erasure.begin(&mut stage).await?;
        let counted = stage.counted;
        tx.save_account(&mut account).await?;
        tx.save_erasure(&erasure).await?;
        tx.commit().await?;
        for counter in counted {
            counter.increment(1);
        }
        Ok(())
    }
}
