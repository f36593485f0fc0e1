//! Passwords that are forgotten, and passwords that change.

use std::{
    net::IpAddr,
    time::{Duration as Time, Instant},
};

use chrono::Duration;
use kernel::ErrorCode;
use serde_json::{Value, json};
use users::LogIn;

use crate::{
    second_factors::Ada,
    stage::{Mailed, PASSWORD, Person, Stage},
};

const FORGOT: &str = "mutation($email: String!) { requestPasswordReset(email: $email) }";
const RESET: &str = "mutation($token: String!, $password: String!) {
    resetPassword(token: $token, newPassword: $password) { refreshToken user { id emailVerified } } }";
const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }";
const NEW: &str = "a brand new paper lantern";

async fn forgets(stage: &Stage, email: &str) {
    assert_eq!(stage.data(None, FORGOT, json!({ "email": email })).await["requestPasswordReset"], true);
}

/// The links to choose a password that were mailed there so far.
async fn links(stage: &Stage, email: &str) -> Vec<String> {
    let mails = stage.mailed(email).await;
    mails.iter().filter(|mail| mail.kind() == "PASSWORD_RESET").map(Mailed::token).collect()
}

fn chosen(token: &str, password: &str) -> Value {
    json!({ "token": token, "password": password })
}

async fn logs_in(stage: &Stage, email: &str, password: &str) -> bool {
    let ask = LogIn { email: email.to_owned(), password: password.to_owned(), ..LogIn::default() };
    stage.users.log_in(ask).await.is_ok()
}

async fn refreshes(stage: &Stage, token: &str) -> bool {
    stage.users.refresh_session(token).await.is_ok()
}

fn change(current: Option<&str>, new: &str) -> Value {
    json!({ "input": { "currentPassword": current, "newPassword": new } })
}

fn reason(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["reason"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn who_forgot_a_password_chooses_another_by_mail_and_every_session_ends() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    forgets(&stage, "ADA@example.org").await;
    let token = links(&stage, "ada@example.org").await.remove(0);
    let data = stage.data(None, RESET, chosen(&token, NEW)).await;
    let payload = &data["resetPassword"];
    assert_eq!(
        payload["user"],
        json!({ "id": ada.id.public(), "emailVerified": true }),
        "who has the mail has the address"
    );
    assert!(!refreshes(&stage, &ada.refresh_token).await);
    assert!(refreshes(&stage, payload["refreshToken"].as_str().unwrap()).await);
    assert!(logs_in(&stage, "ada@example.org", NEW).await);
    assert!(!logs_in(&stage, "ada@example.org", PASSWORD).await);
    let mails = stage.mailed("ada@example.org").await;
    assert_eq!(mails.last().unwrap().kind(), "PASSWORD_CHANGED");
}

#[tokio::test]
async fn a_link_to_choose_a_password_is_good_once_and_for_half_an_hour() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    forgets(&stage, "ada@example.org").await;
    stage.later(Duration::minutes(2));
    forgets(&stage, "ada@example.org").await;
    let both = links(&stage, "ada@example.org").await;
    assert_eq!(both.len(), 2);
    stage.data(None, RESET, chosen(&both[0], NEW)).await;
    for spent in &both {
        let refused = stage.refusal(None, RESET, chosen(spent, "another paper lantern")).await;
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "token".to_owned()), "the other one ends with it");
    }
    stage.later(Duration::minutes(2));
    forgets(&stage, "ada@example.org").await;
    let late = links(&stage, "ada@example.org").await.pop().unwrap();
    stage.later(Duration::minutes(30));
    assert_eq!(stage.refusal(None, RESET, chosen(&late, NEW)).await.0, "NOT_FOUND");
    assert!(logs_in(&stage, "ada@example.org", NEW).await);
}

#[tokio::test]
async fn no_link_does_another_ones_work_and_none_is_kept_as_it_is() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let verify = stage.mailed("ada@example.org").await[0].token();
    forgets(&stage, "ada@example.org").await;
    let reset = links(&stage, "ada@example.org").await.remove(0);
    assert_eq!(stage.refusal(None, RESET, chosen(&verify, NEW)).await.0, "NOT_FOUND");
    let opens = "mutation($token: String!) { verifyEmail(token: $token) { id } }";
    assert_eq!(stage.refusal(Some(ada.id), opens, json!({ "token": reset })).await.0, "NOT_FOUND");
    assert_eq!(stage.count(&format!("address_proofs WHERE token IN ('{verify}', '{reset}')")).await, 0);
    stage.data(None, RESET, chosen(&reset, NEW)).await;
}

#[tokio::test]
async fn asking_for_a_link_tells_nobody_whether_there_is_an_account() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    stage.guest("bob@example.org").await;
    let mut took = Vec::new();
    for email in ["ada@example.org", "ada@example.org", "bob@example.org", "nobody@example.org"] {
        let start = Instant::now();
        forgets(&stage, email).await;
        took.push(start.elapsed());
    }
    assert!(took.iter().all(|took| *took >= Time::from_millis(250)), "{took:?}");
    assert_eq!(links(&stage, "ada@example.org").await.len(), 1, "no second one so soon, and it is not told");
    for nobody in ["bob@example.org", "nobody@example.org"] {
        assert!(stage.mailed(nobody).await.is_empty());
    }
    let refused = stage.refusal(None, FORGOT, json!({ "email": "\u{200b}ada@example.org" })).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "email".to_owned()));
}

#[tokio::test]
async fn one_client_asks_for_twenty_mails_and_then_waits_and_nobody_gets_more_than_five_a_day() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    let from = |number: u8| Some(IpAddr::from([198, 51, 100, number]));
    for _ in 0..8 {
        stage.users.request_password_reset("ada@example.org", None).await.unwrap();
        stage.later(Duration::minutes(2));
    }
    assert_eq!(links(&stage, "ada@example.org").await.len(), 5);
    let emails: Vec<_> = (0..21).map(|number| format!("nobody-{number}@example.org")).collect();
    let asks = emails.iter().map(|email| stage.users.request_password_reset(email, from(7)));
    let answers = futures::future::join_all(asks).await;
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()?.refusal()).collect();
    assert_eq!(refused.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [ErrorCode::RateLimited]);
    stage.users.request_password_reset("nobody@example.org", from(8)).await.unwrap();
}

#[tokio::test]
async fn a_bad_new_password_costs_no_link() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    forgets(&stage, "ada@example.org").await;
    let token = links(&stage, "ada@example.org").await.remove(0);
    for bad in ["", "short", "Password123!", "ada@example.org"] {
        let refused = stage.refusal(None, RESET, chosen(&token, bad)).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "newPassword".to_owned()), "{bad}");
    }
    stage.data(None, RESET, chosen(&token, NEW)).await;
}

#[tokio::test]
async fn of_many_who_open_one_link_at_once_one_chooses_the_password() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    forgets(&stage, "ada@example.org").await;
    let token = links(&stage, "ada@example.org").await.remove(0);
    let words: Vec<_> = (0..6).map(|number| format!("{NEW} number {number}")).collect();
    let all = words.iter().map(|word| stage.ask(None, RESET, chosen(&token, word)));
    let answers = futures::future::join_all(all).await;
    let won: Vec<_> = answers.iter().map(|answer| answer.get("errors").is_none()).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{answers:?}");
    for (word, won) in words.iter().zip(won) {
        assert_eq!(logs_in(&stage, "ada@example.org", word).await, won);
    }
}

#[tokio::test]
async fn a_new_password_does_not_spare_the_second_factor() {
    let stage = Stage::new().await;
    Ada::on(&stage).await;
    let verify = stage.mailed("ada@example.org").await[0].token();
    stage.users.verify_email(None, &verify).await.unwrap();
    forgets(&stage, "ada@example.org").await;
    let token = links(&stage, "ada@example.org").await.remove(0);
    let refused = stage.ask(None, RESET, chosen(&token, NEW)).await;
    assert_eq!(reason(&refused), "SECOND_FACTOR_REQUIRED");
    assert_eq!(stage.refusal(None, RESET, chosen(&token, NEW)).await.0, "NOT_FOUND", "the password is set");
    let login = "mutation($input: LoginInput!) { login(input: $input) { user { id } } }";
    for (password, why) in [(NEW, "SECOND_FACTOR_REQUIRED"), (PASSWORD, "WRONG_CREDENTIALS")] {
        let input = json!({ "input": { "email": "ada@example.org", "password": password } });
        assert_eq!(reason(&stage.ask(None, login, input).await), why);
    }
}

#[tokio::test]
async fn whoever_registered_with_an_address_that_is_not_theirs_keeps_no_way_in() {
    let stage = Stage::new().await;
    // Somebody else did, before the address's owner came: nobody has opened the mail.
    Ada::on(&stage).await;
    forgets(&stage, "ada@example.org").await;
    let token = links(&stage, "ada@example.org").await.remove(0);
    let data = stage.data(None, RESET, chosen(&token, NEW)).await;
    assert_eq!(data["resetPassword"]["user"]["emailVerified"], true);
    assert_eq!(stage.count("second_factors").await, 0);
    assert_eq!(stage.count("sessions WHERE ended_at IS NULL").await, 1);
}

async fn elsewhere(stage: &Stage, ada: &Person) -> String {
    let ask = LogIn { email: ada.email.clone(), password: PASSWORD.to_owned(), ..LogIn::default() };
    stage.users.log_in(ask).await.unwrap().refresh_token
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_is_told_by_mail() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    stage.later(Duration::hours(1));
    let other = elsewhere(&stage, &ada).await;
    let answer = stage.ask_in(Some((ada.id, here)), CHANGE, change(Some(PASSWORD), NEW)).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert!(!refreshes(&stage, &other).await && refreshes(&stage, &ada.refresh_token).await);
    assert!(logs_in(&stage, "ada@example.org", NEW).await);
    assert_eq!(stage.mailed("ada@example.org").await.last().unwrap().kind(), "PASSWORD_CHANGED");
}

#[tokio::test]
async fn the_old_password_is_asked_for_unless_one_has_just_logged_in() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    let bob = stage.register("bob@example.org").await;
    let of_bob = stage.latest_session(&bob).await;
    let tries = async |session, input| stage.ask_in(Some((ada.id, session)), CHANGE, input).await;
    let refused = tries(of_bob, change(None, NEW)).await;
    assert_eq!(reason(&refused), "REQUIRED", "a session of somebody else says nothing");
    stage.later(Duration::minutes(10));
    let refused = tries(here, change(None, NEW)).await;
    assert_eq!(refused["errors"][0]["extensions"]["field"], "currentPassword");
    let refused = tries(here, change(Some("not-the-password"), NEW)).await;
    assert_eq!(reason(&refused), "PASSWORD_WRONG");
    elsewhere(&stage, &ada).await;
    let fresh = stage.latest_session(&ada).await;
    let answer = tries(fresh, change(None, NEW)).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert!(logs_in(&stage, "ada@example.org", NEW).await);
}

#[tokio::test]
async fn the_old_password_cannot_be_guessed_by_a_borrowed_session() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    let words: Vec<_> = (0..40).map(|number| format!("not-the-password-{number}")).collect();
    let all = words.iter().map(|word| stage.ask_in(Some((ada.id, here)), CHANGE, change(Some(word), NEW)));
    let answers = futures::future::join_all(all).await;
    let looked_at = answers.iter().filter(|answer| reason(answer) == "PASSWORD_WRONG").count();
    assert!((10..=20).contains(&looked_at), "{looked_at}");
    assert!(answers.iter().any(|answer| reason(answer) == "TOO_MANY_WRONG_PASSWORDS"));
}

#[tokio::test]
async fn a_guest_has_no_password_to_change() {
    let stage = Stage::new().await;
    let guest = stage.guest("ada@example.org").await;
    let refused = stage.ask(Some(guest.id), CHANGE, change(Some(PASSWORD), NEW)).await;
    assert_eq!(reason(&refused), "ACCOUNT_REQUIRED");
}
