//! What a guest bought is in an account: the payment follows its order. And whoever asks gets all that is kept of them.

use contracts::{purchase::TakePayment, tickets::OrderClaimed};
use kernel::{EventId, UserId};
use serde_json::{Value, json};
use testbed::until;

use crate::stage::{Stage, an_order};

fn claimed(order: &TakePayment, to: UserId) -> OrderClaimed {
    OrderClaimed {
        order_id: order.order_id,
        number: order.number.clone(),
        event_id: EventId::new(),
        from: order.buyer_id,
        to,
        at: order.expires_at,
    }
}

async fn status(stage: &Stage, by: UserId, order: &TakePayment) -> u16 {
    stage.get(Some(by), &format!("/v1/orders/{}/payment", order.order_id)).await.0
}

#[tokio::test]
async fn the_payment_of_a_claimed_order_is_seen_by_whose_it_is_now_and_by_the_guest_no_more() {
    let stage = Stage::new().await;
    let (order, ada) = (stage.order().await, UserId::new());
    stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    assert_eq!((status(&stage, order.buyer_id, &order).await, status(&stage, ada, &order).await), (200, 404));
    stage.ask(&claimed(&order, ada)).await;
    stage.ask(&claimed(&order, ada)).await;
    until("the payment follows its order", async || status(&stage, ada, &order).await == 200).await;
    assert_eq!(status(&stage, order.buyer_id, &order).await, 404);
}

#[tokio::test]
async fn whoever_asks_gets_their_payments_with_how_they_were_tried_and_nothing_of_others() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    stage.pay(&order, "pm_card_visa", "b").await.unwrap();
    let second =
        TakePayment { buyer_id: order.buyer_id, number: "ODY-SECOND".to_owned(), ..an_order(700, "EUR") };
    stage.ask(&second).await;
    stage.ask(&an_order(900, "EUR")).await;
    let export = async || stage.get(Some(order.buyer_id), "/v1/me/export").await.1;
    until("both payments are there", async || export().await["records"].as_array().unwrap().len() == 2).await;
    let page = export().await;
    assert_eq!(
        (&page["service"], &page["kind"], &page["next"]),
        (&json!("payments"), &json!("payments"), &Value::Null)
    );
    let numbers: Vec<_> =
        page["records"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, ["ODY-SECOND", order.number.as_str()], "newest first");
    let first = &page["records"][1];
    assert_eq!((&first["status"], &first["method"]["last4"]), (&json!("SUCCEEDED"), &json!("4242")));
    assert_eq!(first["tries"].as_array().unwrap().len(), 2);
    let (_, strangers) = stage.get(Some(UserId::new()), "/v1/me/export").await;
    assert_eq!(strangers["records"], json!([]));
    assert_eq!(stage.get(None, "/v1/me/export").await.0, 401);
}
