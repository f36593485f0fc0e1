//! Settings of payments.

use serde::{Deserialize, Serialize};

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
    /// What Stripe signs webhooks with. It has to be set.
    pub stripe_webhook_secret: String,
    /// The secret before that, which is still accepted while secrets are changed; empty for none.
    pub stripe_webhook_secret_before: String,
    /// How long one call to Stripe may take, in milliseconds.
    pub stripe_timeout_ms: u64,
    /// When Stripe is left alone for a while. A call that fails is made up to three times at once.
    pub stripe_breaker: breaker::Settings,
    /// Where the bank sends buyers back to after they have confirmed; empty for nowhere.
    pub return_url: String,
    /// How long `pay` waits for an order that is still being prepared, in milliseconds.
    pub preparing_ms: u64,
    /// How long `pay` waits for Stripe's answer, in milliseconds.
    pub answer_ms: u64,
    /// How long `pay` waits for the webhook after a good answer, in milliseconds.
    pub webhook_ms: u64,
    /// How long an undecided payment waits for its webhook before Stripe is asked, in milliseconds.
    pub undecided_after_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://payments.db".to_owned(),
            database_connections: 8,
            limits: service::Limits::default(),
            stripe_url: "https://api.stripe.com/".to_owned(),
            stripe_secret_key: String::new(),
            stripe_webhook_secret: String::new(),
            stripe_webhook_secret_before: String::new(),
            stripe_timeout_ms: 5_000,
            stripe_breaker: breaker::Settings {
                failures: 8,
                pause_millis: 1_000,
                longest_pause_millis: 15_000,
            },
            return_url: String::new(),
            // A message that was with a replica when it stopped comes again after six seconds.
            preparing_ms: 7_000,
            // With the other two, less than the router waits for payments.
            answer_ms: 10_000,
            webhook_ms: 2_000,
            undecided_after_ms: 10_000,
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
        assert_eq!(both.webhook_secrets(), ["new", "old"]);
    }
}
