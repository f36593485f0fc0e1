//! What happens at the payment provider without the platform: at its pages, at banks, and in its dashboard.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use reqwest::{Client, Method, StatusCode, header::LOCATION};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::Address;

/// How long is tried to reach it: whoever uses a browser tries again, too.
const STUBBORN: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);
/// How many are asked for at once when a list is wanted whole.
const ALL: &str = "100000";

/// The sandbox's Stripe, for who goes on while it is killed and started again.
#[derive(Clone)]
pub struct Dashboard {
    address: Address,
    client: Client,
}

/// What came of something done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Click {
    /// It was done; where the person was sent then.
    Done(String),
    /// It cannot be done as things are.
    Refused(String),
}

impl Dashboard {
    /// The one below that address.
    pub fn at(address: Address) -> Self {
        let stays = Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none()).build();
        Self { address, client: stays.expect("a client can be made") }
    }

    /// What Stripe knows of all payments, newest first.
    pub async fn payments(&self) -> Vec<Value> {
        self.all("payments.json").await
    }

    /// The payments of an order among them, by its number.
    pub fn of_order(payments: &[Value], number: &str) -> Vec<Value> {
        let is_meant = |payment: &&Value| payment["metadata"].to_string().contains(number);
        payments.iter().filter(is_meant).cloned().collect()
    }

    /// The payment with which an order was paid.
    pub async fn paid(&self, number: &str) -> Option<Value> {
        let all = Self::of_order(&self.payments().await, number);
        all.into_iter().find(|payment| payment["status"] == "succeeded")
    }

    /// Every webhook that was sent or is to be.
    pub async fn webhooks(&self) -> Vec<Value> {
        self.all("webhooks.json").await
    }

    /// All mails to somebody, each as often as it was handed over.
    pub async fn mails(&self, to: &str) -> Vec<crate::Mail> {
        self.all(&format!("mails.json?to={to}")).await.into_iter().map(crate::Mail).collect()
    }

    /// Webhooks are sent once more, eight at a time.
    pub async fn sends_again(&self, webhooks: &[String]) {
        let sent = stream::iter(webhooks).for_each_concurrent(8, async |id| {
            self.clicks(&format!("/sandbox/webhooks/{id}/deliver"), "").await;
        });
        sent.await;
    }

    /// Moves switches; those not named stay.
    pub async fn switches(&self, switches: &Value) {
        let answer = self.asks(Method::PUT, "/sandbox/switches", switches.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{switches}");
    }

    /// Turns all switches off.
    pub async fn is_well(&self) {
        let off = json!({
            "webhookDelayMs": 0, "webhookDuplicates": 0, "webhookReorder": false, "webhookDropFirst": false,
            "webhookLose": 0, "apiLatencyMs": 0, "apiFail": 0, "apiTimeOut": 0, "smtpRefuse": 0,
        });
        self.switches(&off).await;
    }

    /// A button is pressed, whose address may be one from before the last start.
    pub async fn clicks(&self, address: &str, form: &str) -> Click {
        let path = address.find("/sandbox/").map_or(address, |start| &address[start..]);
        let answer = self.asks(Method::POST, path, form.to_owned()).await;
        let status = answer.status();
        if status.is_success() || status.is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            return Click::Done(to.unwrap_or_default().to_owned());
        }
        assert!(
            [StatusCode::CONFLICT, StatusCode::NOT_FOUND].contains(&status),
            "{path} was answered with {status}"
        );
        Click::Refused(answer.text().await.unwrap_or_default())
    }

    async fn all(&self, list: &str) -> Vec<Value> {
        let joint = if list.contains('?') { '&' } else { '?' };
        let path = format!("/sandbox/{list}{joint}limit={ALL}");
        let patience = Instant::now() + STUBBORN;
        loop {
            let answer = self.asks(Method::GET, &path, String::new()).await;
            match answer.json::<Vec<Value>>().await {
                Ok(all) => return all,
                Err(cut) => assert!(Instant::now() < patience, "{path}: {cut}"),
            }
        }
    }

    /// Asks until somebody answers.
    async fn asks(&self, method: Method, path: &str, body: String) -> reqwest::Response {
        let patience = Instant::now() + STUBBORN;
        let kind =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        loop {
            let url = format!("{}{path}", self.address.now());
            let request = self.client.request(method.clone(), url).header("content-type", kind);
            let answer = request.body(body.clone()).timeout(crate::PATIENCE).send().await;
            let why = match answer {
                Ok(answer) if !answer.status().is_server_error() => return answer,
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            };
            assert!(Instant::now() < patience, "{path}: nobody answers: {why}");
            sleep(PAUSE).await;
        }
    }
}
