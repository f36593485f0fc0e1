//! Whoever's mail came back shows once more that it arrives.

use chrono::Duration;
use serde_json::{Value, json};

use crate::stage::Stage;

const ASK: &str = "mutation($again: Boolean!) { requestEmailVerification(again: $again) }";
const AGAIN: &str = "odysseus.users.address.verified_again.v1";

#[tokio::test]
async fn an_address_that_is_verified_is_verified_again_where_its_owner_asks_for_that() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let token = stage.mailed(&ada.email).await[0].token();
    stage.users.verify_email(None, &token).await.unwrap();
    assert_eq!(
        stage.payloads(AGAIN).await,
        <[Value; 0]>::default(),
        "the first time it is told as what it is"
    );
    stage.later(Duration::hours(1));
    let asked = async |again: bool| {
        stage.data(Some(ada.id), ASK, json!({ "again": again })).await["requestEmailVerification"].clone()
    };
    assert_eq!(asked(false).await, json!(false));
    assert_eq!(stage.mailed(&ada.email).await.len(), 1);
    assert_eq!(asked(true).await, json!(true));
    let versions = stage.told().await.len();
    let token = stage.mailed(&ada.email).await[1].token();
    for _ in 0..2 {
        stage.users.verify_email(Some(ada.id), &token).await.unwrap();
    }
    let told = stage.payloads(AGAIN).await;
    assert_eq!(told.len(), 1, "the link works once, and is opened twice: {told:?}");
    assert_eq!((&told[0]["user_id"], &told[0]["email"]), (&json!(ada.id.uuid()), &json!("ada@example.org")));
    assert_eq!(stage.told().await.len(), versions + 1, "nothing about the account has changed");
}

#[tokio::test]
async fn mails_that_verify_an_address_again_are_as_limited_as_others() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let token = stage.mailed(&ada.email).await[0].token();
    stage.users.verify_email(None, &token).await.unwrap();
    stage.later(Duration::hours(1));
    stage.data(Some(ada.id), ASK, json!({ "again": true })).await;
    assert_eq!(stage.refusal(Some(ada.id), ASK, json!({ "again": true })).await.0, "RATE_LIMITED");
}
