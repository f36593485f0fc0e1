use std::collections::HashMap;

use kernel::{Fault, Refusal, Result, SecondFactorId, SessionId, UserId};

use super::Proof;
use crate::domain::{
    Users,
    entities::sign_in::{FactorKind, RecoveryCode, SecondFactor},
};

/// A second factor that was added.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// Which.
    pub factor: SecondFactor,
    /// With the first: codes for the day when nothing else is at hand. They are shown once.
    pub recovery_codes: Vec<String>,
}

pub(super) fn enrolled(factor: SecondFactor, codes: &[RecoveryCode]) -> Enrolled {
    Enrolled { factor, recovery_codes: codes.iter().map(RecoveryCode::reveal).collect() }
}

impl Users {
    /// The second factors of each of these people.
    pub async fn second_factors(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<SecondFactor>>, Fault> {
        self.reads.second_factors(of).await
    }

    /// Makes new recovery codes, which are shown once; those before are worth nothing any more.
    pub async fn renew_recovery_codes(
        &self,
        user: UserId,
        session: SessionId,
        proof: &Proof,
    ) -> Result<Vec<String>> {
        self.confirm(user, session, proof, false).await?;
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let mut factors = tx.second_factors(user).await?;
        let codes = factors.renew_recovery_codes(self.clock.now())?;
        tx.save_second_factors(&mut factors).await?;
        self.tell_of(&mut *tx, account.profile(), "RECOVERY_CODES_RENEWED").await?;
        tx.commit().await?;
        Ok(codes.iter().map(RecoveryCode::reveal).collect())
    }

    /// Takes an app or a passkey away. With the last one the password alone is enough again.
    pub async fn remove_second_factor(
        &self,
        user: UserId,
        session: SessionId,
        id: SecondFactorId,
        proof: &Proof,
    ) -> Result<()> {
        self.confirm(user, session, proof, false).await?;
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let mut factors = tx.second_factors(user).await?;
        let what = match factors.remove(id)? {
            FactorKind::Passkey => "PASSKEY_REMOVED",
            FactorKind::Totp | FactorKind::RecoveryCodes => "TOTP_REMOVED",
        };
        tx.save_second_factors(&mut factors).await?;
        self.tell_of(&mut *tx, account.profile(), what).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Refuses guests: they cannot log in again, with or without a second factor.
    pub(super) async fn require_account(&self, user: UserId) -> Result<()> {
        let profile = self.reads.profiles(&[user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        Ok(profile.require_registered()?)
    }
}
