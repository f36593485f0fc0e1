//! Logging in and out over REST.

use chrono::Duration;
use reqwest::{
    Client, Response,
    header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};
use service::{Foundation, TokenVerifier};
use testbed::{Served, openapi_is_checked_in, problem};
use users::Config;

use crate::stage::{PASSWORD, Stage};

struct Rest {
    stage: Stage,
    served: Served,
    client: Client,
}

impl Rest {
    /// The service, which verifies tokens with its own keys.
    async fn start() -> Self {
        let stage = Stage::new().await;
        let keys = users::signing_keys(&Config::quick(), &stage.database).jwks().await.unwrap();
        let foundation = Foundation {
            bus: std::sync::Arc::new(messaging::InProcessBus::new()),
            clock: stage.clock.clone(),
            tokens: TokenVerifier::with_keys(keys, stage.clock.clone()),
        };
        let assembled = users::assemble(Config::quick(), stage.database.clone(), &foundation).await.unwrap();
        Self { stage, served: Served::start(assembled.routes).await, client: Client::new() }
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        let url = format!("{}/api/users/v1{path}", self.served.url);
        self.client.post(url).json(&body).send().await.unwrap()
    }

    async fn log_in(&self, email: &str, password: &str) -> Response {
        self.post("/token", json!({ "email": email, "password": password })).await
    }

    async fn me(&self, token: &str) -> Response {
        let url = format!("{}/api/users/v1/me", self.served.url);
        self.client.get(url).bearer_auth(token).send().await.unwrap()
    }
}

fn code_and_status(problem: &Value) -> (&str, u64) {
    (problem["code"].as_str().unwrap(), problem["status"].as_u64().unwrap())
}

#[test]
fn the_document_is_checked_in() {
    openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &users::openapi());
}

#[tokio::test]
async fn whoever_logs_in_is_known_by_the_token() {
    let rest = Rest::start().await;
    let ada = rest.stage.register("ada@example.org").await;
    let organization = rest.stage.found(&ada, "Theatre").await;
    let response = rest.log_in("ADA@example.org", PASSWORD).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store", "nobody on the way keeps a token");
    let logged_in: Value = response.json().await.unwrap();
    let ends = kernel::Clock::now(&*rest.stage.clock) + Duration::days(30);
    assert_eq!(logged_in["refreshExpiresAt"], kernel::rfc3339(ends));
    let me: Value = rest.me(logged_in["accessToken"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(me, logged_in["user"]);
    assert_eq!((&me["id"], &me["email"]), (&json!(ada.id.public()), &json!("ada@example.org")));
    assert_eq!(me["memberships"][0]["role"], "OWNER");
    assert_eq!(me["memberships"][0]["organization"]["id"], organization);
    let graph = rest
        .stage
        .data(Some(ada.id), "{ me { email name guest phone locale timezone emailVerified } }", json!({}))
        .await;
    for field in ["email", "name", "guest", "phone", "locale", "timezone", "emailVerified"] {
        assert_eq!(me[field], graph["me"][field], "{field} is as in the graph");
    }
}

#[tokio::test]
async fn a_refresh_token_gets_the_next_one_once_and_nothing_after_logging_out() {
    let rest = Rest::start().await;
    let ada = rest.stage.register("ada@example.org").await;
    let token = |token: &str| json!({ "refreshToken": token });
    let response = rest.post("/token/refresh", token(&ada.refresh_token)).await;
    assert_eq!(response.status(), 200);
    let next: Value = response.json().await.unwrap();
    let again: Value = rest.post("/token/refresh", token(&ada.refresh_token)).await.json().await.unwrap();
    assert_eq!(again["refreshToken"], next["refreshToken"], "an answer that was lost is given again");
    assert_eq!(rest.me(next["accessToken"].as_str().unwrap()).await.status(), 200);
    let revoked = rest.post("/token/revoke", token(next["refreshToken"].as_str().unwrap())).await;
    assert_eq!(revoked.status(), 204);
    let after = problem(rest.me(next["accessToken"].as_str().unwrap()).await).await;
    assert_eq!(code_and_status(&after), ("UNAUTHENTICATED", 401), "the access token ends with its session");
    for used in [ada.refresh_token.as_str(), next["refreshToken"].as_str().unwrap(), "none of ours", ""] {
        let refused = problem(rest.post("/token/refresh", token(used)).await).await;
        assert_eq!(code_and_status(&refused), ("UNAUTHENTICATED", 401), "{refused}");
    }
    assert_eq!(rest.post("/token/revoke", token("none of ours")).await.status(), 204, "it says nothing");
}

#[tokio::test]
async fn whoever_guesses_passwords_has_to_wait() {
    let rest = Rest::start().await;
    rest.stage.register("ada@example.org").await;
    for _ in 0..20 {
        let refused = rest.log_in("ada@example.org", "not-the-password").await;
        assert!(refused.headers().contains_key(WWW_AUTHENTICATE));
        assert_eq!(code_and_status(&problem(refused).await), ("UNAUTHENTICATED", 401));
    }
    let limited = rest.log_in("ada@example.org", PASSWORD).await;
    assert_eq!(limited.headers()[RETRY_AFTER], "2");
    assert_eq!(code_and_status(&problem(limited).await), ("RATE_LIMITED", 429));
    rest.stage.later(Duration::seconds(1));
    assert_eq!(rest.log_in("ada@example.org", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn what_is_no_login_is_refused_naming_the_field() {
    let rest = Rest::start().await;
    for (body, field) in [
        (json!({ "email": "ada@example.org" }), "password"),
        (json!({ "email": "ada", "password": "x" }), "email"),
        (json!({ "email": "ada@example.org", "password": "" }), "password"),
        (json!({ "email": "ada@example.org", "password": "x", "admin": true }), "admin"),
        (json!([]), "body"),
    ] {
        let refused = problem(rest.post("/token", body.clone()).await).await;
        assert_eq!(
            (code_and_status(&refused), &refused["field"]),
            (("BAD_USER_INPUT", 400), &json!(field)),
            "{body}"
        );
    }
    let url = format!("{}/api/users/v1/me", rest.served.url);
    let nobody = problem(rest.client.get(url).send().await.unwrap()).await;
    assert_eq!(code_and_status(&nobody), ("UNAUTHENTICATED", 401));
    let response = rest.log_in("nobody@example.org", PASSWORD).await;
    assert_eq!(code_and_status(&problem(response).await), ("UNAUTHENTICATED", 401));
}

#[tokio::test]
async fn a_token_ends_in_its_time() {
    let rest = Rest::start().await;
    rest.stage.register("ada@example.org").await;
    let logged_in: Value = rest.log_in("ada@example.org", PASSWORD).await.json().await.unwrap();
    rest.stage.later(Duration::days(1));
    let expired = problem(rest.me(logged_in["accessToken"].as_str().unwrap()).await).await;
    assert_eq!(code_and_status(&expired), ("UNAUTHENTICATED", 401));
}

#[tokio::test]
async fn no_idempotency_key_is_passed_over_where_tokens_are_made() {
    let rest = Rest::start().await;
    let ada = rest.stage.register("ada@example.org").await;
    let token = json!({ "refreshToken": ada.refresh_token });
    for (path, body) in [
        ("/token", json!({ "email": "ada@example.org", "password": PASSWORD })),
        ("/token/refresh", token.clone()),
        ("/token/revoke", token.clone()),
    ] {
        let url = format!("{}/api/users/v1{path}", rest.served.url);
        let asked = rest.client.post(url).header("Idempotency-Key", "a").json(&body).send().await.unwrap();
        let refused = problem(asked).await;
        assert_eq!(code_and_status(&refused), ("BAD_USER_INPUT", 400), "{path}");
        assert_eq!(refused["field"], "Idempotency-Key", "{path}");
    }
    assert_eq!(rest.post("/token/refresh", token).await.status(), 200, "nothing was done");
}

#[tokio::test]
async fn whoever_asks_gets_their_account_and_by_what_they_sign_in_without_secrets() {
    let rest = Rest::start().await;
    rest.stage.register("bob@example.org").await;
    rest.stage.register("ada@example.org").await;
    let logged_in: Value = rest.log_in("ada@example.org", PASSWORD).await.json().await.unwrap();
    let token = logged_in["accessToken"].as_str().unwrap();
    let (mut next, mut pages) = (Some("/api/users/v1/me/export".to_owned()), Vec::new());
    while let Some(path) = next {
        let url = format!("{}{path}", rest.served.url);
        let page: Value = rest.client.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap();
        next = page["next"].as_str().map(str::to_owned);
        pages.push(page);
    }
    let kinds: Vec<_> = pages.iter().map(|page| page["kind"].clone()).collect();
    assert_eq!(kinds, ["account", "sessions", "secondFactors", "foreignAccounts"]);
    assert_eq!(pages[0]["records"][0]["email"], "ada@example.org");
    assert!(!pages[1]["records"].as_array().unwrap().is_empty(), "{pages:?}");
    let text = serde_json::to_string(&pages).unwrap();
    assert!(!text.contains("bob@") && !text.contains("hash") && !text.contains("refresh"), "{text}");
}
