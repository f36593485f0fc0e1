use std::fmt;

use chrono::{DateTime, Utc};
use kernel::Fault;
use totp_rs::{Algorithm, Builder, Totp};

/// As whose code an app shows it.
const ISSUER: &str = "Odysseus";

/// What an app on a person's telephone and we both know: of it and of the time, both make the same six digits every 30
/// seconds. Kept sealed, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// Of these bits.
    pub const fn new(bits: [u8; 20]) -> Self {
        Self(bits)
    }

    /// A secret that nobody has seen.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// For sealing.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it was unsealed.
    pub fn restore(bytes: &[u8]) -> Result<Self, Fault> {
        let bits = bytes.try_into();
        bits.map(Self).map_err(|_| Fault::broken_rule("the secret of one-time codes has not 20 bytes"))
    }

    /// For people who type it into their app, and the address that an app reads as a QR code. `account` tells one entry
    /// of the app from another.
    pub fn for_the_app(&self, account: &str) -> Result<(String, String), Fault> {
        // The address has the account behind a colon.
        let totp = self.codes(&account.replace(':', " "))?;
        let uri =
            totp.to_url().map_err(|cause| Fault::new("writing an address of codes", cause.to_string()))?;
        Ok((totp.secret().to_base32(), uri))
    }

    /// In which step of 30 seconds these six digits are right: that of `now`, the one before or the one after. Nothing
    /// when they are wrong.
    pub fn step_of(&self, digits: &str, now: DateTime<Utc>) -> Result<Option<i64>, Fault> {
        let now = u64::try_from(now.timestamp()).unwrap_or_default();
        let step = self.codes("")?.check(digits, now);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// Six digits, SHA-1, 30 seconds: what the apps that there are can do.
    fn codes(&self, account: &str) -> Result<Totp, Fault> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(self.0)
            .with_account_name(account)
            .with_issuer(Some(ISSUER))
            .build()
            .map_err(|cause| Fault::new("making one-time codes", cause.to_string()))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238_in_their_step_and_the_ones_beside_it() {
        let secret = TotpSecret::new(*b"12345678901234567890");
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        for (seconds, digits) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let step = seconds / 30;
            for near in [-30, 0, 30] {
                assert_eq!(secret.step_of(digits, at(seconds + near)).unwrap(), Some(step));
            }
            assert_eq!(secret.step_of(digits, at(seconds + 90)).unwrap(), None);
        }
        assert_eq!(secret.step_of("", at(59)).unwrap(), None);
    }

    #[test]
    fn an_app_reads_whose_codes_it_shows() {
        let secret = TotpSecret::new([7; 20]);
        let (typed, uri) = secret.for_the_app("ada@example.org").unwrap();
        assert_eq!(typed.len(), 32);
        assert!(uri.starts_with("otpauth://totp/Odysseus:ada%40example.org?"), "{uri}");
        assert!(uri.contains(&typed) && uri.contains("issuer=Odysseus"), "{uri}");
        assert!(!format!("{secret:?}").contains('7'));
    }
}
