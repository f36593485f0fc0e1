//! Which tokens are believed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Json, Router, http::StatusCode, routing::get};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{ErrorCode, SessionId, StoppedClock, SystemClock, UserId};
use serde_json::{Value, json};
use service::{TokenVerifier, tokens::LEEWAY};

use crate::world::{Signer, claims};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn verifier(signer: &Signer) -> TokenVerifier {
    TokenVerifier::with_keys(signer.published(), Arc::new(StoppedClock::at(now())))
}

/// A token with any header, signed by nobody.
fn unsigned(header: &Value, claims: &impl serde::Serialize) -> String {
    let part = |value: String| BASE64_URL_SAFE_NO_PAD.encode(value);
    format!("{}.{}.", part(header.to_string()), part(serde_json::to_string(claims).unwrap()))
}

#[tokio::test]
async fn a_token_of_ours_tells_who_is_calling() {
    let (signer, user) = (Signer::new(1, "k1"), UserId::new());
    let claims = claims(user, now() + Duration::minutes(15));
    let caller = verifier(&signer).verify(&signer.sign(&claims)).await.unwrap();
    assert_eq!((caller.user, caller.session), (user, claims.sid));
    assert_eq!(caller.until, now() + Duration::minutes(15));
}

#[tokio::test]
async fn a_token_of_anybody_else_is_refused() {
    let (signer, other) = (Signer::new(1, "k1"), Signer::new(2, "k1"));
    let good = claims(UserId::new(), now() + Duration::minutes(15));
    let public = signer.key.verifying_key();
    let hs256 = |secret: &[u8]| {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap()
    };
    let genuine = signer.sign(&good);
    let (head, rest) = genuine.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let forged = claims(UserId::new(), now() + Duration::days(365));
    let forged = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_string(&forged).unwrap());
    let mut kidless = Header::new(Algorithm::EdDSA);
    kidless.kid = None;
    for (what, token) in [
        ("no algorithm", unsigned(&json!({ "alg": "none", "typ": "JWT", "kid": "k1" }), &good)),
        ("no signature", unsigned(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" }), &good)),
        ("the public key as a secret", hs256(public.as_bytes())),
        ("its text as a secret", hs256(BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes()).as_bytes())),
        ("another key under the same name", other.sign(&good)),
        ("an unknown key", Signer::new(1, "k2").sign(&good)),
        ("other claims under the same signature", format!("{head}.{forged}.{signature}")),
        ("a cut signature", genuine[..genuine.len() - 4].to_owned()),
        ("no token at all", "Bearer".to_owned()),
        ("nothing", String::new()),
    ] {
        let refusal = verifier(&signer).verify(&token).await.expect_err(what);
        assert_eq!(refusal.code, ErrorCode::Unauthenticated, "{what}");
    }
}

#[tokio::test]
async fn a_token_for_another_purpose_or_without_its_claims_is_refused() {
    let signer = Signer::new(1, "k1");
    let good = serde_json::to_value(claims(UserId::new(), now() + Duration::minutes(15))).unwrap();
    assert!(verifier(&signer).verify(&signer.sign(&good)).await.is_ok());
    for (claim, value) in [
        ("aud", json!("another")),
        ("iss", json!("another")),
        ("sub", json!("not an id")),
        ("aud", Value::Null),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sid", Value::Null),
        ("exp", Value::Null),
    ] {
        let mut wrong = good.clone();
        match value {
            Value::Null => drop(wrong.as_object_mut().unwrap().remove(claim)),
            value => wrong[claim] = value,
        }
        let refused = verifier(&signer).verify(&signer.sign(&wrong)).await;
        assert_eq!(refused.expect_err(claim).code, ErrorCode::Unauthenticated);
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_by_our_own_clock_with_some_leeway() {
    let signer = Signer::new(1, "k1");
    let leeway = Duration::seconds(i64::try_from(LEEWAY).unwrap());
    let token = |until| signer.sign(&claims(UserId::new(), until));
    assert!(verifier(&signer).verify(&token(now() - leeway)).await.is_ok());
    let refusal = verifier(&signer).verify(&token(now() - leeway - Duration::seconds(1))).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::Unauthenticated);
    assert!(refusal.message.contains("refreshSession"), "{}", refusal.message);
    for exp in [i64::MIN, i64::MAX] {
        let mut far = claims(UserId::new(), now());
        far.exp = exp;
        assert!(verifier(&signer).verify(&signer.sign(&far)).await.is_err(), "{exp}");
    }
}

#[tokio::test]
async fn a_token_of_a_session_that_has_ended_is_refused_and_those_of_others_are_not() {
    let (signer, user) = (Signer::new(1, "k1"), UserId::new());
    let verifier = verifier(&signer);
    let [ended, other] = [(); 2].map(|()| claims(user, now() + Duration::minutes(15)));
    assert!(verifier.verify(&signer.sign(&ended)).await.is_ok());
    verifier.clone().end_session(ended.sid, now() + Duration::minutes(15));
    let refusal = verifier.verify(&signer.sign(&ended)).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::Unauthenticated);
    assert!(verifier.verify(&signer.sign(&other)).await.is_ok());
    assert!(verifier.has_ended(ended.sid) && !verifier.has_ended(other.sid));
}

#[tokio::test]
async fn however_many_sessions_end_no_more_are_remembered_than_have_room() {
    let verifier = verifier(&Signer::new(1, "k1"));
    let sessions: Vec<_> = (0..150_000).map(|_| SessionId::new()).collect();
    for (at, session) in sessions.iter().enumerate() {
        verifier.end_session(*session, now() + Duration::milliseconds(i64::try_from(at).unwrap()));
    }
    let remembered = sessions.iter().filter(|session| verifier.has_ended(**session)).count();
    assert!((50_000..=100_000).contains(&remembered), "{remembered}");
    assert!(verifier.has_ended(sessions[149_999]), "those whose tokens hold longest");
}

#[tokio::test]
async fn keys_are_asked_for_once_and_an_unknown_key_does_not_make_us_ask_again_and_again() {
    let signer = Signer::new(1, "k1");
    let (asked, keys) = (Arc::new(AtomicU32::new(0)), signer.published());
    let counter = asked.clone();
    let route = get(async move || {
        counter.fetch_add(1, Ordering::SeqCst);
        Json(keys)
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().route("/keys", route)).into_future());
    let verifier = TokenVerifier::from_url(url, Arc::new(StoppedClock::at(now()))).unwrap();
    let good = claims(UserId::new(), now() + Duration::minutes(15));
    let (mine, strange) = (signer.sign(&good), Signer::new(2, "k2").sign(&good));
    for _ in 0..20 {
        assert!(verifier.verify(&mine).await.is_ok());
        assert_eq!(verifier.verify(&strange).await.unwrap_err().code, ErrorCode::Unauthenticated);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_keys_logins_cannot_be_checked_and_nobody_is_called_a_liar() {
    let failing = Router::new().route("/keys", get(async || StatusCode::INTERNAL_SERVER_ERROR));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, failing).into_future());
    let verifier = TokenVerifier::from_url(url, Arc::new(SystemClock)).unwrap();
    let token = Signer::new(1, "k1").sign(&claims(UserId::new(), now()));
    for _ in 0..3 {
        assert_eq!(verifier.verify(&token).await.unwrap_err().code, ErrorCode::ServiceUnavailable);
    }
}
