use kernel::{Fault, Refusal, Result};

use super::LoggedIn;
use crate::domain::{
    Users,
    entities::{EndReason, Rotation, Secret, unknown_token},
    reasons,
};

/// Through how many tokens, all used a moment ago, the one is looked for that can still be used.
const FOLLOWED: usize = 4;

impl Users {
    /// Changes a refresh token for a new one and a new access token. One that was used a moment ago gets the same new
    /// one again; one that was used before that ends its session.
    #[tracing::instrument(skip_all)]
    pub async fn refresh_session(&self, refresh_token: &str) -> Result<LoggedIn> {
        let mut shown = Secret::read(refresh_token).ok_or_else(unknown_token)?;
        let mut following = Vec::with_capacity(FOLLOWED);
        let mut last = shown.clone();
        for _ in 0..FOLLOWED {
            last = self.tokens.following(&last).await?;
            following.push(last.clone());
        }

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        for next in following {
            let mut session = tx.session_of(&shown.hash()).await?.ok_or_else(unknown_token)?;
            let account = tx.account(session.state().account).await?;
            let account = account.ok_or_else(|| Fault::broken_rule("a session has no account"))?;
            let lifetime = self.rules.refresh_lifetime_of(account.profile());
            let rotated = session.rotate(&next.hash(), now, lifetime);
            if rotated == Ok(Rotation::Repeated) {
                shown = next;
                let unused = tx.session_of(&shown.hash()).await?.and_then(|session| {
                    session.state().presented.as_ref().map(|presented| presented.used_at.is_none())
                });
                match unused {
                    Some(true) => {}
                    Some(false) => continue,
                    // The keys have changed since it was issued.
                    None => return Err(used_a_moment_ago().into()),
                }
            } else {
                tx.save_session(&session).await?;
                shown = next;
            }
            tx.commit().await?;
            if let Err(refusal) = rotated {
                if session.state().ended.is_some_and(|(_, reason)| reason == EndReason::TokenReused) {
                    metrics::counter!("users_refresh_tokens_reused_total").increment(1);
                    tracing::warn!(session = %session.state().id, "a refresh token was reused; its session is ended");
                }
                return Err(refusal.into());
            }
            return self.logged_in(account.profile().clone(), &session, &shown).await;
        }
        Err(used_a_moment_ago().into())
    }
}

fn used_a_moment_ago() -> Refusal {
    Refusal::new(
        reasons::REFRESH_TOKEN_SUPERSEDED,
        "This refresh token was used a moment ago. Go on with the one that came with the answer, or log in again.",
    )
}
