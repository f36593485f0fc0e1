use chrono::Duration;
use serde_json::json;

use crate::stage::{PASSWORD, Stage};

const LOGIN: &str =
    "mutation($input: LoginInput!) { login(input: $input) { refreshToken user { id email } } }";
const REFRESH: &str =
    "mutation($token: String!) { refreshSession(refreshToken: $token) { refreshToken user { id } } }";
const LOGOUT: &str = "mutation($token: String!) { logout(refreshToken: $token) }";

fn login(email: &str, password: &str) -> serde_json::Value {
    json!({ "input": { "email": email, "password": password } })
}

#[tokio::test]
async fn whoever_registers_is_logged_in_and_told_of_once() {
    let stage = Stage::new().await;
    let operation = "mutation($input: RegisterInput!) { register(input: $input) { expiresAt user {
        id email name guest phone locale timezone emailVerified memberships { role } } } }";
    let input = json!({ "input": { "email": "Ada@Example.org", "password": PASSWORD, "name": " Ada ",
        "locale": "de_at", "timezone": "Europe/Vienna" } });
    let data = stage.data(None, operation, input).await;
    let mut user = data["register"]["user"].clone();
    let id = user["id"].take();
    assert_eq!(
        user,
        json!({ "id": null, "email": "Ada@Example.org", "name": "Ada", "guest": false, "phone": null, "locale": "de-AT",
            "timezone": "Europe/Vienna", "emailVerified": false, "memberships": [] })
    );
    let me = stage.data(id.as_str().map(|id| id.parse().unwrap()), "{ me { email } }", json!({})).await;
    assert_eq!(me["me"]["email"], "Ada@Example.org");
    assert_eq!(stage.told().await, [("odysseus.users.account.changed.v1".to_owned(), 1)]);
    assert_eq!(stage.data(None, "{ me { id } }", json!({})).await["me"], json!(null));
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    let operation = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
    let input = json!({ "input": { "email": "ADA@example.ORG", "password": PASSWORD, "name": "A" } });
    let refusal = stage.refusal(None, operation, input).await;
    assert_eq!(refusal, ("CONFLICT".to_owned(), "email".to_owned()));
    assert_eq!((stage.count("accounts").await, stage.count("sessions").await), (1, 1));
    stage.data(None, LOGIN, login("ADA@EXAMPLE.ORG", PASSWORD)).await;
}

#[tokio::test]
async fn of_many_who_register_one_address_at_once_one_gets_it() {
    let stage = Stage::new().await;
    let operation = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
    let input = json!({ "input": { "email": "ada@example.org", "password": PASSWORD, "name": "A" } });
    let all = (0..8).map(|_| stage.ask(None, operation, input.clone()));
    let answers = futures::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.get("errors").is_none()).count(), 1);
    assert_eq!(stage.told().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_refused_alike() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    let wrong = stage.ask(None, LOGIN, login("ada@example.org", "not-the-password")).await;
    let unknown = stage.ask(None, LOGIN, login("bob@example.org", "not-the-password")).await;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn a_refresh_token_is_changed_for_the_next_one() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let mut token = ada.refresh_token;
    for _ in 0..3 {
        stage.later(Duration::days(29));
        let data = stage.data(None, REFRESH, json!({ "token": token })).await;
        assert_eq!(data["refreshSession"]["user"]["id"], json!(ada.id.public()));
        let next = data["refreshSession"]["refreshToken"].as_str().unwrap().to_owned();
        assert_ne!(std::mem::replace(&mut token, next.clone()), next);
    }
    stage.later(Duration::days(30));
    assert_eq!(stage.refusal(None, REFRESH, json!({ "token": token })).await.0, "UNAUTHENTICATED");
}

#[tokio::test]
async fn every_answer_that_logs_in_says_when_its_refresh_token_ends() {
    let stage = Stage::new().await;
    let ends = "refreshToken refreshExpiresAt";
    let register = format!("mutation($input: RegisterInput!) {{ it: register(input: $input) {{ {ends} }} }}");
    let input = json!({ "input": { "email": "ada@example.org", "password": PASSWORD, "name": "Ada" } });
    let first = stage.data(None, &register, input).await["it"].take();
    let in_days = |days| kernel::rfc3339(kernel::Clock::now(&*stage.clock) + Duration::days(days));
    assert_eq!(first["refreshExpiresAt"], in_days(30));
    stage.later(Duration::days(3));
    let refresh =
        format!("mutation($token: String) {{ it: refreshSession(refreshToken: $token) {{ {ends} }} }}");
    for at in [in_days(30), in_days(30)] {
        let next = stage.data(None, &refresh, json!({ "token": first["refreshToken"] })).await["it"].take();
        assert_eq!(next["refreshExpiresAt"], at, "also of an answer that is given again");
    }
    let log_in = format!("mutation($input: LoginInput!) {{ it: login(input: $input) {{ {ends} }} }}");
    let again = stage.data(None, &log_in, login("ada@example.org", PASSWORD)).await["it"].take();
    assert_eq!(again["refreshExpiresAt"], in_days(30));
    stage.later(Duration::days(30) - Duration::seconds(1));
    let last = stage.data(None, &refresh, json!({ "token": again["refreshToken"] })).await["it"].take();
    stage.later(Duration::days(30));
    assert_eq!(
        stage.refusal(None, &refresh, json!({ "token": last["refreshToken"] })).await.0,
        "UNAUTHENTICATED"
    );
}

#[tokio::test]
async fn a_reused_refresh_token_ends_its_session_and_no_other() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let other = stage.data(None, LOGIN, login("ada@example.org", PASSWORD)).await;
    let stolen = json!({ "token": ada.refresh_token });
    let data = stage.data(None, REFRESH, stolen.clone()).await;
    let next = json!({ "token": data["refreshSession"]["refreshToken"] });
    stage.later(Duration::seconds(10));
    assert_eq!(stage.refusal(None, REFRESH, stolen).await.0, "UNAUTHENTICATED");
    assert_eq!(stage.refusal(None, REFRESH, next).await.0, "UNAUTHENTICATED");
    assert_eq!(stage.count("sessions WHERE end_reason = 'TOKEN_REUSED'").await, 1);
    stage.data(None, REFRESH, json!({ "token": other["login"]["refreshToken"] })).await;
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_go_on_with_the_same_token() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let refresh = || stage.users.refresh_session(&ada.refresh_token);
    let (one, other) = tokio::join!(refresh(), refresh());
    let (one, other) = (one.unwrap().refresh_token, other.unwrap().refresh_token);
    assert_eq!(one, other);
    stage.users.refresh_session(&one).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_and_a_tab_that_is_late_catches_up() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let refresh = async |token: &str| stage.users.refresh_session(token).await.unwrap().refresh_token;
    let second = refresh(&ada.refresh_token).await;
    assert_eq!(refresh(&ada.refresh_token).await, second);
    stage.later(Duration::seconds(5));
    let third = refresh(&second).await;
    assert_eq!(refresh(&ada.refresh_token).await, third, "not one that is used already");
    stage.later(Duration::minutes(15));
    refresh(&third).await;
    assert_eq!(stage.count("sessions WHERE ended_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_can_be_said_again() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let token = json!({ "token": ada.refresh_token });
    for _ in 0..2 {
        assert_eq!(stage.data(None, LOGOUT, token.clone()).await["logout"], true);
    }
    assert_eq!(stage.refusal(None, REFRESH, token).await.0, "UNAUTHENTICATED");
    assert_eq!(stage.data(None, LOGOUT, json!({ "token": "no token" })).await["logout"], false);
    assert_eq!(stage.count("sessions WHERE end_reason = 'LOGGED_OUT'").await, 1);
}

#[tokio::test]
async fn neither_password_nor_refresh_token_is_kept_as_it_is() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    assert_eq!(stage.count("accounts WHERE password_hash LIKE '$argon2id$%'").await, 1);
    assert_eq!(stage.count(&format!("accounts WHERE password_hash LIKE '%{PASSWORD}%'")).await, 0);
    assert_eq!(stage.count(&format!("refresh_tokens WHERE hash = '{}'", ada.refresh_token)).await, 0);
}

#[tokio::test]
async fn what_has_run_out_is_forgotten_and_nothing_else() {
    let stage = Stage::new().await;
    stage.register("ada@example.org").await;
    stage.refusal(None, LOGIN, login("ada@example.org", "not-the-password")).await;
    stage.later(Duration::days(20));
    let bob = stage.register("bob@example.org").await;
    stage.later(Duration::days(11));
    let now = kernel::Clock::now(&*stage.clock);
    assert!(!service::retention::forget_once("users", &stage.database, &users::AGES, now).await.unwrap());
    assert_eq!((stage.count("sessions").await, stage.count("refresh_tokens").await), (1, 1));
    assert_eq!((stage.count("login_tries").await, stage.count("accounts").await), (0, 2));
    stage.data(None, REFRESH, json!({ "token": bob.refresh_token })).await;
}

#[tokio::test]
async fn a_changed_profile_is_told_and_an_unchanged_one_is_not() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let operation = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
        name phone locale timezone } }";
    let change =
        json!({ "input": { "name": "Ada L.", "phone": "+43 1 234 5678", "timezone": "Asia/Tokyo" } });
    for _ in 0..2 {
        let data = stage.data(Some(ada.id), operation, change.clone()).await;
        assert_eq!(
            data["updateProfile"],
            json!({ "name": "Ada L.", "phone": "+4312345678", "locale": "en", "timezone": "Asia/Tokyo" })
        );
    }
    assert_eq!(stage.told().await.len(), 2);
    let data = stage.data(Some(ada.id), operation, json!({ "input": { "phone": null } })).await;
    assert_eq!(data["updateProfile"]["phone"], json!(null));
    assert_eq!(stage.told().await.last().unwrap().1, 3);
}
