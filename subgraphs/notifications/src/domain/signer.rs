//! Signs what stands in links that work without logging in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::NotificationId;
use sha2::Sha256;

/// So much of a signature is kept: 128 bits, of which nobody guesses one.
const SIGNATURE: usize = 16;

/// Signs the ids of mails for their links, and reads what it has signed.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// With this key.
    pub fn new(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// A token that names a mail and tells nothing of its reader.
    pub fn sign(&self, mail: NotificationId) -> String {
        let mut signed = mail.uuid().as_bytes().to_vec();
        signed.extend_from_slice(&self.signature(mail));
        URL_SAFE_NO_PAD.encode(signed)
    }

    /// The mail of a token that was signed here.
    pub fn read(&self, token: &str) -> Option<NotificationId> {
        let signed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, signature) = signed.split_at_checked(16)?;
        let mail = NotificationId::from_uuid(uuid::Uuid::from_slice(id).ok()?);
        if signature.len() != SIGNATURE {
            return None;
        }
        let mut mac = self.0.clone();
        mac.update(mail.uuid().as_bytes());
        mac.verify_truncated_left(signature).ok().map(|()| mail)
    }

    fn signature(&self, mail: NotificationId) -> Vec<u8> {
        let mut mac = self.0.clone();
        mac.update(mail.uuid().as_bytes());
        mac.finalize().into_bytes().iter().copied().take(SIGNATURE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_mail_and_no_other_can_be_made_of_it() {
        let signer = Signer::new(b"a key").unwrap();
        let mail = NotificationId::new();
        let token = signer.sign(mail);
        assert_eq!(signer.read(&token), Some(mail));
        assert_eq!(Signer::new(b"another key").unwrap().read(&token), None);
        let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(signer.read(&URL_SAFE_NO_PAD.encode(&bytes)), None, "{at}");
            bytes[at] ^= 1;
        }
        for wrong in ["", "abc", "%%%", &token[..token.len() - 4], &format!("{token}AAAA")] {
            assert_eq!(signer.read(wrong), None, "{wrong}");
        }
    }
}
