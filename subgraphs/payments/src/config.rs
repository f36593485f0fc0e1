//! Settings of payments.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::clients::Quota;

use stripe_secrets::Provider;

mod connect;
mod stripe_secrets;

pub use connect::Connect;

/// How often an order may be tried to be paid at most: all tries are read together.
const MOST_ATTEMPTS: u32 = 100;
/// How many declines are let in an hour at most: so many are counted each time.
const MOST_DECLINES: u32 = 10_000;

/// Every setting, with its default; in the environment each has the prefix `PAYMENTS__`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the database is: `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// The most connections to it.
    pub database_connections: u32,
    /// How much at a time, and how long.
    pub limits: service::Limits,
    /// Where Stripe's API is; the sandbox's address without Stripe.
    pub stripe_url: String,
    /// The secret key of the account at Stripe. It has to be set.
    pub stripe_secret_key: String,
    /// The publishable key of the same account, with which browsers speak to Stripe by themselves; everybody may read it. Empty
    /// when they are not to. A stand-in's begins with `pk_sandbox_`.
    pub stripe_publishable_key: String,
    /// What Stripe signs webhooks with. It has to be set.
    pub stripe_webhook_secret: String,
    /// The secret before that, which is still accepted while secrets are changed; empty for none.
    pub stripe_webhook_secret_before: String,
    /// Accounts of organizations at Stripe, to which their sales go and out of which they are paid.
    pub connect: Connect,
    /// How long one call to Stripe may take, in milliseconds.
    pub stripe_timeout_ms: u64,
    /// When Stripe is left alone for a while. A call that fails is made up to three times at once.
    pub stripe_breaker: breaker::Settings,
    /// Where the bank sends buyers back to after they have confirmed; empty for nowhere.
    pub return_url: String,
    /// How long `pay` waits for Stripe's answer, in milliseconds.
    pub answer_ms: u64,
    /// How long an undecided payment waits for its webhook before Stripe is asked, in milliseconds.
    pub undecided_after_ms: u64,
    /// How often an order may be tried to be paid, 1 to 100 times: nobody has so many cards but who tries stolen ones.
    pub attempts_per_order: u32,
    /// How many cards of one account may be declined in an hour, 1 to 10,000, before no more are tried.
    pub declines_by_account: u32,
    /// How many from one address, by whichever accounts.
    pub declines_by_address: u32,
    /// How often one card, whoever types it in.
    pub declines_by_card: u32,
    /// How often one account may try to pay: `burst` times at once, then once every `every_millis`.
    pub tries_by_account: Quota,
    /// How often it may be tried from one address, by whichever accounts.
    pub tries_by_address: Quota,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://payments.db".to_owned(),
            database_connections: 8,
            limits: service::Limits::default(),
            stripe_url: "https://api.stripe.com/".to_owned(),
            stripe_secret_key: String::new(),
            stripe_publishable_key: String::new(),
            stripe_webhook_secret: String::new(),
            stripe_webhook_secret_before: String::new(),
            connect: Connect::default(),
            stripe_timeout_ms: 5_000,
            stripe_breaker: breaker::Settings {
                failures: 8,
                pause_millis: 1_000,
                longest_pause_millis: 15_000,
            },
            return_url: String::new(),
            // With two seconds for an order that is on its way, less than a service takes for an operation.
            answer_ms: 5_000,
            undecided_after_ms: 10_000,
            attempts_per_order: 10,
            declines_by_account: 20,
            declines_by_address: 30,
            declines_by_card: 10,
            // Nobody types in cards as fast as that; who tries stolen ones does.
            tries_by_account: Quota::new(30, Duration::from_secs(4)),
            // A household, or a box office, behind one address.
            tries_by_address: Quota::new(1_000, Duration::from_millis(50)),
        }
    }
}

impl Config {
    /// Reads the settings from the environment.
    pub fn from_env() -> Result<Self, service::settings::WrongSetting> {
        service::settings::load("PAYMENTS")
    }

    /// The secrets that webhooks may be signed with. An empty one is none: anybody could sign with it.
    pub fn webhook_secrets(&self) -> Vec<String> {
        [&self.stripe_webhook_secret, &self.stripe_webhook_secret_before]
            .into_iter()
            .chain(self.connect.webhook_secrets())
            .filter(|secret| !secret.is_empty())
            .cloned()
            .collect()
    }

    /// What is missing, by the name of its setting.
    pub(crate) fn check(&self) -> Result<(), service::settings::WrongSetting> {
        let missing = |name: &str, problem: &str| service::settings::WrongSetting {
            name: format!("PAYMENTS__{name}"),
            problem: problem.to_owned(),
        };
        if self.stripe_secret_key.is_empty() {
            return Err(missing(
                "STRIPE_SECRET_KEY",
                "it is empty; take the secret key of your Stripe account",
            ));
        }
        if self.webhook_secrets().is_empty() {
            let problem = "it is empty; take the signing secret of the webhook endpoint at Stripe";
            return Err(missing("STRIPE_WEBHOOK_SECRET", problem));
        }
        let secrets = [
            ("STRIPE_SECRET_KEY", &self.stripe_secret_key),
            ("STRIPE_WEBHOOK_SECRET", &self.stripe_webhook_secret),
            ("STRIPE_WEBHOOK_SECRET_BEFORE", &self.stripe_webhook_secret_before),
            ("CONNECT__WEBHOOK_SECRET", &self.connect.webhook_secret),
            ("CONNECT__WEBHOOK_SECRET_BEFORE", &self.connect.webhook_secret_before),
        ];
        let provider = Provider::at(&self.stripe_url);
        for (name, secret) in secrets {
            provider.takes(secret).map_err(|problem| missing(name, problem))?;
        }
        provider
            .publishes(&self.stripe_publishable_key, &self.stripe_secret_key)
            .map_err(|problem| missing("STRIPE_PUBLISHABLE_KEY", problem))?;
        self.connect.check().map_err(|(name, problem)| missing(&format!("CONNECT__{name}"), problem))?;
        if !(1..=MOST_ATTEMPTS).contains(&self.attempts_per_order) {
            return Err(missing("ATTEMPTS_PER_ORDER", "it must be 1 to 100"));
        }
        let declines = [
            ("DECLINES_BY_ACCOUNT", self.declines_by_account),
            ("DECLINES_BY_ADDRESS", self.declines_by_address),
            ("DECLINES_BY_CARD", self.declines_by_card),
        ];
        if let Some((name, _)) = declines.iter().find(|(_, most)| !(1..=MOST_DECLINES).contains(most)) {
            return Err(missing(name, "it must be 1 to 10000"));
        }
        if self.stripe_timeout_ms == 0 {
            return Err(missing("STRIPE_TIMEOUT_MS", "it must be at least 1"));
        }
        let wrong = |(field, problem): (&str, &str)| {
            missing(&format!("STRIPE_BREAKER__{}", field.to_uppercase()), problem)
        };
        self.stripe_breaker.check().map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_secret_is_none_and_without_any_nothing_starts() {
        let nothing = Config::default();
        assert!(nothing.webhook_secrets().is_empty());
        assert_eq!(nothing.check().unwrap_err().name, "PAYMENTS__STRIPE_SECRET_KEY");
        let no_webhooks = Config { stripe_secret_key: "sk_test_1".to_owned(), ..Config::default() };
        assert_eq!(no_webhooks.check().unwrap_err().name, "PAYMENTS__STRIPE_WEBHOOK_SECRET");
        let both = Config {
            stripe_webhook_secret: "new".to_owned(),
            stripe_webhook_secret_before: "old".to_owned(),
            ..no_webhooks
        };
        assert!(both.check().is_ok());
        for (url, secret, wrong) in [
            ("https://api.stripe.com/", "whsec_demonstration", "PAYMENTS__STRIPE_WEBHOOK_SECRET"),
            ("http://sandbox:4010/", "whsec_live_looks_like_any", ""),
        ] {
            let with = Config {
                stripe_url: url.to_owned(),
                stripe_webhook_secret: secret.to_owned(),
                stripe_secret_key: "sk_test_1".to_owned(),
                ..Config::default()
            };
            assert_eq!(
                with.check().err().map(|wrong| wrong.name).unwrap_or_default(),
                wrong,
                "{url} {secret}"
            );
        }
        assert_eq!(both.webhook_secrets(), ["new", "old"]);
    }

    #[test]
    fn a_key_that_browsers_must_not_have_and_a_limit_that_is_none_are_refused_by_name() {
        let good = Config {
            stripe_secret_key: "sk_test_1".to_owned(),
            stripe_webhook_secret: "whsec_1".to_owned(),
            ..Config::default()
        };
        let secret = Config { stripe_publishable_key: "sk_test_1".to_owned(), ..good.clone() };
        assert_eq!(secret.check().unwrap_err().name, "PAYMENTS__STRIPE_PUBLISHABLE_KEY");
        for (tries, is_good) in [(0, false), (1, true), (100, true), (101, false)] {
            let with = Config { attempts_per_order: tries, ..good.clone() };
            let wrong = with.check().err().map(|wrong| wrong.name);
            assert_eq!(wrong, (!is_good).then(|| "PAYMENTS__ATTEMPTS_PER_ORDER".to_owned()), "{tries}");
        }
        for (declines, is_good) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
            let with = Config { declines_by_card: declines, ..good.clone() };
            let wrong = with.check().err().map(|wrong| wrong.name);
            assert_eq!(wrong, (!is_good).then(|| "PAYMENTS__DECLINES_BY_CARD".to_owned()), "{declines}");
        }
    }
}
