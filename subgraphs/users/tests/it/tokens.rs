use std::sync::Arc;

use chrono::Duration;
use ed25519_dalek::{
    SigningKey,
    pkcs8::{EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::JwkSet};
use kernel::{SystemClock, UserId};
use messaging::InProcessBus;
use serde_json::{Value, json};
use service::{
    Database, Foundation, TokenVerifier,
    tokens::{AUDIENCE, Claims, ISSUER},
};
use tokio::net::TcpListener;
use users::{Config, Migrator, Register, SigningKeys};

use crate::stage::{PASSWORD, Stage};

fn ada() -> Register {
    Register {
        email: "ada@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ada".to_owned(),
        locale: None,
        timezone: None,
        ..Register::default()
    }
}

#[tokio::test]
async fn an_access_token_holds_for_fifteen_minutes() {
    let stage = Stage::new().await;
    let logged_in = stage.users.register(None, ada()).await.unwrap();
    let jwks = SigningKeys::in_database(stage.database.clone()).jwks().await.unwrap();
    let header = jsonwebtoken::decode_header(&logged_in.access_token).unwrap();
    assert_eq!((header.alg, header.kid), (Algorithm::EdDSA, jwks.keys[0].common.key_id.clone()));
    let verifier = TokenVerifier::with_keys(jwks, stage.clock.clone());
    let caller = verifier.verify(&logged_in.access_token).await.unwrap();
    assert_eq!((caller.user, caller.until), (logged_in.profile.id, logged_in.expires_at));
    stage.later(Duration::minutes(15) + Duration::seconds(31));
    verifier.verify(&logged_in.access_token).await.unwrap_err();
}

#[tokio::test]
async fn a_token_signed_by_another_key_or_with_another_algorithm_is_worth_nothing() {
    let stage = Stage::new().await;
    let jwks = SigningKeys::in_database(stage.database.clone()).jwks().await.unwrap();
    let kid = jwks.keys[0].common.key_id.clone();
    let verifier = TokenVerifier::with_keys(jwks.clone(), stage.clock.clone());
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: UserId::new(),
        sid: kernel::SessionId::new(),
        iat: 0,
        exp: i64::from(i32::MAX),
        operator: false,
    };
    let der = SigningKey::from_bytes(&[7; 32]).to_pkcs8_der().unwrap();
    let public = serde_json::to_vec(&jwks).unwrap();
    for (algorithm, key) in [
        (Algorithm::EdDSA, EncodingKey::from_ed_der(der.as_bytes())),
        (Algorithm::HS256, EncodingKey::from_secret(&public)),
    ] {
        let header = Header { kid: kid.clone(), ..Header::new(algorithm) };
        let forged = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        verifier.verify(&forged).await.unwrap_err();
    }
}

#[tokio::test]
async fn replicas_that_start_at_once_agree_on_one_key() {
    let stage = Stage::new().await;
    let replica = || async { SigningKeys::in_database(stage.database.clone()).jwks().await.unwrap() };
    let all = futures::future::join_all((0..8).map(|_| replica())).await;
    assert_eq!(all[0].keys.len(), 1);
    assert!(all.iter().all(|jwks| jwks == &all[0]));
}

#[tokio::test]
async fn a_key_can_be_given_by_a_file_and_a_broken_file_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let pem = SigningKey::from_bytes(&[7; 32]).to_pkcs8_pem(LineEnding::LF).unwrap();
    std::fs::write(&path, pem.as_bytes()).unwrap();
    let one = SigningKeys::in_file(path.clone()).jwks().await.unwrap();
    assert_eq!(one, SigningKeys::in_file(path.clone()).jwks().await.unwrap());
    assert!(!serde_json::to_string(&one).unwrap().contains("\"d\""), "only the public half");

    std::fs::write(&path, "no key").unwrap();
    let config = Config { signing_key_file: Some(path), ..Config::quick() };
    let database = Database::in_memory::<Migrator>().await.unwrap();
    let tokens = TokenVerifier::with_keys(JwkSet::default(), Arc::new(SystemClock));
    let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock: Arc::new(SystemClock), tokens };
    assert!(users::assemble(config, database, &foundation).await.is_err());
}

#[tokio::test]
async fn the_running_service_publishes_the_keys_that_its_tokens_are_verified_with() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let clock = Arc::new(SystemClock);
    let tokens = TokenVerifier::from_url(format!("{url}/.well-known/jwks.json"), clock.clone()).unwrap();
    let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens };
    let database = Database::in_memory::<Migrator>().await.unwrap();
    let assembled = users::assemble(Config::quick(), database, &foundation).await.unwrap();
    let running = assembled.start(listener, &foundation).await.unwrap();

    foundation.bus.open().await.unwrap();

    let client = reqwest::Client::new();
    let ask = async |token: Option<&str>, body: Value| -> Value {
        let mut request = client.post(format!("{url}/graphql")).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().json().await.unwrap()
    };
    let register = json!({ "query": format!("mutation {{ register(input: {{ email: \"ada@example.org\",
        password: \"{PASSWORD}\", name: \"Ada\" }}) {{ accessToken }} }}") });
    let answer = ask(None, register).await;
    let token = answer["data"]["register"]["accessToken"].as_str().unwrap().to_owned();
    let me = json!({ "query": "{ me { email } }" });
    assert_eq!(ask(Some(&token), me.clone()).await["data"]["me"]["email"], "ada@example.org");
    let forged = ask(Some(&format!("{}x", &token[..token.len() - 5])), me).await;
    assert_eq!(forged["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    running.stop().await;
}
