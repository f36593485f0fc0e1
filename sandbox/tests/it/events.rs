//! Events that Stripe keeps, as somebody reads them who did not hear of them.

use serde_json::Value;

use crate::desk::Desk;

async fn listed(desk: &Desk, query: &str) -> (u16, Value) {
    let url = format!("{}/v1/events?{query}", desk.sandbox.stripe_url().trim_end_matches('/'));
    let answer = desk.http.get(url).bearer_auth("sk_test_sandbox").send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

async fn kinds(desk: &Desk, query: &str) -> Vec<String> {
    let (status, page) = listed(desk, query).await;
    assert_eq!(status, 200, "{page}");
    page["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn events_are_kept_whether_or_not_anybody_heard_them() {
    let desk = Desk::open().await;
    desk.pay("pm_card_visa").await.unwrap();
    desk.pay("pm_card_chargeDeclined").await.unwrap_err();
    let all = [
        "payment_intent.payment_failed",
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_intent.created",
    ];
    assert_eq!(kinds(&desk, "").await, all);
    let two = "types[0]=payment_intent.succeeded&types[1]=payment_intent.payment_failed";
    assert_eq!(kinds(&desk, two).await, [all[0], all[2]]);
    let (_, first) = listed(&desk, &format!("{two}&limit=1")).await;
    assert_eq!((&first["has_more"], &first["data"][0]["object"]), (&true.into(), &"event".into()));
    let id = first["data"][0]["id"].as_str().unwrap();
    assert_eq!(kinds(&desk, &format!("{two}&starting_after={id}")).await, [all[2]]);
    let told = desk.json("/sandbox/webhooks.json").await;
    let body: Value = serde_json::from_str(told[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(first["data"][0], body, "it is what the webhook says");
}

#[tokio::test]
async fn events_of_some_time_can_be_asked_for() {
    let desk = Desk::open().await;
    desk.pay("pm_card_visa").await.unwrap();
    let (_, page) = listed(&desk, "types[]=payment_intent.succeeded").await;
    let at = page["data"][0]["created"].as_i64().unwrap();
    for (bound, is_in) in [
        (format!("created[gte]={at}"), true),
        (format!("created[gt]={at}"), false),
        (format!("created[lte]={at}"), true),
        (format!("created[lt]={at}"), false),
    ] {
        let found = kinds(&desk, &format!("types[]=payment_intent.succeeded&{bound}")).await;
        assert_eq!(found.len(), usize::from(is_in), "{bound}");
    }
    let many: Vec<_> = (0..21).map(|number| format!("types[{number}]=charge.refunded")).collect();
    assert_eq!(listed(&desk, &many.join("&")).await.0, 400);
}
