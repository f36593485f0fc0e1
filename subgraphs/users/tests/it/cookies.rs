//! Browsers keep the refresh token where no script reads it and no other page uses it.

use std::sync::Arc;

use reqwest::{
    Client, RequestBuilder, Response,
    header::{CACHE_CONTROL, SET_COOKIE},
};
use serde_json::{Value, json};
use service::{Foundation, TokenVerifier};
use testbed::Served;
use users::Config;

use crate::stage::{PASSWORD, Stage};

struct Web {
    stage: Stage,
    served: Served,
    client: Client,
}

const REGISTER: &str = "mutation($input: RegisterInput!) { it: register(input: $input) { accessToken refreshToken refreshExpiresAt } }";
const LOGIN: &str = "mutation($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken } }";
const GUEST: &str =
    "mutation($input: ContinueAsGuestInput!) { it: continueAsGuest(input: $input) { refreshToken } }";
const REFRESH: &str =
    "mutation($token: String) { it: refreshSession(refreshToken: $token) { accessToken refreshToken } }";
const LOGOUT: &str = "mutation { it: logout }";

impl Web {
    async fn at(public_url: &str) -> Self {
        let stage = Stage::new().await;
        let config = Config { public_url: public_url.to_owned(), ..Config::quick() };
        let keys = users::signing_keys(&config, &stage.database).jwks().await.unwrap();
        let foundation = Foundation {
            bus: Arc::new(messaging::InProcessBus::new()),
            clock: stage.clock.clone(),
            tokens: TokenVerifier::with_keys(keys, stage.clock.clone()),
        };
        let assembled = users::assemble(config, stage.database.clone(), &foundation).await.unwrap();
        Self { stage, served: Served::start(assembled.routes).await, client: Client::new() }
    }

    fn ask(&self, operation: &str, variables: &Value) -> RequestBuilder {
        let body = json!({ "query": operation, "variables": variables });
        self.client.post(format!("{}/graphql", self.served.url)).json(&body)
    }

    /// As our own pages ask.
    fn page_asks(&self, operation: &str, variables: &Value, cookie: Option<&str>) -> RequestBuilder {
        let request = self.ask(operation, variables).header("x-session", "cookie");
        match cookie {
            Some(cookie) => request.header("cookie", format!("theme=dark; {cookie}")),
            None => request,
        }
    }
}

fn ada() -> Value {
    json!({ "input": { "email": "ada@example.org", "password": PASSWORD, "name": "Ada" } })
}

/// The cookie as it is sent back, and what is said of it.
fn cookie(response: &Response) -> Option<(String, String)> {
    let set = response.headers().get(SET_COOKIE)?.to_str().unwrap();
    let (pair, terms) = set.split_once("; ").unwrap();
    Some((pair.to_owned(), terms.to_owned()))
}

async fn answer(response: Response) -> Value {
    let mut answer: Value = response.json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["it"].take()
}

#[tokio::test]
async fn whoever_asks_for_it_gets_the_refresh_token_in_a_cookie_that_no_script_reads() {
    let web = Web::at("https://tickets.example").await;
    let guest = json!({ "input": { "email": "bob@example.org" } });
    for (operation, input) in [
        (REGISTER, ada()),
        (LOGIN, json!({ "input": { "email": "ada@example.org", "password": PASSWORD } })),
        (GUEST, guest),
    ] {
        let response = web.page_asks(operation, &input, None).send().await.unwrap();
        let (pair, terms) = cookie(&response).unwrap();
        assert!(pair.starts_with("__Host-odysseus-session=") && pair.len() == 24 + 43, "{pair}");
        for term in ["Path=/", "HttpOnly", "SameSite=Strict", "Secure", "Expires="] {
            assert!(terms.contains(term), "{terms}");
        }
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(answer(response).await["refreshToken"], json!(null));
    }
}

#[tokio::test]
async fn a_client_that_does_not_ask_gets_the_token_and_no_cookie() {
    let web = Web::at("http://127.0.0.1:4000").await;
    let response = web.ask(REGISTER, &ada()).send().await.unwrap();
    assert_eq!(cookie(&response), None);
    let token = answer(response).await["refreshToken"].clone();
    let response = web.ask(REFRESH, &json!({ "token": token })).send().await.unwrap();
    assert_eq!(cookie(&response), None);
    assert!(answer(response).await["refreshToken"].is_string());
}

#[tokio::test]
async fn a_cookie_refreshes_its_session_and_goes_when_one_logs_out() {
    let web = Web::at("http://127.0.0.1:4000").await;
    let response = web.page_asks(REGISTER, &ada(), None).send().await.unwrap();
    let (first, terms) = cookie(&response).unwrap();
    assert!(!terms.contains("Secure"), "{terms}");
    let response = web.page_asks(REFRESH, &json!({}), Some(&first)).send().await.unwrap();
    let (second, _) = cookie(&response).unwrap();
    assert_ne!(first, second);
    assert_eq!(answer(response).await["refreshToken"], json!(null));
    let response = web.page_asks(LOGOUT, &json!({}), Some(&second)).send().await.unwrap();
    let (gone, terms) = cookie(&response).unwrap();
    assert!(
        gone == "odysseus-session=" && terms.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        "{terms}"
    );
    assert_eq!(answer(response).await, json!(true));
    let refused: Value =
        web.page_asks(REFRESH, &json!({}), Some(&second)).send().await.unwrap().json().await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let nobody: Value = web.page_asks(REFRESH, &json!({}), None).send().await.unwrap().json().await.unwrap();
    assert_eq!(nobody["errors"][0]["extensions"]["reason"], "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn another_page_that_makes_a_browser_send_its_cookie_changes_nothing() {
    let web = Web::at("http://127.0.0.1:4000").await;
    let response = web.page_asks(REGISTER, &ada(), None).send().await.unwrap();
    let (cookie, _) = cookie(&response).unwrap();
    for operation in [REFRESH, LOGOUT] {
        // All that a form or a picture of another page could bring about: the cookie, without a header of its own.
        let forged = web.ask(operation, &json!({})).header("cookie", &cookie).send().await.unwrap();
        assert!(forged.headers().get(SET_COOKIE).is_none());
        let forged: Value = forged.json().await.unwrap();
        assert_eq!(forged["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "as if there were none");
    }
    let response = web.page_asks(REFRESH, &json!({}), Some(&cookie)).send().await.unwrap();
    assert!(answer(response).await["accessToken"].is_string(), "the session goes on");
}

#[tokio::test]
async fn two_tabs_that_refresh_one_cookie_at_once_stay_logged_in() {
    let web = Web::at("http://127.0.0.1:4000").await;
    let response = web.page_asks(REGISTER, &ada(), None).send().await.unwrap();
    let (first, _) = cookie(&response).unwrap();
    let tab = || web.page_asks(REFRESH, &json!({}), Some(&first)).send();
    let (one, other) = tokio::join!(tab(), tab());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(cookie(&one), cookie(&other), "whoever is last leaves the same cookie");
    let (next, _) = cookie(&one).unwrap();
    answer(one).await;
    answer(other).await;
    answer(web.page_asks(REFRESH, &json!({}), Some(&next)).send().await.unwrap()).await;
    assert_eq!(web.stage.count("sessions WHERE ended_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_session_is_called_by_what_the_browser_says_it_is() {
    let web = Web::at("http://127.0.0.1:4000").await;
    let agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/605.1";
    let response = web.ask(REGISTER, &ada()).header("user-agent", agent).send().await.unwrap();
    let token = answer(response).await["accessToken"].as_str().unwrap().to_owned();
    let seen = web.ask("{ it: me { sessions { device current } } }", &json!({})).bearer_auth(token);
    let seen = answer(seen.send().await.unwrap()).await;
    assert_eq!(seen["sessions"], json!([{ "device": "Safari on macOS", "current": true }]));
}
