//! Signing in by accounts elsewhere: the sandbox's provider.

use std::collections::HashMap;

use reqwest::{Client, Url, header::LOCATION, redirect::Policy};
use sandbox::{OPENID_CLIENT_ID, OPENID_CLIENT_SECRET, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use users::{Config, SIGN_IN_BACK, SignInProvider};

use crate::stage::{PASSWORD, Stage};

const BEGIN: &str =
    "mutation($provider: String!) { beginForeignSignIn(provider: $provider) { url challenge } }";
const FINISH: &str = "mutation($input: FinishForeignSignInInput!) { finishForeignSignIn(input: $input) {
    accessToken user { id email name emailVerified guest foreignAccounts { id provider { key label } } } } }";
const LINK: &str = "mutation($input: FinishForeignSignInInput!, $proof: ProofInput) {
    linkForeignAccount(input: $input, proof: $proof) { id provider { key } } }";
const UNLINK: &str =
    "mutation($id: ID!, $proof: ProofInput!) { unlinkForeignAccount(id: $id, proof: $proof) {
    foreignAccounts { id } } }";
const PUBLIC_URL: &str = "https://tickets.example";

/// A stage beside a provider.
struct Beside {
    stage: Stage,
    sandbox: Sandbox,
    browser: Client,
}

impl Beside {
    async fn a_provider() -> Self {
        let back = format!("{PUBLIC_URL}{SIGN_IN_BACK}");
        let options = SandboxOptions { sign_in_back: Some(back), ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let stage = Stage::with(&config(&sandbox.openid_issuer(), OPENID_CLIENT_SECRET)).await;
        let browser = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { stage, sandbox, browser }
    }

    /// What a page sends that somebody has come back to, who has said there that this is their address.
    async fn comes_back(&self, email: &str, verified: bool) -> Value {
        let begun = self.stage.data(None, BEGIN, json!({ "provider": "sandbox" })).await;
        let begun = &begun["beginForeignSignIn"];
        let asked = Url::parse(begun["url"].as_str().unwrap()).unwrap();
        let mut form: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        assert_eq!(form["code_challenge_method"], "S256");
        assert!(!asked.as_str().contains(begun["challenge"].as_str().unwrap()), "it is in no address");
        let said = [("email", email), ("name", "Ada Lovelace"), ("decision", "allow")];
        form.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if verified {
            form.insert("email_verified".to_owned(), "on".to_owned());
        }
        let url = format!("{}/decide", self.sandbox.openid_issuer());
        let answer = self.browser.post(url).body(encoded(&form)).send().await.unwrap();
        let back = Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap();
        let back: HashMap<String, String> = back.query_pairs().into_owned().collect();
        json!({ "challenge": begun["challenge"], "state": back["state"], "code": back["code"] })
    }

    async fn signs_in(&self, email: &str, verified: bool) -> Value {
        let input = self.comes_back(email, verified).await;
        self.stage.data(None, FINISH, json!({ "input": input })).await["finishForeignSignIn"]["user"].take()
    }
}

/// What a browser writes of a form. The sandbox asks for no type.
fn encoded(form: &HashMap<String, String>) -> String {
    Url::parse_with_params("http://form", form).unwrap().query().unwrap().to_owned()
}

fn config(issuer: &str, secret: &str) -> Config {
    let provider = SignInProvider {
        key: "sandbox".to_owned(),
        label: "Sandbox".to_owned(),
        issuer: issuer.to_owned(),
        client_id: OPENID_CLIENT_ID.to_owned(),
        client_secret: secret.to_owned(),
    };
    Config { public_url: PUBLIC_URL.to_owned(), sign_in_providers: vec![provider], ..Config::quick() }
}

async fn verifies(stage: &Stage, email: &str) {
    let token = stage.mailed(email).await.last().unwrap().token();
    let verify = "mutation($token: String!) { verifyEmail(token: $token) { id } }";
    stage.data(None, verify, json!({ "token": token })).await;
}

#[tokio::test]
async fn a_stranger_gets_an_account_and_is_known_the_next_time() {
    let beside = Beside::a_provider().await;
    let providers = beside.stage.data(None, "{ signInProviders { key label } }", json!({})).await;
    assert_eq!(providers["signInProviders"], json!([{ "key": "sandbox", "label": "Sandbox" }]));
    let first = beside.signs_in("ada@example.org", true).await;
    assert_eq!(
        (&first["email"], &first["name"], &first["emailVerified"], &first["guest"]),
        (&json!("ada@example.org"), &json!("Ada Lovelace"), &json!(true), &json!(false))
    );
    assert_eq!(first["foreignAccounts"][0]["provider"]["label"], "Sandbox");
    let second = beside.signs_in("ada@example.org", true).await;
    assert_eq!(second["id"], first["id"]);
    assert_eq!(beside.stage.count("accounts").await, 1);
    assert!(beside.stage.mailed("ada@example.org").await.is_empty(), "the provider has verified the address");
    let third = beside.signs_in("bob@example.org", false).await;
    assert_eq!(third["emailVerified"], false);
    assert_eq!(beside.stage.mailed("bob@example.org").await[0].kind(), "VERIFY_ADDRESS");
}

#[tokio::test]
async fn an_account_with_the_address_is_opened_only_when_both_sides_have_verified_it() {
    let beside = Beside::a_provider().await;
    let stage = &beside.stage;
    let ada = stage.register("ada@example.org").await;
    for verified in [true, false] {
        let input = beside.comes_back("ada@example.org", verified).await;
        stage.refused(None, FINISH, json!({ "input": input }), "LOG_IN_TO_LINK").await;
    }
    verifies(stage, "ada@example.org").await;
    let input = beside.comes_back("ADA@example.org", false).await;
    stage.refused(None, FINISH, json!({ "input": input }), "LOG_IN_TO_LINK").await;
    let signed_in = beside.signs_in("ADA@example.org", true).await;
    assert_eq!(signed_in["id"], ada.id.public().to_string());
    assert_eq!(stage.mailed("ada@example.org").await.last().unwrap().kind(), "SECOND_FACTOR_CHANGED");
}

#[tokio::test]
async fn what_comes_back_is_taken_once_from_the_browser_that_was_sent() {
    let beside = Beside::a_provider().await;
    let stage = &beside.stage;
    let (of_ada, of_eve) =
        (beside.comes_back("ada@example.org", true).await, beside.comes_back("eve@example.org", true).await);
    // Eve lets Ada's browser come back with what is Eve's.
    let mixed = json!({ "challenge": of_ada["challenge"], "state": of_eve["state"], "code": of_eve["code"] });
    stage.refused(None, FINISH, json!({ "input": mixed }), "SIGN_IN_OVER").await;
    // A code is bound to the verifier of its own sign-in.
    let injected =
        json!({ "challenge": of_ada["challenge"], "state": of_ada["state"], "code": of_eve["code"] });
    stage.refused(None, FINISH, json!({ "input": injected }), "PROVIDER_REFUSED").await;
    stage.refused(None, FINISH, json!({ "input": of_ada }), "SIGN_IN_OVER").await;
    let late = beside.comes_back("ada@example.org", true).await;
    stage.later(chrono::Duration::minutes(10));
    stage.refused(None, FINISH, json!({ "input": late }), "SIGN_IN_OVER").await;
    stage.refused(None, BEGIN, json!({ "provider": "another" }), "UNKNOWN").await;
    assert_eq!(stage.count("accounts").await, 0);
}

#[tokio::test]
async fn who_is_logged_in_links_an_account_and_unlinks_it() {
    let beside = Beside::a_provider().await;
    let stage = &beside.stage;
    let ada = stage.register("ada@example.org").await;
    let bob = stage.register("bob@example.org").await;
    let input = beside.comes_back("elsewhere@example.org", false).await;
    stage.refused(Some(ada.id), LINK, json!({ "input": input }), "REQUIRED").await;
    let password = json!({ "password": PASSWORD });
    let linked = stage.data(Some(ada.id), LINK, json!({ "input": input, "proof": password })).await;
    assert_eq!(linked["linkForeignAccount"]["provider"]["key"], "sandbox");
    assert_eq!(beside.signs_in("elsewhere@example.org", false).await["id"], ada.id.public().to_string());
    let input = beside.comes_back("elsewhere@example.org", false).await;
    let of_bob = json!({ "input": input, "proof": password });
    stage.refused(Some(bob.id), LINK, of_bob, "FOREIGN_ACCOUNT_TAKEN").await;

    let unlink = json!({ "id": linked["linkForeignAccount"]["id"], "proof": password });
    stage.refused(Some(bob.id), UNLINK, unlink.clone(), "NO_SUCH_FOREIGN_ACCOUNT").await;
    let unlinked = stage.data(Some(ada.id), UNLINK, unlink).await;
    assert_eq!(unlinked["unlinkForeignAccount"]["foreignAccounts"], json!([]));
}

#[tokio::test]
async fn an_account_elsewhere_does_not_replace_the_second_factor() {
    let beside = Beside::a_provider().await;
    let stage = &beside.stage;
    let ada = stage.register("ada@example.org").await;
    verifies(stage, "ada@example.org").await;
    let query = "mutation($proof: ProofInput) { beginTotp(proof: $proof) { challenge otpauthUri } }";
    let begun = stage.data(Some(ada.id), query, json!({ "proof": { "password": PASSWORD } })).await;
    let begun = &begun["beginTotp"];
    let app = totp_rs::Totp::from_url(begun["otpauthUri"].as_str().unwrap()).unwrap();
    let now = u64::try_from(kernel::Clock::now(&*stage.clock).timestamp()).unwrap();
    let input = json!({ "challenge": begun["challenge"], "code": app.generate(now).to_string() });
    let confirm = "mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes } }";
    let codes = stage.data(Some(ada.id), confirm, json!({ "input": input })).await;
    let input = beside.comes_back("ada@example.org", true).await;
    let refused = stage.refused(None, FINISH, json!({ "input": input }), "SECOND_FACTOR_REQUIRED").await;
    let complete = "mutation($input: CompleteLoginInput!) { completeLogin(input: $input) { user { id } } }";
    let input =
        json!({ "challenge": refused["challenge"], "code": codes["confirmTotp"]["recoveryCodes"][0] });
    let data = stage.data(None, complete, json!({ "input": input })).await;
    assert_eq!(data["completeLogin"]["user"]["id"], ada.id.public().to_string());
}

#[tokio::test]
async fn a_provider_that_does_not_answer_or_does_not_know_us_is_told_in_words() {
    let silent = Stage::with(&config("http://127.0.0.1:9/openid", OPENID_CLIENT_SECRET)).await;
    let refused = silent.refused(None, BEGIN, json!({ "provider": "sandbox" }), "TEMPORARILY_DOWN").await;
    assert_eq!(refused["code"], "SERVICE_UNAVAILABLE");

    let Beside { sandbox, browser, .. } = Beside::a_provider().await;
    let stage = Stage::with(&config(&sandbox.openid_issuer(), "another secret")).await;
    let beside = Beside { stage, sandbox, browser };
    let input = beside.comes_back("ada@example.org", true).await;
    beside.stage.refused(None, FINISH, json!({ "input": input }), "PROVIDER_REFUSED").await;
}
