use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Address, Answer, Live, Outcome, Refused, client::client};

/// What everybody's password is.
const PASSWORD: &str = "correct horse battery";

/// Somebody at a client, logged in or not.
#[derive(Clone)]
pub struct Person {
    /// What they are called.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
    /// The id of their account; empty without one.
    pub id: String,
    address: Address,
    client: Client,
    token: Option<String>,
}

/// Somebody who has no account.
pub fn anybody(address: &Address) -> Person {
    Person {
        name: "Anybody".to_owned(),
        email: String::new(),
        id: String::new(),
        address: address.clone(),
        client: client(),
        token: None,
    }
}

/// Somebody with that name, and an address made of it.
fn called(address: &Address, name: &str) -> Person {
    let email = format!("{}@example.test", name.to_lowercase().replace(' ', "."));
    Person { name: name.to_owned(), email, ..anybody(address) }
}

impl Person {
    /// Opens an account for somebody with that name, which nobody else on this platform has.
    pub async fn registers(address: &Address, name: &str) -> Outcome<Self> {
        let mut person = called(address, name);
        let input = json!({
            "email": person.email, "password": PASSWORD, "name": name, "locale": "en", "timezone": "Europe/Vienna",
        });
        let query =
            "mutation($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
        let opened = person.does("register", query, json!({ "input": input })).await?;
        person.is_logged_in_by(&opened);
        Ok(person)
    }

    /// Begins to buy as a guest with that name, without an account.
    pub async fn continues_as_guest(address: &Address, name: &str) -> Outcome<Self> {
        let mut person = called(address, name);
        let input = json!({ "email": person.email, "name": name, "timezone": "Europe/Vienna" });
        let query = "mutation($input: ContinueAsGuestInput!) { continueAsGuest(input: $input) { accessToken user { id } } }";
        let begun = person.does("continueAsGuest", query, json!({ "input": input })).await?;
        person.is_logged_in_by(&begun);
        Ok(person)
    }

    /// Logs in with their password.
    pub async fn logs_in(&mut self) -> Outcome<()> {
        let input = json!({ "email": self.email, "password": PASSWORD });
        let query =
            "mutation($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { id } } }";
        // One that has expired is refused wherever it is shown.
        self.token = None;
        let entered = self.does("login", query, json!({ "input": input })).await?;
        self.is_logged_in_by(&entered);
        Ok(())
    }

    /// Where they are.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Their access token, for tests of who sees it.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Their password, for tests of logging in.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Sends an operation, and tells what was answered.
    pub async fn asks(&self, query: &str, variables: Value) -> Outcome<Answer> {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.client.post(format!("{}/graphql", self.address.now())).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.timeout(crate::PATIENCE * 2).send().await.map_err(Refused::no_answer)?;
        answer.json().await.map(Answer::read).map_err(Refused::no_answer)
    }

    /// Sends an operation of one root field, all of which has to be done.
    pub async fn does(&self, field: &str, query: &str, variables: Value) -> Outcome {
        self.asks(query, variables).await?.whole(field)
    }

    /// Follows a subscription over WebSocket.
    pub async fn follows(&self, field: &str, query: &str, variables: Value) -> Live {
        Live::over_websocket(&self.address.now(), self.token.as_deref(), field, query, variables).await
    }

    /// Follows a subscription as server-sent events.
    pub async fn follows_as_events(&self, field: &str, query: &str, variables: Value) -> Live {
        let address = self.address.now();
        Live::over_events(&self.client, &address, self.token.as_deref(), field, query, variables).await
    }

    /// Asks the platform for a file or a page.
    pub async fn fetches(&self, path: &str) -> Outcome<reqwest::Response> {
        let url = if path.starts_with("http") { path.to_owned() } else { self.address.now() + path };
        let answer = self.client.get(url).timeout(crate::PATIENCE).send().await;
        answer.and_then(reqwest::Response::error_for_status).map_err(Refused::no_answer)
    }

    /// Asks the platform over REST for something of their own.
    pub async fn fetches_own(&self, path: &str) -> Outcome {
        let request = self.client.get(self.address.now() + path).timeout(crate::PATIENCE);
        let request = request.bearer_auth(self.token.as_deref().unwrap_or_default());
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(Refused::no_answer)?.json().await.map_err(Refused::no_answer)
    }

    fn is_logged_in_by(&mut self, payload: &Value) {
        self.token = payload["accessToken"].as_str().map(str::to_owned);
        payload["user"]["id"].as_str().unwrap_or_default().clone_into(&mut self.id);
    }
}

/// A key that nobody has used yet.
pub(crate) fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}
