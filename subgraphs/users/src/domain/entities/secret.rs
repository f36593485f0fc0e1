use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// 256 bits that nobody can guess, by which their holder is known: a refresh token, or what stands in a link that was
/// mailed. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Of these bits.
    pub fn new(bits: [u8; 32]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(bits))
    }

    /// A secret that nobody has seen.
    pub fn random() -> Self {
        Self::new(rand::random())
    }

    /// Reads what a client sent; none when it cannot be a secret of ours.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let well_formed = text.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok();
        well_formed.then(|| Self(text.to_owned()))
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// For its holder, and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a secret, which has so much randomness that this needs no salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// That of a secret in letters.
    pub(in crate::domain) fn of(text: &str) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())))
    }

    /// A hash as it was saved; for the store.
    pub fn restore(text: String) -> Self {
        Self(text)
    }

    /// As columns keep it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_is_kept_as_its_hash() {
        let secret = Secret::new([7; 32]);
        assert_eq!(secret.reveal().len(), 43);
        assert_ne!(secret.hash().as_str(), secret.reveal());
        assert_eq!(Secret::read(secret.reveal()).unwrap(), secret);
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        for text in ["", "abc", &"é".repeat(43), &"a".repeat(10_000_000)] {
            assert_eq!(Secret::read(text), None);
        }
    }
}
