use serde_json::{Value, json};

use crate::desk::Desk;

async fn send(desk: &Desk, body: &str) -> (u16, Value) {
    let url = format!("{}/2010-04-01/Accounts/AC1/Messages.json", desk.sandbox.sms_url());
    let answer = desk
        .http
        .post(url)
        .basic_auth("AC1", Some("token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_sms_arrives_and_a_bad_number_is_refused() {
    let desk = Desk::open().await;
    let (status, sent) = send(&desk, "To=%2B4915112345678&From=%2B15005550006&Body=Your+seat+is+A1").await;
    assert_eq!((status, &sent["status"]), (201, &json!("queued")));
    let (status, refused) = send(&desk, "To=12&From=%2B15005550006&Body=x").await;
    assert_eq!((status, &refused["code"]), (400, &json!(21211)));

    let kept = desk.json("/sandbox/sms.json?to=%2B4915112345678").await;
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!((&kept[0]["sid"], &kept[0]["body"]), (&sent["sid"], &json!("Your seat is A1")));
}

#[tokio::test]
async fn sms_fail_while_the_switch_says_so_and_strangers_may_not_send() {
    let desk = Desk::open().await;
    desk.switch(json!({"smsFail": "always"})).await;
    let good = "To=%2B4915112345678&From=%2B15005550006&Body=x";
    assert_eq!(send(&desk, good).await.0, 503);
    desk.switch(json!({"smsFail": 0})).await;
    assert_eq!(send(&desk, good).await.0, 201);
    let url = format!("{}/2010-04-01/Accounts/AC1/Messages.json", desk.sandbox.sms_url());
    assert_eq!(desk.http.post(url).send().await.unwrap().status(), 401);
}
