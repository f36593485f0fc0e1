//! Where somebody is logged in, and how that ends.

use chrono::Duration;
use kernel::SessionId;
use serde_json::{Value, json};
use users::{LogIn, domain::entities::Device};

use crate::stage::{PASSWORD, Person, Stage};

const MINE: &str = "{ me { sessions { id device current createdAt lastSeenAt } } }";
const REVOKE: &str = "mutation($id: ID!) { revokeSession(id: $id) }";
const REVOKE_OTHERS: &str = "mutation { revokeOtherSessions }";

async fn elsewhere(stage: &Stage, ada: &Person, agent: &str) -> String {
    let ask = LogIn {
        email: ada.email.clone(),
        password: PASSWORD.to_owned(),
        device: Device::calling_itself(agent),
        ..LogIn::default()
    };
    stage.users.log_in(ask).await.unwrap().refresh_token
}

async fn mine(stage: &Stage, ada: &Person, session: SessionId) -> Vec<Value> {
    let answer = stage.ask_in(Some((ada.id, session)), MINE, json!({})).await;
    answer["data"]["me"]["sessions"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

#[tokio::test]
async fn everybody_sees_where_they_are_logged_in_the_latest_first() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    stage.later(Duration::hours(1));
    elsewhere(&stage, &ada, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0").await;
    let seen = mine(&stage, &ada, here).await;
    let told: Vec<_> =
        seen.iter().map(|session| (session["device"].clone(), session["current"].clone())).collect();
    assert_eq!(told, [(json!("Firefox on Linux"), json!(false)), (json!(null), json!(true))]);
    stage.later(Duration::hours(1));
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
    let seen = mine(&stage, &ada, here).await;
    let now = kernel::rfc3339(kernel::Clock::now(&*stage.clock));
    assert_eq!((&seen[0]["current"], &seen[0]["lastSeenAt"]), (&json!(true), &json!(now)));
    assert_ne!(seen[0]["createdAt"], seen[0]["lastSeenAt"]);
}

#[tokio::test]
async fn a_session_is_ended_from_elsewhere_and_can_be_ended_again() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    stage.later(Duration::minutes(1));
    let lost = elsewhere(&stage, &ada, "curl/8.5").await;
    let id = mine(&stage, &ada, here).await[0]["id"].clone();
    for _ in 0..2 {
        assert_eq!(stage.data(Some(ada.id), REVOKE, json!({ "id": id })).await["revokeSession"], true);
    }
    stage.users.refresh_session(&lost).await.unwrap_err();
    assert!(stage.users.session_has_ended(id.as_str().unwrap().parse().unwrap()).await.unwrap());
    assert_eq!(mine(&stage, &ada, here).await.len(), 1);
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
}

#[tokio::test]
async fn nobody_ends_or_sees_the_sessions_of_somebody_else() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.register("ada@example.org").await, stage.register("eve@example.org").await);
    let of_ada = stage.latest_session(&ada).await;
    for id in [json!(of_ada.public()), json!(SessionId::new().public())] {
        assert_eq!(stage.refusal(Some(eve.id), REVOKE, json!({ "id": id })).await.0, "NOT_FOUND");
    }
    assert_eq!(stage.refusal(Some(eve.id), REVOKE, json!({ "id": "ord_1" })).await.0, "BAD_USER_INPUT");
    let opera = stage.found(&ada, "Oper").await;
    stage.enlists(&ada, &opera, &eve, "SCANNER").await;
    let person = "query($who: [_Any!]!) { _entities(representations: $who) {
        ... on User { name sessions { id } emailChange { newEmail } } } }";
    let who = json!({ "who": [{ "__typename": "User", "id": ada.id }] });
    let seen = stage.data(Some(eve.id), person, who).await;
    assert_eq!(seen["_entities"], json!([{ "name": "ada", "sessions": null, "emailChange": null }]));
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
}

#[tokio::test]
async fn all_other_sessions_end_at_once_at_the_cost_of_one() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let here = stage.latest_session(&ada).await;
    let ended = async |others: usize| {
        stage.later(Duration::seconds(1));
        for _ in 0..others {
            elsewhere(&stage, &ada, "curl/8.5").await;
        }
        let before = stage.database.statements();
        let answer = stage.ask_in(Some((ada.id, here)), REVOKE_OTHERS, json!({})).await;
        assert_eq!(answer["data"]["revokeOtherSessions"], others, "{answer}");
        stage.database.statements() - before
    };
    let (of_one, of_ten) = (ended(1).await, ended(10).await);
    assert_eq!(of_one, of_ten);
    ended(0).await;
    assert_eq!(mine(&stage, &ada, here).await.len(), 1);
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
}
