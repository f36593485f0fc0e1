use std::time::Duration;

use e2e::{Person, eventually};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::{Stage, id};

const REFUND: &str = "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id status } }";
const CANCEL: &str = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status } }";
const PROGRESS: &str =
    "query($id: ID!) { event(id: $id) { cancellation { finishedAt orders refunded failed } } }";

async fn buys(stage: &Stage, buyer: &Person, places: usize) -> Value {
    let seats = stage.seats(buyer, places).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    buyer.waits_for(id(&order), &["COMPLETED"]).await
}

/// The provider has given all of an order's money back, by one refund.
async fn is_given_back_once(stage: &Stage, order: &Value) {
    let paid = stage.platform.sandbox().payments_of(order["number"].as_str().unwrap()).await;
    let of = |payment: &Value| payment["refunds"].as_array().unwrap().clone();
    let refunds: Vec<Value> = paid.iter().flat_map(of).collect();
    assert_eq!((paid.len(), refunds.len()), (1, 1), "{paid:?}");
    assert_eq!(refunds[0]["amount"], paid[0]["amount"]);
}

#[tokio::test]
async fn one_of_two_tickets_goes_back_and_the_other_still_admits() {
    let stage = Stage::set().await;
    let buyer = stage.person("Rita").await;
    let order = buys(&stage, &buyer, 2).await;
    let ticket = id(&order["tickets"][0]).to_owned();
    let mut live = buyer.follows_order(id(&order)).await;
    live.next().await.unwrap();
    let input = json!({ "orderId": order["id"], "ticketIds": [ticket], "reason": "The balcony is closed.",
        "idempotencyKey": "one" });
    for _ in 0..2 {
        stage.organizer.does("refundOrder", REFUND, json!({ "input": input })).await.unwrap();
    }
    let order = buyer.waits_for(id(&order), &["PARTIALLY_REFUNDED"]).await;
    let query = "query($id: ID!) { order(id: $id) { total { total { amount } } payment { status refunded { amount } } \
                 tickets { id status price { total { amount } } } history { kind message } } }";
    let seen = buyer.does("order", query, json!({ "id": order["id"] })).await.unwrap();
    let statuses: Vec<_> =
        seen["tickets"].as_array().unwrap().iter().map(|ticket| &ticket["status"]).collect();
    assert_eq!(statuses, ["REFUNDED", "VALID"], "{seen}");
    assert_eq!(
        seen["payment"]["refunded"]["amount"], seen["tickets"][0]["price"]["total"]["amount"],
        "{seen}"
    );
    let told: Vec<_> = seen["history"].as_array().unwrap().iter().map(|step| &step["kind"]).collect();
    assert_eq!(told[told.len() - 2..], ["REFUND_STARTED", "REFUNDED"], "{seen}");
    let mail = stage.platform.sandbox().mail(&buyer.email, order["number"].as_str().unwrap()).await;
    assert!(!mail.text().is_empty());
    let seats = stage.seats(&buyer, 1).await;
    buyer.holds(&stage.show.event, &seats).await.expect("its place can be had again");
}

#[tokio::test]
async fn a_refund_that_is_killed_at_any_moment_goes_back_once() {
    let mut stage = Stage::set().await;
    let buyer = stage.person("Kim").await;
    for moment in [0, 100, 450, 900] {
        let order = buys(&stage, &buyer, 1).await;
        stage.platform.sandbox().switch(json!({ "apiLatencyMs": 300 })).await;
        let input = json!({ "orderId": order["id"], "idempotencyKey": order["id"] });
        stage.organizer.does("refundOrder", REFUND, json!({ "input": input })).await.unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        stage.platform.is_killed_and_starts_again().await;
        stage.platform.sandbox().switch(json!({ "apiLatencyMs": 0 })).await;
        buyer.waits_for(id(&order), &["REFUNDED"]).await;
        is_given_back_once(&stage, &order).await;
    }
}

#[tokio::test]
async fn an_event_that_is_called_off_gives_everything_back_whatever_is_killed() {
    let mut stage = Stage::set().await;
    let mut orders = Vec::new();
    for name in ["Ada", "Ben", "Cyd"] {
        let buyer = stage.person(name).await;
        for places in [1, 2] {
            orders.push((buyer.clone(), buys(&stage, &buyer, places).await));
        }
    }
    let choosing = stage.person("Dan").await;
    let seats = stage.seats(&choosing, 1).await;
    choosing.holds(&stage.show.event, &seats).await.unwrap();
    let input =
        json!({ "eventId": stage.show.event, "reason": "The singer is ill.", "idempotencyKey": "off" });
    stage.organizer.does("cancelEvent", CANCEL, json!({ "input": input })).await.unwrap();
    for _ in 0..3 {
        let moment = Duration::from_millis(rand::rng().random_range(100..2_500));
        tokio::time::sleep(moment).await;
        stage.platform.is_killed_and_starts_again().await;
    }
    let done = eventually("everything is given back", async || {
        let event = json!({ "id": stage.show.event });
        let seen = stage.organizer.does("event", PROGRESS, event).await.ok()?;
        Some(seen["cancellation"].clone()).filter(|progress| !progress["finishedAt"].is_null())
    })
    .await;
    assert_eq!(
        (&done["orders"], &done["refunded"], &done["failed"]),
        (&json!(6), &json!(6), &json!(0)),
        "{done}"
    );
    for (buyer, order) in &orders {
        buyer.waits_for(id(order), &["REFUNDED"]).await;
        is_given_back_once(&stage, order).await;
    }
}
