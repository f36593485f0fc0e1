//! Which secrets belong to which provider: with the wrong ones anybody could tell us that they have paid.

/// What payments may talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// Stripe itself, where money is real or might be.
    Stripe,
    /// Something that stands in for it, such as the sandbox.
    StandIn,
}

/// What is in our files for everybody to read.
const DEMONSTRATIONS: [&str; 3] = ["demonstration", "sk_test_odysseus", "whsec_unused"];
/// What Stripe's keys for real money begin with.
const LIVE: [&str; 2] = ["sk_live_", "rk_live_"];
/// What the publishable keys of stand-ins begin with, so that whoever reads one knows.
const STAND_IN: &str = "pk_sandbox_";

impl Provider {
    /// Whoever is at this address. Stripe is never spoken to in clear; a stand-in has no certificate.
    pub(super) fn at(url: &str) -> Self {
        let url = url.trim().to_ascii_lowercase();
        match url.strip_prefix("http://") {
            Some(rest) => {
                let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
                let host = host.trim_end_matches('.');
                let is_stripe = host == "stripe.com" || host.ends_with(".stripe.com");
                if is_stripe { Self::Stripe } else { Self::StandIn }
            }
            None => Self::Stripe,
        }
    }

    /// What is wrong with one of the secrets here, if anything.
    pub(super) fn takes(self, secret: &str) -> Result<(), &'static str> {
        match self {
            Self::Stripe if DEMONSTRATIONS.iter().any(|known| secret.contains(known)) => {
                Err("it is one of the demonstration, which everybody knows; take that of your Stripe account")
            }
            Self::StandIn if LIVE.iter().any(|live| secret.starts_with(live)) => Err(
                "it is a live key, but PAYMENTS__STRIPE_URL is that of a stand-in; take a test key, or https://api.stripe.com/",
            ),
            _ => Ok(()),
        }
    }

    /// What is wrong with a key that is shown to everybody, beside this secret one, if anything. An empty one is none.
    pub(super) fn publishes(self, key: &str, secret: &str) -> Result<(), &'static str> {
        let is_real = LIVE.iter().any(|live| secret.starts_with(live));
        match self {
            _ if key.is_empty() => Ok(()),
            _ if !key.starts_with("pk_") => Err(
                "it is no publishable key, and everybody would read it; take the one of your Stripe account that begins with pk_",
            ),
            Self::StandIn if !key.starts_with(STAND_IN) => {
                Err("PAYMENTS__STRIPE_URL is that of a stand-in, whose keys begin with pk_sandbox_")
            }
            Self::Stripe if key.starts_with(STAND_IN) => {
                Err("it is that of a stand-in; take the publishable key of your Stripe account")
            }
            Self::Stripe if key.starts_with("pk_live_") != is_real => Err(
                "of this and PAYMENTS__STRIPE_SECRET_KEY only one is for real money; take both from the same mode",
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_everybody_knows_are_refused_beside_stripe() {
        for url in
            ["https://api.stripe.com/", "HTTPS://API.STRIPE.COM", "http://api.stripe.com./", "api.stripe.com"]
        {
            assert_eq!(Provider::at(url), Provider::Stripe, "{url}");
        }
        for secret in ["whsec_demonstration", "sk_test_demonstration", "sk_test_odysseus"] {
            assert!(Provider::Stripe.takes(secret).is_err(), "{secret}");
            assert!(Provider::StandIn.takes(secret).is_ok(), "{secret}");
        }
        assert!(Provider::Stripe.takes("sk_live_51H").is_ok());
    }

    #[test]
    fn live_keys_are_refused_beside_a_stand_in() {
        for url in ["http://sandbox:4010/", "http://127.0.0.1:4010", "http://localhost"] {
            assert_eq!(Provider::at(url), Provider::StandIn, "{url}");
        }
        for key in ["sk_live_51H", "rk_live_51H"] {
            assert!(Provider::StandIn.takes(key).is_err(), "{key}");
        }
        assert!(Provider::StandIn.takes("").is_ok());
    }

    #[test]
    fn what_everybody_may_read_is_a_publishable_key_of_the_same_mode() {
        use Provider::{StandIn, Stripe};
        for (provider, key, secret) in [
            (Stripe, "", "sk_live_51H"),
            (Stripe, "pk_live_51H", "sk_live_51H"),
            (Stripe, "pk_live_51H", "rk_live_51H"),
            (Stripe, "pk_test_51H", "sk_test_51H"),
            (StandIn, "", "sk_test_demonstration"),
            (StandIn, "pk_sandbox_demonstration", "sk_test_demonstration"),
        ] {
            assert!(provider.publishes(key, secret).is_ok(), "{provider:?} {key} {secret}");
        }
        for (provider, key, secret) in [
            (Stripe, "sk_live_51H", "sk_live_51H"),
            (Stripe, "sk_test_51H", "sk_test_51H"),
            (Stripe, "whsec_1", "sk_test_51H"),
            (Stripe, "pk_test_51H", "sk_live_51H"),
            (Stripe, "pk_live_51H", "sk_test_51H"),
            (Stripe, "pk_sandbox_demonstration", "sk_test_51H"),
            (StandIn, "pk_test_51H", "sk_test_demonstration"),
            (StandIn, "sk_test_demonstration", "sk_test_demonstration"),
        ] {
            assert!(provider.publishes(key, secret).is_err(), "{provider:?} {key} {secret}");
        }
    }
}
