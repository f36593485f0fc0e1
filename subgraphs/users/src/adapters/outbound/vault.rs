use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Nonce, Payload},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{Fault, UserId};

use super::SigningKeys;
use crate::domain::ports::{Seals, Vault};

/// How many bytes of what is kept are the nonce.
const NONCE: usize = 12;

/// Secrets sealed by AES-256-GCM, with keys made of those that sign access tokens. What is kept names the key: those before
/// the present one unseal what they have sealed.
pub struct SealedBySigningKeys(SigningKeys);

impl SealedBySigningKeys {
    /// Sealed with keys made of these.
    pub fn new(keys: SigningKeys) -> Self {
        Self(keys)
    }
}

#[async_trait]
impl Vault for SealedBySigningKeys {
    async fn open(&self) -> Result<Arc<dyn Seals>, Fault> {
        Ok(Arc::new(Opened(self.0.loaded().await?.sealing.clone())))
    }
}

/// The keys by their names, the newest last.
struct Opened(Vec<(String, [u8; 32])>);

impl Seals for Opened {
    fn seal(&self, of: UserId, secret: &[u8]) -> Result<String, Fault> {
        let newest = self.0.last().ok_or_else(|| Fault::broken_rule("there is no key to seal with"))?;
        let nonce: [u8; NONCE] = rand::random();
        let bound = of.uuid();
        let payload = Payload { msg: secret, aad: bound.as_bytes() };
        let sealed = cipher(&newest.1)?.encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload);
        let sealed = sealed.map_err(|_| Fault::broken_rule("a secret cannot be sealed"))?;
        let kept = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{}.{}", newest.0, BASE64_URL_SAFE_NO_PAD.encode(kept)))
    }

    fn unseal(&self, of: UserId, sealed: &str) -> Result<Vec<u8>, Fault> {
        let unreadable = || Fault::broken_rule("a sealed secret cannot be read");
        let (name, kept) = sealed.split_once('.').ok_or_else(unreadable)?;
        let key = self.0.iter().find(|(known, _)| known == name).ok_or_else(|| {
            Fault::broken_rule(format!(
                "a secret was sealed with the signing key {name}, which is not there any more: \
                 USERS__SIGNING_KEY_FILES_BEFORE is to name its file"
            ))
        })?;
        let kept = BASE64_URL_SAFE_NO_PAD.decode(kept).map_err(|_| unreadable())?;
        let (nonce, sealed) = kept.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let bound = of.uuid();
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        cipher(&key.1)?.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload).map_err(|_| unreadable())
    }
}

fn cipher(key: &[u8; 32]) -> Result<Aes256Gcm, Fault> {
    Aes256Gcm::new_from_slice(key).map_err(|_| Fault::broken_rule("a key to seal with has not 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_read_again_for_its_account_only_and_by_the_key_that_sealed_it() {
        let (ada, eve) = (UserId::new(), UserId::new());
        let before = Opened(vec![("one".to_owned(), [1; 32])]);
        let sealed = before.seal(ada, b"secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, before.seal(ada, b"secret").unwrap(), "a nonce is used once");
        let now = Opened(vec![("one".to_owned(), [1; 32]), ("two".to_owned(), [2; 32])]);
        assert_eq!(now.unseal(ada, &sealed).unwrap(), b"secret");
        assert!(now.seal(ada, b"secret").unwrap().starts_with("two."));
        now.unseal(eve, &sealed).unwrap_err();
        let without = Opened(vec![("two".to_owned(), [2; 32])]);
        assert!(
            without.unseal(ada, &sealed).unwrap_err().chain().contains("USERS__SIGNING_KEY_FILES_BEFORE")
        );
        for broken in ["", "one", "one.", "one.AAAA", &format!("{sealed}A")] {
            now.unseal(ada, broken).unwrap_err();
        }
    }
}
