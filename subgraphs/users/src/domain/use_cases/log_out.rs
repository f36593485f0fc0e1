use kernel::Result;

use crate::domain::{Users, entities::Secret};

impl Users {
    /// Ends the session of a refresh token, and with it its access token; also by one that was used before. False when
    /// the token is none of ours.
    pub async fn log_out(&self, refresh_token: &str) -> Result<bool> {
        let Some(token) = Secret::read(refresh_token) else { return Ok(false) };
        let mut tx = self.store.begin().await?;
        let Some(mut session) = tx.session_of(&token.hash()).await? else { return Ok(false) };
        session.log_out(self.clock.now());
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(true)
    }
}
