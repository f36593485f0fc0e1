//! An account link: an address under which an account's owner tells Stripe who they are, once.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long it can be opened.
const KEPT_MS: i64 = 5 * 60 * 1000;

/// An address that is opened once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    /// What nobody can guess of its address.
    pub(crate) token: String,
    pub(crate) account: String,
    pub(crate) refresh_url: String,
    pub(crate) return_url: String,
    pub(crate) created_at: i64,
    pub(crate) stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Fresh,
    /// Somebody is answering Stripe's questions.
    Opened,
    Done,
}

impl Link {
    /// Whether it leads to Stripe's questions.
    pub(crate) fn can_be_opened(&self, now: i64) -> bool {
        self.stage == Stage::Fresh && now < self.created_at + KEPT_MS
    }

    /// The link as Stripe shows it.
    pub(crate) fn to_json(&self, public_url: &str) -> Value {
        json!({
            "object": "account_link", "created": self.created_at / 1000,
            "expires_at": (self.created_at + KEPT_MS) / 1000,
            "url": format!("{public_url}/sandbox/onboarding/{}", self.token),
        })
    }
}
