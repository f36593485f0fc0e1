use kernel::Result;

use crate::domain::Users;

impl Users {
    /// Tidies up one batch of what has run out: refresh tokens, sessions, counts of failed logins. None
    /// of it has any effect any more. True when there is more.
    pub async fn forget_what_ran_out(&self) -> Result<bool> {
        let now = self.clock.now();
        Ok(self.store.forget_before(now, now - self.rules.login_limit.window).await?)
    }
}
