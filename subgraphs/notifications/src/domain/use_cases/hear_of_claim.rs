use contracts::tickets::OrderClaimed;
use kernel::Result;
use uuid::Uuid;

use super::Notifications;

impl Notifications {
    /// What a guest bought is in an account: messages about it are in that account's list from now on, and its owner is
    /// reminded and told of what comes.
    #[tracing::instrument(skip_all)]
    pub async fn hear_of_claim(&self, message: Uuid, claimed: &OrderClaimed) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.hand_order_over(claimed.order_id, claimed.from, claimed.to).await?;
        tx.commit().await
    }
}
