//! What is asked of the service over HTTP.

use contracts::purchase::TakePayment;
use kernel::UserId;
use payments::WEBHOOK_PATH;
use serde_json::Value;

use super::Stage;

impl Stage {
    /// What the graph answers a person.
    pub(crate) async fn asks_over_http(&self, by: UserId, query: &str, variables: Value) -> Value {
        let ask = self.http.post(format!("{}/graphql", self.url)).bearer_auth(self.signer.token(by));
        let body = serde_json::json!({ "query": query, "variables": variables });
        ask.json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// The same from an address, as the router names it.
    pub(crate) async fn asks_from(&self, address: &str, by: UserId, query: &str, variables: Value) -> Value {
        let ask = self.http.post(format!("{}/graphql", self.url)).bearer_auth(self.signer.token(by));
        let ask = ask.header(service::request::CLIENT_ADDRESS, address);
        let body = serde_json::json!({ "query": query, "variables": variables });
        ask.json(&body).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn pays_over_http(&self, order: &TakePayment, card: &str) -> Value {
        let query = "mutation($input: PayInput!) { pay(input: $input) { status } }";
        let key = order.order_id.to_string();
        let input =
            serde_json::json!({"orderId": order.order_id, "paymentMethod": card, "idempotencyKey": key});
        self.asks_over_http(order.buyer_id, query, serde_json::json!({ "input": input })).await
    }

    /// What REST answers to a person.
    pub(crate) async fn get(&self, by: Option<UserId>, path: &str) -> (u16, Value) {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        let ask = match by {
            Some(user) => ask.bearer_auth(self.signer.token(user)),
            None => ask,
        };
        let response = ask.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// What REST answers to a person, as it is sent.
    pub(crate) async fn file(&self, by: UserId, path: &str) -> reqwest::Response {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        ask.bearer_auth(self.signer.token(by)).send().await.unwrap()
    }

    /// The address of a path of REST's.
    pub(crate) fn rest(&self, path: &str) -> String {
        format!("{}/api/payments{path}", self.url)
    }

    /// Where whoever opens a path of REST's is sent on to.
    pub(crate) async fn sent_on(&self, path: &str) -> String {
        let stays = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let ask = stays.build().unwrap().get(self.rest(path));
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// What is at a path of REST's.
    pub(crate) async fn text(&self, path: &str) -> String {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        ask.send().await.unwrap().text().await.unwrap()
    }

    /// Sends a webhook, and returns the status it is answered with.
    pub(crate) async fn webhook(&self, body: &str, signature: Option<&str>) -> u16 {
        self.webhook_answer(body, signature).await.status().as_u16()
    }

    pub(crate) async fn webhook_answer(&self, body: &str, signature: Option<&str>) -> reqwest::Response {
        let mut request = self.http.post(format!("{}{WEBHOOK_PATH}", self.url)).body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        request.send().await.unwrap()
    }
}
