use serde::{Deserialize, Serialize};

/// The longest time for which accounts are left alone: a day, in milliseconds.
const LONGEST_LOOK: u64 = 24 * 60 * 60 * 1_000;

/// Stripe's Connect; in the environment each setting has the prefix `PAYMENTS__CONNECT__`. Until it is switched on, nothing is
/// as with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connect {
    /// Whether organizations can have accounts at Stripe.
    pub enabled: bool,
    /// Where this platform is reached from outside. It has to be set.
    pub public_url: String,
    /// Where Stripe sends owners back to after they have told it what it asks; empty for `public_url`.
    pub return_url: String,
    /// What Stripe signs the webhooks of connected accounts with, which is another secret than that of the platform's own; empty
    /// where it is the same.
    pub webhook_secret: String,
    /// The secret before that, which is still accepted while secrets are changed; empty for none.
    pub webhook_secret_before: String,
    /// How long an account is left alone at most, before it is looked whether something can be paid out, in milliseconds: up
    /// to a day. When an event becomes payable, it is looked at that time.
    pub look_ms: u64,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            enabled: false,
            public_url: String::new(),
            return_url: String::new(),
            webhook_secret: String::new(),
            webhook_secret_before: String::new(),
            look_ms: 60 * 60 * 1_000,
        }
    }
}

impl Connect {
    /// What webhooks of connected accounts may be signed with; nothing while this is switched off.
    pub(super) fn webhook_secrets(&self) -> Vec<&String> {
        if self.enabled { vec![&self.webhook_secret, &self.webhook_secret_before] } else { Vec::new() }
    }

    /// Where owners come back to.
    pub(crate) fn back(&self) -> &str {
        if self.return_url.is_empty() { &self.public_url } else { &self.return_url }
    }

    /// What is missing, by the name of its setting.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !self.enabled {
            return Ok(());
        }
        if self.public_url.is_empty() {
            return Err(("PUBLIC_URL", "it is empty; take the address at which people reach this platform"));
        }
        if !(1..=LONGEST_LOOK).contains(&self.look_ms) {
            return Err(("LOOK_MS", "it must be 1 to 86400000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_until_it_is_switched_on_and_then_knows_where_it_is() {
        let off = Connect { webhook_secret: "whsec_1".to_owned(), ..Connect::default() };
        assert!(off.check().is_ok() && off.webhook_secrets().is_empty());
        let on = Connect { enabled: true, ..off };
        assert_eq!(on.check().unwrap_err().0, "PUBLIC_URL");
        let known = Connect { public_url: "https://tickets.example".to_owned(), ..on };
        assert!(known.check().is_ok());
        assert_eq!(
            (known.back(), known.webhook_secrets()[0].as_str()),
            ("https://tickets.example", "whsec_1")
        );
        let shop = Connect { return_url: "https://shop.example".to_owned(), ..known };
        assert_eq!(shop.back(), "https://shop.example");
        for (look_ms, is_good) in [(0, false), (1, true), (LONGEST_LOOK, true), (LONGEST_LOOK + 1, false)] {
            assert_eq!(Connect { look_ms, ..shop.clone() }.check().is_ok(), is_good, "{look_ms}");
        }
    }
}
