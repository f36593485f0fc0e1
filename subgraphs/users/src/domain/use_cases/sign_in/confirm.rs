use kernel::{Refusal, Result, SessionId, UserId};

use super::{super::Oneself, Arrival, PasskeyAnswer, complete_login::show};
use crate::domain::{
    Users,
    entities::{FRESH, sign_in::TypedCode},
    reasons,
};

/// By what somebody who is logged in shows once more that it is them: one of these.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The account's password.
    pub password: Option<String>,
    /// Six digits of an app, or a recovery code.
    pub code: Option<String>,
    /// A passkey, which was asked for by `beginPasskeySignIn`.
    pub passkey: Option<PasskeyAnswer>,
    /// From where.
    pub arrival: Arrival,
}

impl Users {
    /// Refuses whoever does not show that it is them, who has this session. Wrong passwords and codes are counted as those
    /// of a login. A login a moment ago is enough where `fresh_is_enough`, for what only adds to an account's safety.
    pub(super) async fn confirm(
        &self,
        user: UserId,
        session: SessionId,
        proof: &Proof,
        fresh_is_enough: bool,
    ) -> Result<()> {
        match (&proof.password, &proof.code, &proof.passkey) {
            (Some(password), None, None) => {
                let (password, client) = (Some(password.clone()), proof.arrival.client);
                self.require_owner(&Oneself { user, session, password, client }, "password").await
            }
            (None, Some(code), None) => self.confirm_by_code(user, code, proof).await,
            (None, None, Some(passkey)) => self.confirm_by_passkey(user, passkey).await,
            (None, None, None) => {
                if fresh_is_enough && self.reads.began_after(session, user, self.clock.now() - FRESH).await? {
                    return Ok(());
                }
                let message = "must have the password, a code of your app or a recovery code, or a passkey: show that it is you";
                Err(Refusal::bad_input("password", message).because(kernel::reasons::REQUIRED).into())
            }
            _ => {
                let message = "must have one of password, code and passkey";
                Err(Refusal::bad_input("password", message).because(kernel::reasons::INCONSISTENT).into())
            }
        }
    }

    async fn confirm_by_code(&self, user: UserId, code: &str, proof: &Proof) -> Result<()> {
        let code = TypedCode::read("code", code)?;
        let profile = self.reads.profiles(&[user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        let (place, _) = self.reads.place(&profile.email, Some(user), proof.arrival.client, None).await?;
        let seals = self.vault.open().await?;
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let mut factors = tx.second_factors(account.profile().id).await?;
        let shown = show(&mut factors, &code, place.known, self.clock.now(), &*seals)?;
        tx.save_second_factors(&mut factors).await?;
        tx.commit().await?;
        if shown.is_some() {
            return Ok(());
        }
        let message = "is wrong, was used before, or its time is over; take the next one that your app shows";
        Err(Refusal::bad_input("code", message).because(reasons::CODE_WRONG).into())
    }
}
