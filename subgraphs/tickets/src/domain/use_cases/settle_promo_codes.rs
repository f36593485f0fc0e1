use kernel::Result;

use super::Tickets;

/// How many redemptions are settled in one go.
const AT_ONCE: u64 = 500;

impl Tickets {
    /// Counts redemptions of promo codes that have come to their end, so that they need not be looked for any more. Nobody
    /// depends on when it is done. True when there may be more.
    pub async fn settle_promo_codes(&self) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let settled = tx.settle_promo_codes(AT_ONCE).await?;
        if settled > 0 {
            tx.commit().await?;
        }
        Ok(settled == AT_ONCE)
    }
}
