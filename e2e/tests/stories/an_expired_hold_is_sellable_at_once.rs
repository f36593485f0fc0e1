use e2e::{Settings, eventually, until};
use serde_json::json;

use crate::{Stage, id, instant};

/// With the sweeper off, nothing but the clock frees a seat.
#[tokio::test]
async fn an_expired_hold_is_sellable_at_once() {
    let settings = Settings::default().with("TICKETS__HOLD_SECONDS", &2).with("TICKETS__SWEEP", &false);
    let stage = Stage::set_with(settings).await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 2).await;
    let event = &stage.show.event;
    let reservation = buyer.holds(event, &seats).await.unwrap();
    let refused = rival.holds(event, &seats).await.unwrap_err();
    assert_eq!(refused.code, "SEATS_UNAVAILABLE");

    until(instant(&reservation["expiresAt"]) + chrono::Duration::milliseconds(1)).await;
    let theirs = rival.holds(event, &seats).await.unwrap();
    assert_eq!(theirs["status"], "ACTIVE");
    let late = buyer.checks_out(id(&reservation)).await.unwrap_err();
    assert_eq!(late.code, "RESERVATION_EXPIRED");
    let query = "query($id: ID!) { reservation(id: $id) { status } }";
    let seen = buyer.does("reservation", query, json!({ "id": id(&reservation) })).await.unwrap();
    assert_eq!(seen["status"], "EXPIRED");
}

#[tokio::test]
async fn a_released_hold_is_sellable_at_once() {
    let stage = Stage::set().await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 1).await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    assert_eq!(rival.releases(id(&reservation)).await.unwrap_err().code, "NOT_FOUND");
    assert_eq!(buyer.releases(id(&reservation)).await.unwrap()["status"], "RELEASED");
    rival.holds(&stage.show.event, &seats).await.unwrap();
}

#[tokio::test]
async fn an_order_that_nobody_pays_ends_and_frees_its_seats() {
    let stage = Stage::set_with(Settings::default().with("TICKETS__PAY_SECONDS", &2)).await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    let order = buyer.waits_for(id(&order), &["EXPIRED"]).await;
    assert_eq!(order["payment"]["status"], "CANCELLED");
    let late = buyer.pays(id(&order), "pm_card_visa").await.unwrap_err();
    assert!(["RESERVATION_EXPIRED", "CONFLICT"].contains(&late.code.as_str()), "{late:?}");
    rival.holds(&stage.show.event, &seats).await.unwrap();
    eventually("the buyer is told", async || {
        let query = "query { notifications { nodes { kind } } }";
        let told = buyer.does("notifications", query, json!({})).await.unwrap();
        (told["nodes"] == json!([{ "kind": "ORDER_EXPIRED" }])).then_some(())
    })
    .await;
}
