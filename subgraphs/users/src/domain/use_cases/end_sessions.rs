use std::collections::HashMap;

use kernel::{Fault, Refusal, Result, SessionId, UserId};

use crate::domain::{Users, entities::AddressChange, ports::SessionView};

impl Users {
    /// The sessions of these people that can still be used, of whom was there last first. For themselves only.
    pub async fn sessions(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<SessionView>>, Fault> {
        self.reads.sessions(of, self.clock.now()).await
    }

    /// The changes of these people's addresses that wait for somebody's agreement. For themselves only.
    pub async fn email_changes(&self, of: &[UserId]) -> Result<HashMap<UserId, AddressChange>, Fault> {
        self.reads.address_changes(of, self.clock.now()).await
    }

    /// Ends one of one's own sessions, as logging out there does. Also one that has ended.
    pub async fn revoke_session(&self, user: UserId, session: SessionId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let session = tx.session(session).await?.filter(|session| session.state().account == user);
        let mut session = session.ok_or_else(|| Refusal::not_found("session of yours"))?;
        session.log_out(self.clock.now());
        tx.save_session(&session).await?;
        Ok(tx.commit().await?)
    }

    /// Ends all of one's own sessions but this one; returns how many.
    pub async fn revoke_other_sessions(&self, user: UserId, but: SessionId) -> Result<usize> {
        let mut tx = self.store.begin().await?;
        let ended = tx.end_sessions(user, Some(but), self.clock.now()).await?;
        tx.commit().await?;
        Ok(ended)
    }
}
