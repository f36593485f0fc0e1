use kernel::{Fault, Result};

use super::LoggedIn;
use crate::domain::{
    Users,
    entities::{EndReason, RefreshToken, unknown_token},
};

impl Users {
    /// Changes a refresh token for a new one and a new access token. A token that was used before ends
    /// its session.
    #[tracing::instrument(skip_all)]
    pub async fn refresh_session(&self, refresh_token: &str) -> Result<LoggedIn> {
        let presented = RefreshToken::parse(refresh_token)?;
        let next = RefreshToken::new(rand::random());

        let mut tx = self.store.begin().await?;
        let mut session = tx.session_of(&presented.hash()).await?.ok_or_else(unknown_token)?;
        let outcome = session.rotate(&next, self.clock.now(), self.rules.refresh_lifetime);
        tx.save_session(&session).await?;
        let account = tx.account(session.state().account).await?;
        tx.commit().await?;

        if let Err(refusal) = outcome {
            if session.state().ended.is_some_and(|(_, reason)| reason == EndReason::TokenReused) {
                metrics::counter!("users_refresh_tokens_reused_total").increment(1);
                tracing::warn!(session = %session.state().id, "a refresh token was reused; its session is ended");
            }
            return Err(refusal.into());
        }
        let account = account.ok_or_else(|| Fault::broken_rule("a session has no account"))?;
        self.logged_in(account.profile().clone(), &session, &next).await
    }
}
