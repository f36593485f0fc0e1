use std::fmt::{self, Write as _};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::OrganizationId;
use sha2::Sha256;

/// Begins each text that is signed for such an address, and nothing else that this key signs.
const PURPOSE: &str = "odysseus: address of an organization's onboarding";
/// How long an address is good.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);

/// What addresses are signed with.
#[derive(Clone)]
pub struct AddressKey(Vec<u8>);

impl AddressKey {
    /// Made of a secret of this installation, which cannot be told from what is signed.
    pub fn of(secret: &str) -> Self {
        Self(
            signed(secret.as_bytes(), "odysseus: key of onboarding addresses")
                .finalize()
                .into_bytes()
                .to_vec(),
        )
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressKey")
    }
}

/// Where an owner of an organization comes to the provider's pages, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnboardingAddress {
    /// Whose account it is about.
    pub organization: OrganizationId,
    /// When it ends, in seconds since 1970.
    pub until: i64,
    /// Shows that it was given out by us.
    pub signature: String,
}

impl OnboardingAddress {
    /// The address for an organization, from `now` on.
    pub fn give_out(organization: OrganizationId, key: &AddressKey, now: DateTime<Utc>) -> Self {
        let until = (now + GOOD_FOR).timestamp();
        let signature = signed(&key.0, &text(organization, until)).finalize().into_bytes();
        Self { organization, until, signature: hex(&signature) }
    }

    /// True when it was given out by us, and its time is not over.
    pub fn is_good(&self, key: &AddressKey, now: DateTime<Utc>) -> bool {
        let Some(signature) = bytes(&self.signature) else { return false };
        let is_ours = signed(&key.0, &text(self.organization, self.until)).verify_slice(&signature).is_ok();
        is_ours && now.timestamp() < self.until
    }
}

fn text(organization: OrganizationId, until: i64) -> String {
    format!("{PURPOSE}\n{organization}\n{until}")
}

fn signed(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks_exact(2);
    (digits.remainder().is_empty() && hex.is_ascii()).then_some(())?;
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_for_a_while_for_one_organization_and_only_if_we_gave_it_out() {
        let (key, others) = (AddressKey::of("sk_test_1"), AddressKey::of("sk_test_2"));
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let address = OnboardingAddress::give_out(OrganizationId::new(), &key, now);
        assert!(address.is_good(&key, now) && !address.is_good(&others, now));
        assert!(address.is_good(&key, now + GOOD_FOR - TimeDelta::seconds(1)));
        assert!(!address.is_good(&key, now + GOOD_FOR));
        for changed in [
            OnboardingAddress { organization: OrganizationId::new(), ..address.clone() },
            OnboardingAddress { until: address.until + 1, ..address.clone() },
            OnboardingAddress { signature: String::new(), ..address.clone() },
            OnboardingAddress { signature: "ü1".to_owned(), ..address.clone() },
            OnboardingAddress { signature: format!("{}00", address.signature), ..address.clone() },
        ] {
            assert!(!changed.is_good(&key, now), "{changed:?}");
        }
    }
}
