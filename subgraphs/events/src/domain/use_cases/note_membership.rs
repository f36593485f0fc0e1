use contracts::users::MembershipChanged;
use kernel::Result;
use uuid::Uuid;

use super::Events;

impl Events {
    /// Takes note of a role that was given, changed or taken away.
    pub async fn note_membership(&self, message: Uuid, change: &MembershipChanged) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            tx.note_membership(change).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
