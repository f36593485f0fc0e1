use chrono::{DateTime, Utc};
use kernel::{Refusal, UserId};

use super::SecretHash;

/// A link that was mailed to an account's address: whoever opens it has shown that mail to the address arrives.
#[derive(Clone, Debug)]
pub struct AddressProof {
    /// What is kept of the link's secret.
    pub token: SecretHash,
    /// Whose address.
    pub account: UserId,
    /// When the mail was asked for.
    pub created_at: DateTime<Utc>,
    /// Until when it can be opened.
    pub expires_at: DateTime<Utc>,
    /// When it was.
    pub used_at: Option<DateTime<Utc>>,
}

impl AddressProof {
    /// Uses it up. It can be used once, in its time.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.used_at.is_some() || now >= self.expires_at {
            return Err(worthless());
        }
        self.used_at = Some(now);
        Ok(())
    }
}

/// The refusal of a link that proves nothing.
pub(crate) fn worthless() -> Refusal {
    Refusal::not_found("link, or it was opened before, or its time is over. Log in and ask for a new mail")
        .with("field", "token")
}
