//! Wrong passwords slow down whoever sends them, and nobody else.

use std::net::IpAddr;

use chrono::Duration;
use kernel::ErrorCode;
use users::{LogIn, Register};

use crate::stage::{PASSWORD, Stage};

const HOME: [u8; 4] = [192, 0, 2, 1];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

async fn tries(
    stage: &Stage,
    from: [u8; 4],
    password: &str,
    device: Option<&str>,
) -> Result<String, ErrorCode> {
    let ask = LogIn {
        email: "ada@example.org".to_owned(),
        password: password.to_owned(),
        refresh_token: device.map(str::to_owned),
        client: Some(IpAddr::from(from)),
        device: None,
    };
    let answer = stage.users.log_in(ask).await;
    answer.map(|it| it.refresh_token).map_err(|error| error.refusal().unwrap().code)
}

async fn at_home(stage: &Stage) -> String {
    let ask = Register {
        email: "ada@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ada".to_owned(),
        client: Some(IpAddr::from(HOME)),
        ..Register::default()
    };
    stage.users.register(None, ask).await.unwrap().refresh_token
}

#[tokio::test]
async fn guesses_from_elsewhere_do_not_slow_down_the_owner_and_are_told_once() {
    let stage = Stage::new().await;
    at_home(&stage).await;
    for _ in 0..10 {
        assert_eq!(tries(&stage, ELSEWHERE, "not-the-password", None).await, Err(ErrorCode::Unauthenticated));
    }
    assert_eq!(tries(&stage, ELSEWHERE, PASSWORD, None).await, Err(ErrorCode::RateLimited));
    tries(&stage, HOME, PASSWORD, None).await.unwrap();
    stage.later(Duration::seconds(2));
    tries(&stage, ELSEWHERE, "not-the-password", None).await.unwrap_err();
    let mails = stage.mailed("ada@example.org").await;
    let told: Vec<_> = mails.iter().filter(|mail| mail.kind() == "PASSWORD_GUESSING").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0["kind"]["attempts"], 10);
}

#[tokio::test]
async fn at_a_place_that_others_share_the_owner_never_waits_long_and_a_known_device_not_at_all() {
    let stage = Stage::new().await;
    let device = at_home(&stage).await;
    for _ in 0..20 {
        tries(&stage, HOME, "not-the-password", None).await.unwrap_err();
    }
    assert_eq!(tries(&stage, HOME, PASSWORD, None).await, Err(ErrorCode::RateLimited));
    tries(&stage, HOME, PASSWORD, Some(&device)).await.unwrap();
    stage.later(Duration::seconds(5));
    tries(&stage, HOME, PASSWORD, None).await.unwrap();
}

#[tokio::test]
async fn a_pause_grows_and_ends_and_a_right_password_forgives() {
    let stage = Stage::new().await;
    at_home(&stage).await;
    for _ in 0..10 {
        tries(&stage, ELSEWHERE, "not-the-password", None).await.unwrap_err();
    }
    for pause in [1, 2, 4] {
        assert_eq!(tries(&stage, ELSEWHERE, PASSWORD, None).await, Err(ErrorCode::RateLimited));
        stage.later(Duration::seconds(pause));
        assert_eq!(tries(&stage, ELSEWHERE, "not-the-password", None).await, Err(ErrorCode::Unauthenticated));
    }
    stage.later(Duration::seconds(8));
    tries(&stage, ELSEWHERE, PASSWORD, None).await.unwrap();
    assert_eq!(tries(&stage, ELSEWHERE, "not-the-password", None).await, Err(ErrorCode::Unauthenticated));
}

#[tokio::test]
async fn guesses_at_the_same_time_are_no_more_than_guesses_one_by_one() {
    let stage = Stage::new().await;
    at_home(&stage).await;
    let words: Vec<_> = (0..40).map(|n| format!("not-the-password-{n}")).collect();
    let all = words.iter().map(|word| tries(&stage, ELSEWHERE, word, None));
    let answers = futures::future::join_all(all).await;
    let looked_at = answers.iter().filter(|answer| **answer == Err(ErrorCode::Unauthenticated)).count();
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn one_client_opens_a_hundred_accounts_and_then_waits() {
    let stage = Stage::new().await;
    let mut refused = None;
    for number in 0..101 {
        let ask = Register {
            email: format!("crew-{number}@example.org"),
            password: PASSWORD.to_owned(),
            name: "Crew".to_owned(),
            client: Some(IpAddr::from(ELSEWHERE)),
            ..Register::default()
        };
        if let Err(error) = stage.users.register(None, ask).await {
            refused = Some((number, error.refusal().unwrap().clone()));
        }
    }
    let (number, refusal) = refused.unwrap();
    assert_eq!((number, refusal.code), (100, ErrorCode::RateLimited));
    assert!(refusal.details["retryAfterSeconds"].as_u64().unwrap() <= 6);
}
