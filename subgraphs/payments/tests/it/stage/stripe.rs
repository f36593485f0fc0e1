//! Stripe: its faults, its webhooks, its dashboard, and what it knows.

use std::{sync::Arc, time::Duration};

use contracts::purchase::TakePayment;
use payments::{
    adapters::outbound::{StripeGateway, StripeSettings},
    domain::{entities::Payment, ports::PaymentGateway},
};
use sandbox::{Switches, Times};
use serde_json::Value;

use super::{PATIENCE, Stage};

impl Stage {
    /// Stripe, as the service reaches it.
    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        Arc::new(self.stripe_gateway())
    }

    pub(crate) fn stripe_gateway(&self) -> StripeGateway {
        let settings = StripeSettings {
            url: self.sandbox.stripe_url(),
            secret_key: "sk_test_stage".to_owned(),
            timeout: Duration::from_secs(5),
            breaker: breaker::Settings::default(),
            return_url: None,
        };
        StripeGateway::new(settings).unwrap()
    }

    /// Sets the sandbox's faults.
    pub(crate) fn faults(&self, set: impl FnOnce(&mut Switches)) {
        let mut switches = self.sandbox.switches();
        set(&mut switches);
        self.sandbox.set_switches(switches);
    }

    /// The next answer of the provider gets lost, though it does what it was asked.
    pub(crate) fn lose_the_next_answer(&self) {
        self.faults(|switches| switches.api_time_out = Times::Next(1));
    }

    /// No webhook arrives for now.
    pub(crate) fn hold_webhooks_back(&self) {
        self.faults(|switches| switches.webhook_delay_ms = 600_000);
    }

    /// What was held back arrives.
    pub(crate) fn let_webhooks_go(&self) {
        self.faults(|switches| switches.webhook_delay_ms = 0);
    }

    /// What the sandbox knows of the order's payments.
    pub(crate) async fn at_stripe(&self, order: &TakePayment) -> Vec<Value> {
        let all: Vec<Value> = self.sandbox_json("/sandbox/payments.json").await;
        let of_order = |payment: &Value| payment["metadata"]["order_id"] == order.order_id.to_string();
        all.into_iter().filter(of_order).collect()
    }

    /// Waits until none of the order's payments is open any more at the sandbox.
    pub(crate) async fn ended_at_stripe(&self, order: &TakePayment) -> Vec<Value> {
        let ended = async {
            loop {
                let all = self.at_stripe(order).await;
                if all
                    .iter()
                    .all(|payment| ["succeeded", "canceled"].contains(&payment["status"].as_str().unwrap()))
                {
                    return all;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.unwrap()
    }

    /// Waits until every webhook that is due was delivered, and returns their kinds.
    pub(crate) async fn webhooks_arrived(&self) -> Vec<String> {
        let arrived = async {
            loop {
                let all: Vec<Value> = self.sandbox_json("/sandbox/webhooks.json").await;
                if all.iter().all(|event| event["state"] == "delivered") {
                    return all.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, arrived).await.unwrap()
    }

    pub(crate) async fn sandbox_json(&self, path: &str) -> Vec<Value> {
        let url = format!("{}{path}", self.sandbox.http_url());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The buyer answers the bank's question.
    pub(crate) async fn at_the_bank(&self, payment: &Payment, decision: &str) {
        let (url, _) = payment.next_action().unwrap();
        let url = format!("{}/{decision}", url.unwrap());
        self.http.post(url).send().await.unwrap();
    }

    /// Somebody does something in Stripe's dashboard.
    pub(crate) async fn at_the_dashboard(&self, path: &str, form: &'static str) {
        let url = format!("{}/sandbox/{path}", self.sandbox.http_url());
        let done = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        assert!(done.send().await.unwrap().status().is_success(), "{path}");
    }

    /// Calls Stripe's API as somebody with our keys would.
    pub(crate) async fn stripe(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.sandbox.stripe_url()))
            .bearer_auth("sk_test_stage")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        request.send().await.unwrap().json().await.unwrap()
    }
}
