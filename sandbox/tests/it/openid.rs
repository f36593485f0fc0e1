use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::LOCATION;
use reqwest::{Response, Url};
use sandbox::{OPENID_CLIENT_ID, OPENID_CLIENT_SECRET, SandboxOptions};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::desk::Desk;

const BACK: &str = "https://tickets.example/account/foreign-sign-in";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-of-pkce";

async fn desk() -> Desk {
    Desk::open_with(SandboxOptions { sign_in_back: Some(BACK.to_owned()), ..SandboxOptions::default() }).await
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn asked(change: &[(&'static str, &str)]) -> HashMap<&'static str, String> {
    let mut asked = HashMap::from([
        ("client_id", OPENID_CLIENT_ID.to_owned()),
        ("redirect_uri", BACK.to_owned()),
        ("response_type", "code".to_owned()),
        ("scope", "openid email".to_owned()),
        ("state", "s-1".to_owned()),
        ("nonce", "n-1".to_owned()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".to_owned()),
        ("email", "ada@example.org".to_owned()),
        ("email_verified", "on".to_owned()),
        ("name", "Ada".to_owned()),
        ("decision", "allow".to_owned()),
    ]);
    asked.extend(change.iter().map(|(name, value)| (*name, (*value).to_owned())));
    asked
}

fn encoded<V: AsRef<str>>(pairs: impl IntoIterator<Item = (&'static str, V)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn decides(desk: &Desk, change: &[(&'static str, &str)]) -> Response {
    let url = format!("{}/decide", desk.sandbox.openid_issuer());
    desk.http.post(url).body(encoded(asked(change))).send().await.unwrap()
}

fn sent_to(answer: &Response) -> HashMap<String, String> {
    let address = Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap();
    assert!(address.as_str().starts_with(BACK), "{address}");
    address.query_pairs().into_owned().collect()
}

async fn exchange(desk: &Desk, code: &str, verifier: &str, back: &str, secret: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", verifier),
        ("redirect_uri", back),
    ];
    let url = format!("{}/token", desk.sandbox.openid_issuer());
    let asked = desk.http.post(url).basic_auth(OPENID_CLIENT_ID, Some(secret)).body(encoded(form));
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn code(desk: &Desk) -> String {
    sent_to(&decides(desk, &[]).await)["code"].clone()
}

#[tokio::test]
async fn a_person_who_says_who_they_are_is_vouched_for_once() {
    let desk = desk().await;
    let issuer = desk.sandbox.openid_issuer();
    let description: Value = desk
        .http
        .get(format!("{issuer}/.well-known/openid-configuration"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(description["issuer"], issuer);
    let page =
        Url::parse_with_params(description["authorization_endpoint"].as_str().unwrap(), asked(&[])).unwrap();
    let page = desk.http.get(page).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("value=\"s-1\""));

    let sent = sent_to(&decides(&desk, &[]).await);
    assert_eq!(sent["state"], "s-1");
    let (status, tokens) = exchange(&desk, &sent["code"], VERIFIER, BACK, OPENID_CLIENT_SECRET).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["nonce"]),
        (&issuer.into(), &OPENID_CLIENT_ID.into(), &"n-1".into())
    );
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"ada@example.org".into(), &true.into()));
    let (status, again) = exchange(&desk, &sent["code"], VERIFIER, BACK, OPENID_CLIENT_SECRET).await;
    assert_eq!((status, &again["error"]), (400, &"invalid_grant".into()), "a code is exchanged once");
}

#[tokio::test]
async fn a_wrong_verifier_address_secret_or_code_gets_nothing() {
    let desk = desk().await;
    for (verifier, back, secret, error) in [
        ("another", BACK, OPENID_CLIENT_SECRET, "invalid_grant"),
        (VERIFIER, "https://evil.example", OPENID_CLIENT_SECRET, "invalid_grant"),
        (VERIFIER, BACK, "another", "invalid_client"),
    ] {
        let code = code(&desk).await;
        let (status, refused) = exchange(&desk, &code, verifier, back, secret).await;
        assert!(status >= 400 && refused["error"] == error, "{verifier} {back} {secret}: {refused}");
    }
    let (_, refused) = exchange(&desk, "none", VERIFIER, BACK, OPENID_CLIENT_SECRET).await;
    assert_eq!(refused["error"], "invalid_grant");
}

#[tokio::test]
async fn only_the_clients_own_address_gets_anybody_back_and_what_is_asked_wrongly_is_told_there() {
    let desk = desk().await;
    for wrong in
        [("client_id", "another"), ("redirect_uri", "https://evil.example"), ("redirect_uri", "javascript:1")]
    {
        let answer = decides(&desk, &[wrong]).await;
        assert_eq!(answer.status(), 400, "{wrong:?}");
        assert!(!answer.headers().contains_key(LOCATION));
    }
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "email"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("decision", "refuse"), "access_denied"),
    ] {
        let sent = sent_to(&decides(&desk, &[wrong]).await);
        assert_eq!((sent["error"].as_str(), sent.contains_key("code")), (error, false), "{wrong:?}");
    }
}
