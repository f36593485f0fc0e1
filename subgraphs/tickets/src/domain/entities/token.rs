use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kernel::{EventId, TicketId};
use sha2::{Digest as _, Sha256};
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

/// The Ed25519 keys of tickets: one signs, all of them verify, so that the one that signs can be changed while tickets of
/// the one before are in people's hands. Their public halves are published, so that a scanner verifies without a network.
#[derive(Clone)]
pub struct TicketKeys {
    signing: SigningKey,
    /// That of the key that signs is the first.
    verifying: Vec<VerifyingKey>,
}

/// The public half of a key of tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name: the thumbprint of RFC 7638.
    pub kid: String,
    /// Its 32 bytes, in base64 for addresses.
    pub x: String,
}

impl From<&VerifyingKey> for PublicKey {
    fn from(key: &VerifyingKey) -> Self {
        let x = BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes());
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self { kid: BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)), x }
    }
}

impl TicketKeys {
    /// The keys of these secrets: the first signs, and the others verify what they once signed, or are going to sign.
    pub fn from_secrets(first: &[u8; 32], others: &[[u8; 32]]) -> Self {
        let signing = SigningKey::from_bytes(first);
        let mut verifying = vec![signing.verifying_key()];
        for other in others {
            let key = SigningKey::from_bytes(other).verifying_key();
            if !verifying.contains(&key) {
                verifying.push(key);
            }
        }
        Self { signing, verifying }
    }

    /// The public halves, that of the key that signs first.
    pub fn public(&self) -> Vec<PublicKey> {
        self.verifying.iter().map(PublicKey::from).collect()
    }

    /// What the QR code holds: `ODY1.` and 100 bytes in base64: ticket, event, epoch, signature.
    pub fn sign(&self, token: TicketToken) -> String {
        let content = content(token);
        let signature = self.signature_of(&content);
        let mut bytes = content.to_vec();
        bytes.extend_from_slice(&signature.to_bytes());
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a scanned text says, if we signed it.
    pub fn verify(&self, text: &str) -> Option<TicketToken> {
        let signed = Signed::read(text)?;
        self.have_signed(&signed.content, &signed.signature).then(|| signed.token())
    }

    /// The signature of the key that signs.
    pub(super) fn signature_of(&self, content: &[u8]) -> Signature {
        self.signing.sign(content)
    }

    /// True when one of these keys has signed this.
    pub(super) fn have_signed(&self, content: &[u8], signature: &Signature) -> bool {
        self.verifying.iter().any(|key| key.verify_strict(content, signature).is_ok())
    }
}

fn content(token: TicketToken) -> [u8; CONTENT] {
    let mut content = [0; CONTENT];
    content[..16].copy_from_slice(token.ticket.uuid().as_bytes());
    content[16..32].copy_from_slice(token.event.uuid().as_bytes());
    content[32..].copy_from_slice(&token.epoch.to_be_bytes());
    content
}

/// A text as it was scanned: what it says, and what is said to be our signature.
struct Signed {
    content: [u8; CONTENT],
    signature: Signature,
}

impl Signed {
    fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim().strip_prefix(PREFIX)?).ok()?;
        let (content, signature) = bytes.split_first_chunk::<CONTENT>()?;
        Some(Self { content: *content, signature: Signature::from_slice(signature).ok()? })
    }

    fn token(&self) -> TicketToken {
        let [ticket, event] = [0, 16].map(|at| {
            let mut id = [0; 16];
            id.copy_from_slice(&self.content[at..at + 16]);
            Uuid::from_bytes(id)
        });
        let mut epoch = [0; 4];
        epoch.copy_from_slice(&self.content[32..]);
        TicketToken {
            ticket: TicketId::from_uuid(ticket),
            event: EventId::from_uuid(event),
            epoch: u32::from_be_bytes(epoch),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(seed: u8) -> TicketKeys {
        TicketKeys::from_secrets(&[seed; 32], &[])
    }

    fn token() -> TicketToken {
        TicketToken { ticket: TicketId::new(), event: EventId::new(), epoch: 1 }
    }

    #[test]
    fn a_signed_token_says_what_was_signed() {
        let (keys, token) = (keys(7), token());
        assert_eq!(keys.verify(&keys.sign(token)), Some(token));
    }

    #[test]
    fn a_token_of_another_key_is_not_ours() {
        let text = keys(7).sign(token());
        assert_eq!(keys(8).verify(&text), None);
    }

    #[test]
    fn tickets_of_the_key_before_and_of_the_key_to_come_are_ours() {
        let (token, now) = (token(), TicketKeys::from_secrets(&[7; 32], &[[6; 32], [8; 32], [7; 32]]));
        for seed in 6..=8 {
            assert_eq!(now.verify(&keys(seed).sign(token)), Some(token), "{seed}");
        }
        assert_eq!(now.verify(&keys(9).sign(token)), None);
        assert_eq!(now.sign(token), keys(7).sign(token), "the first signs");
        let public = [7, 6, 8].map(|seed| keys(seed).public().remove(0));
        assert_eq!(now.public(), public, "each once, the one that signs first");
    }

    #[test]
    fn a_keys_name_is_its_thumbprint() {
        // The key and the thumbprint of RFC 8037, appendices A.1 to A.3.
        let secret = BASE64_URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let public = TicketKeys::from_secrets(&secret.try_into().unwrap(), &[]).public().remove(0);
        assert_eq!(public.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    proptest! {
        #[test]
        fn a_token_with_one_byte_changed_is_not_ours(place in 0_usize..100, flip in 1_u8..) {
            let keys = keys(7);
            let text = keys.sign(token());
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
            bytes[place] ^= flip;
            prop_assert_eq!(keys.verify(&format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))), None);
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,300}") {
            prop_assert_eq!(keys(7).verify(&text), None);
        }
    }
}
