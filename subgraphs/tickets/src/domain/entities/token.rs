use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kernel::{EventId, TicketId};
use uuid::Uuid;

/// What stands before a token, so that a scanner knows it and later forms can differ.
const PREFIX: &str = "ODY1.";
const CONTENT: usize = 16 + 16 + 4;

/// What a ticket's QR code says: which ticket, to which event, which issue of its code. No personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketToken {
    /// Which ticket.
    pub ticket: TicketId,
    /// To which event.
    pub event: EventId,
    /// Which issue of its code.
    pub epoch: u32,
}

/// The Ed25519 key that signs tickets. Its public half is published, so that a scanner verifies without
/// a network.
#[derive(Clone)]
pub struct TicketKeys(SigningKey);

impl TicketKeys {
    /// The keys of this secret.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half, in base64 for addresses.
    pub fn public(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes())
    }

    /// What the QR code holds: `ODY1.` and 100 bytes in base64: ticket, event, epoch, signature.
    pub fn sign(&self, token: TicketToken) -> String {
        let content = content(token);
        let signature = self.0.sign(&content);
        let mut bytes = content.to_vec();
        bytes.extend_from_slice(&signature.to_bytes());
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a scanned text says, if we signed it.
    pub fn verify(&self, text: &str) -> Option<TicketToken> {
        verify(&self.0.verifying_key(), text)
    }
}

fn content(token: TicketToken) -> [u8; CONTENT] {
    let mut content = [0; CONTENT];
    content[..16].copy_from_slice(token.ticket.uuid().as_bytes());
    content[16..32].copy_from_slice(token.event.uuid().as_bytes());
    content[32..].copy_from_slice(&token.epoch.to_be_bytes());
    content
}

fn verify(key: &VerifyingKey, text: &str) -> Option<TicketToken> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim().strip_prefix(PREFIX)?).ok()?;
    let (content, signature) = bytes.split_at_checked(CONTENT)?;
    key.verify_strict(content, &Signature::from_slice(signature).ok()?).ok()?;
    Some(TicketToken {
        ticket: TicketId::from_uuid(Uuid::from_slice(&content[..16]).ok()?),
        event: EventId::from_uuid(Uuid::from_slice(&content[16..32]).ok()?),
        epoch: u32::from_be_bytes(content[32..].try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> TicketToken {
        TicketToken { ticket: TicketId::new(), event: EventId::new(), epoch: 1 }
    }

    #[test]
    fn a_signed_token_says_what_was_signed() {
        let (keys, token) = (TicketKeys::from_secret(&[7; 32]), token());
        assert_eq!(keys.verify(&keys.sign(token)), Some(token));
    }

    #[test]
    fn a_token_of_another_key_is_not_ours() {
        let text = TicketKeys::from_secret(&[7; 32]).sign(token());
        assert_eq!(TicketKeys::from_secret(&[8; 32]).verify(&text), None);
    }

    proptest! {
        #[test]
        fn a_token_with_one_byte_changed_is_not_ours(place in 0_usize..100, flip in 1_u8..) {
            let keys = TicketKeys::from_secret(&[7; 32]);
            let text = keys.sign(token());
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
            bytes[place] ^= flip;
            prop_assert_eq!(keys.verify(&format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))), None);
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,300}") {
            prop_assert_eq!(TicketKeys::from_secret(&[7; 32]).verify(&text), None);
        }
    }
}
