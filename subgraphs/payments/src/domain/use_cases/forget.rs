use chrono::TimeDelta;
use kernel::Result;

use super::Payments;

/// How long an idempotency key gives the same answer; clients send again for minutes, not for days.
const KEYS_KEPT: TimeDelta = TimeDelta::days(7);
/// How many are forgotten in one go.
const AT_ONCE: u64 = 1_000;

impl Payments {
    /// Forgets the idempotency keys of attempts of long ago; what became of them stays known. True when
    /// there may be more.
    pub async fn forget_old_keys(&self) -> Result<bool> {
        Ok(self.store.forget_keys(self.now().await? - KEYS_KEPT, AT_ONCE).await? == AT_ONCE)
    }
}
