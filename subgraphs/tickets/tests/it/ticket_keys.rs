//! The keys of tickets: published for scanners, and changed while tickets are in people's hands.

use std::path::Path;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use contracts::purchase::TicketInHand;
use ed25519_dalek::{
    Signature, SigningKey, VerifyingKey,
    pkcs8::{EncodePrivateKey, spki::der::pem::LineEnding},
};
use kernel::{SystemClock, UserId};
use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};
use service::Foundation;
use testbed::{Served, Signer};
use tickets::{
    Config,
    config::KeySources,
    domain::{
        entities::{CheckIn, FileForm},
        use_cases::{CheckInAsk, Tickets},
    },
};

use crate::stage::{Payments, STALLS, Stage, code};

/// A key of one's own, in a file as `openssl genpkey -algorithm ed25519` writes it.
fn key_in(folder: &Path, name: &str) -> String {
    let pem = SigningKey::from_bytes(&rand::random()).to_pkcs8_pem(LineEnding::LF).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, pem.as_str()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The same service with its keys from elsewhere, as after a new start.
async fn with_keys(stage: &Stage, keys: &[&str]) -> Result<Tickets, kernel::Fault> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let config = Config { signing_keys: KeySources::try_from(keys).unwrap(), ..Config::default() };
    let clock = std::sync::Arc::new(SystemClock);
    let tokens = Signer::new(clock.clone()).verifier();
    let bus = std::sync::Arc::new(messaging::InProcessBus::new());
    Ok(tickets::use_cases(&config, &stage.database, &Foundation { bus, clock, tokens }).await?.0)
}

/// What a scanner without a network does: it tries the keys it knows.
fn is_ours(keys: &Value, payload: &str) -> bool {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload.strip_prefix("ODY1.").unwrap()).unwrap();
    let (content, signature) = bytes.split_at(36);
    let signature = Signature::from_slice(signature).unwrap();
    keys["keys"].as_array().unwrap().iter().any(|key| {
        let x = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
        let key = VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap();
        key.verify_strict(content, &signature).is_ok()
    })
}

async fn sold() -> (Stage, TicketInHand) {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let ticket = stage.carry(Payments::Pay).await.remove(0).tickets.remove(0);
    (stage, ticket)
}

#[tokio::test]
async fn the_keys_that_scanners_verify_with_are_published_and_may_be_kept() {
    let (stage, TicketInHand { qr_payload: payload, .. }) = sold().await;
    let served = Served::start(stage.routes.clone()).await;
    let url = format!("{}/api/tickets/v1/keys", served.url);
    let response = reqwest::get(&url).await.unwrap();
    assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=300");
    let tag = response.headers()[ETAG].clone();
    let keys: Value = response.json().await.unwrap();
    let own = stage.tickets.public_keys().remove(0);
    let key =
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": own.kid, "x": own.x });
    assert_eq!(keys, json!({ "keys": [key] }));
    assert!(is_ours(&keys, &payload));
    let again = reqwest::Client::new().get(&url).header(IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn a_key_is_changed_and_the_tickets_of_the_one_before_still_open_the_door() {
    let (stage, TicketInHand { ticket_id, qr_payload: payload, .. }) = sold().await;
    let folder = tempfile::tempdir().unwrap();
    let next = key_in(folder.path(), "next.pem");
    let admitted = async |tickets: &Tickets, code: &str| {
        let (by, event, code) = (stage.organizer, stage.event, code.to_owned());
        let ask = CheckInAsk { by, event, code, gate: None, nonce: Some("the same scan".to_owned()) };
        tickets.check_in(ask).await.unwrap().outcome
    };
    let (ticket, event) = stage.tickets.ticket_of_code(ticket_id, &payload).await.unwrap();

    // First all replicas and scanners learn of it, then it signs, then the one before is forgotten.
    let announced = with_keys(&stage, &["database", &next]).await.unwrap();
    assert_eq!(announced.qr_payload(&ticket), payload, "the first of them signs");
    let changed = with_keys(&stage, &[&next, "database"]).await.unwrap();
    let anew = changed.qr_payload(&ticket);
    assert_ne!(anew, payload);
    assert_eq!(admitted(&announced, &anew).await, CheckIn::Admitted);
    assert_eq!(admitted(&changed, &payload).await, CheckIn::Admitted);
    let address = |tickets: &Tickets| tickets.file_address(&ticket, &event, FileForm::Pdf).unwrap();
    let (old, new) = (address(&announced), address(&changed));
    assert_eq!(announced.ticket_at(&new).await.unwrap().0.id, ticket_id);
    assert_eq!(changed.ticket_at(&old).await.unwrap().0.id, ticket_id);
    let (before, after) = (announced.public_keys(), changed.public_keys());
    assert_eq!((before.len(), &before[0], &before[1]), (2, &after[1], &after[0]));

    let forgotten = with_keys(&stage, &[&next]).await.unwrap();
    assert_eq!(admitted(&forgotten, &anew).await, CheckIn::Admitted);
    assert_eq!(admitted(&forgotten, &payload).await, CheckIn::Invalid);
    assert_eq!(forgotten.ticket_at(&new).await.unwrap().0.id, ticket_id);
    assert_eq!(code(forgotten.ticket_at(&old).await), "NOT_FOUND");
}

#[tokio::test]
async fn a_key_that_is_not_there_or_is_none_stops_the_start_and_is_named() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none.pem");
    std::fs::write(&none, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    for path in ["/nowhere/at/all.pem", none.to_str().unwrap()] {
        let fault = with_keys(&stage, &["database", path]).await.err().unwrap();
        assert!(fault.chain().contains(path), "{}", fault.chain());
    }
    let nothing = serde_json::from_value::<Config>(json!({ "signing_keys": [] })).unwrap_err();
    assert!(nothing.to_string().contains("at least one key"), "{nothing}");
    let said = json!({ "signing_keys": ["/run/secrets/next.pem", "database"] });
    let read: Config = serde_json::from_value(said.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap()["signing_keys"], said["signing_keys"]);
}
