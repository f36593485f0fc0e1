use chrono::{DateTime, Utc};
use kernel::{Fault, Refusal, UserId};

use super::SecretHash;

/// What the link of a mail is for. None does another's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofPurpose {
    /// To show that mail to the address arrives.
    VerifyAddress,
    /// To choose a new password.
    ResetPassword,
}

impl ProofPurpose {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyAddress => "VERIFY_ADDRESS",
            Self::ResetPassword => "RESET_PASSWORD",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        [Self::VerifyAddress, Self::ResetPassword]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
            .ok_or_else(|| Fault::broken_rule(format!("unknown purpose of a mail's link {name}")))
    }
}

/// A link that was mailed to an account's address: whoever opens it has shown that mail to the address arrives.
#[derive(Clone, Debug)]
pub struct AddressProof {
    /// What is kept of the link's secret.
    pub token: SecretHash,
    /// Whose address.
    pub account: UserId,
    /// What it is for.
    pub purpose: ProofPurpose,
    /// When the mail was asked for.
    pub created_at: DateTime<Utc>,
    /// Until when it can be opened.
    pub expires_at: DateTime<Utc>,
    /// When it was.
    pub used_at: Option<DateTime<Utc>>,
}

impl AddressProof {
    /// Uses it up. It can be used once, in its time, for what it was made for.
    pub fn take(&mut self, purpose: ProofPurpose, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.purpose != purpose || self.used_at.is_some() || now >= self.expires_at {
            return Err(worthless_for(purpose));
        }
        self.used_at = Some(now);
        Ok(())
    }
}

/// The refusal of a link that proves nothing.
pub(crate) fn worthless() -> Refusal {
    worthless_for(ProofPurpose::VerifyAddress)
}

/// The same, for whoever wanted to do this with it.
pub(crate) fn worthless_for(purpose: ProofPurpose) -> Refusal {
    let refusal = match purpose {
        ProofPurpose::VerifyAddress => Refusal::not_found(
            "link, or it was opened before, or its time is over. Log in and ask for a new mail",
        ),
        ProofPurpose::ResetPassword => Refusal::not_found(
            "link, or it was opened before, or its time is over. Ask for a new mail and open the latest one",
        ),
    };
    refusal.with("field", "token")
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::domain::entities::Secret;

    #[test]
    fn a_link_is_good_once_in_its_time_and_for_what_it_was_made_for() {
        let at = |minutes| DateTime::UNIX_EPOCH + Duration::minutes(minutes);
        let link = || AddressProof {
            token: Secret::new([7; 32]).hash(),
            account: UserId::new(),
            purpose: ProofPurpose::ResetPassword,
            created_at: at(0),
            expires_at: at(30),
            used_at: None,
        };
        link().take(ProofPurpose::VerifyAddress, at(1)).unwrap_err();
        link().take(ProofPurpose::ResetPassword, at(30)).unwrap_err();
        let mut used = link();
        used.take(ProofPurpose::ResetPassword, at(29)).unwrap();
        used.take(ProofPurpose::ResetPassword, at(29)).unwrap_err();
        assert_eq!(used.used_at, Some(at(29)));
    }
}
