//! What a mail provider tells of mails that did not arrive, when somebody says so on a mail's page.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

/// How long whoever hears of it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where bounces are reported, as a mail provider reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BounceEndpoint {
    /// An http or https address.
    pub url: String,
    /// What is shown there, as a bearer token.
    pub secret: String,
}

/// Reports bounces.
pub(crate) struct Bounces {
    endpoint: BounceEndpoint,
    client: reqwest::Client,
}

impl Bounces {
    pub(crate) fn new(endpoint: BounceEndpoint, client: reqwest::Client) -> Self {
        Self { endpoint, client }
    }

    /// Reports that a mail to these addresses came back for good.
    pub(crate) async fn report(&self, addresses: &[String]) -> anyhow::Result<()> {
        let bounces: Vec<Value> = addresses
            .iter()
            .map(|address| {
                json!({ "recipient": address, "status": "5.1.1", "diagnostic": "550 5.1.1 There is no such mailbox" })
            })
            .collect();
        let report =
            self.client.post(&self.endpoint.url).bearer_auth(&self.endpoint.secret).timeout(PATIENCE);
        let answer = report.json(&json!({ "bounces": bounces })).send().await;
        answer.and_then(reqwest::Response::error_for_status).context("the report was not taken")?;
        Ok(())
    }
}
