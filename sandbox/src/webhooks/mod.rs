//! Webhooks: events, and their way to the endpoint.

mod delivery;
mod signature;

pub(crate) use self::delivery::deliver;

use anyhow::bail;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids;
use crate::stripe::{API_VERSION, Origin};

/// How many of an event's attempts are remembered.
const ATTEMPTS_KEPT: usize = 20;

/// Where webhooks go and the secret they are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookEndpoint {
    /// An http or https address.
    pub url: String,
    /// Stripe's look like `whsec_…`.
    pub secret: String,
}

impl WebhookEndpoint {
    /// Refuses an address that nothing could be sent to, and an empty secret.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let url = reqwest::Url::parse(&self.url)?;
        if !matches!(url.scheme(), "http" | "https") {
            bail!("url: webhooks go to http or https addresses, not {}", url.scheme());
        }
        if self.secret.is_empty() {
            bail!("secret: it may not be empty");
        }
        Ok(())
    }
}

/// Something that happened to an object, to be told until somebody says that they heard.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// The object it is about.
    pub(crate) about: String,
    /// The payment to which that belongs: its events are told in the order in which they happened.
    #[serde(default)]
    pub(crate) payment: String,
    /// The connected account in which it happened; the platform without.
    #[serde(default)]
    pub(crate) account: Option<String>,
    pub(crate) created_at: i64,
    /// The JSON as it is sent, the same at every attempt.
    pub(crate) body: String,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) tried: u32,
    pub(crate) state: EventState,
    /// How often somebody wished to have it delivered again.
    #[serde(default)]
    pub(crate) wish: u32,
}

/// How far an event has come.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventState {
    /// It is to be delivered, not before this instant.
    Waiting {
        not_before: i64,
    },
    Delivered,
    GivenUp,
}

/// One try to deliver an event.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) at: i64,
    /// The status that was answered, if there was an answer.
    pub(crate) status: Option<u16>,
    pub(crate) outcome: String,
}

impl Event {
    pub(crate) fn new(kind: &str, about: &str, object: &Value, origin: &Origin, now: i64) -> Self {
        let id = ids::fresh("evt");
        let body = json!({
            "id": id, "object": "event", "api_version": API_VERSION, "created": now / 1000,
            "data": {"object": object}, "livemode": false, "pending_webhooks": 1,
            "request": {"id": origin.request_id, "idempotency_key": origin.idempotency_key}, "type": kind,
        });
        Self {
            id,
            kind: kind.to_owned(),
            about: about.to_owned(),
            payment: object["payment_intent"].as_str().unwrap_or(about).to_owned(),
            account: None,
            created_at: now,
            body: body.to_string(),
            attempts: Vec::new(),
            tried: 0,
            state: EventState::Waiting { not_before: now },
            wish: 0,
        }
    }

    /// The same, of what has happened in a connected account.
    pub(crate) fn of_account(mut self, account: &str) -> Self {
        let mut body: Value = serde_json::from_str(&self.body).expect("an event is sent as JSON");
        body["account"] = json!(account);
        self.body = body.to_string();
        self.account = Some(account.to_owned());
        self
    }

    /// What came of an attempt. One that was under way when somebody wished for another decides nothing.
    pub(crate) fn record(&mut self, attempt: Attempt, then: EventState, wish: u32) {
        if wish == self.wish {
            self.tried += 1;
            self.state = then;
        }
        if self.attempts.len() == ATTEMPTS_KEPT {
            self.attempts.remove(0);
        }
        self.attempts.push(attempt);
    }

    pub(crate) fn deliver_again(&mut self, at: i64) {
        self.tried = 0;
        self.wish += 1;
        self.state = EventState::Waiting { not_before: at };
    }
}
