use serde_json::json;

use crate::{Stage, id};

#[tokio::test]
async fn places_without_numbers_are_counted_and_never_oversold() {
    let stage = Stage::set().await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let (event, floor) = (&stage.show.event, &stage.show.floor);
    // Forty places, ten in one order.
    let too_many = buyer.holds_standing(event, floor, 11).await.unwrap_err();
    assert_eq!(too_many.code, "LIMIT_EXCEEDED", "{too_many:?}");
    let mut orders = Vec::new();
    for who in [&buyer, &buyer, &rival] {
        let reservation = who.holds_standing(event, floor, 10).await.unwrap();
        assert_eq!(reservation["total"]["total"]["amount"], "250.00");
        orders.push((who, who.checks_out(id(&reservation)).await.unwrap()));
    }
    rival.holds_standing(event, floor, 8).await.unwrap();
    let refused = buyer.holds_standing(event, floor, 3).await.unwrap_err();
    assert_eq!(refused.code, "NOT_ENOUGH_AVAILABLE");
    buyer.holds_standing(event, floor, 2).await.unwrap();

    // One gives up, and exactly those places are free again.
    buyer.gives_up(id(&orders[1].1)).await.unwrap();
    buyer.waits_for(id(&orders[1].1), &["CANCELLED"]).await;
    assert_eq!(buyer.holds_standing(event, floor, 10).await.unwrap()["items"][0]["quantity"], 10);
    assert_eq!(rival.holds_standing(event, floor, 1).await.unwrap_err().code, "NOT_ENOUGH_AVAILABLE");

    let (who, order) = &orders[2];
    who.pays(id(order), "pm_card_visa").await.unwrap();
    let order = who.waits_for(id(order), &["COMPLETED"]).await;
    let tickets = order["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 10);
    assert!(tickets.iter().all(|ticket| ticket["seat"].is_null()));
    let query = "query($id: ID!) { event(id: $id) { availability { total available held sold } } }";
    let seen = stage.organizer.does("event", query, json!({ "id": event })).await.unwrap();
    assert_eq!(seen["availability"], json!({ "total": 58, "available": 18, "held": 30, "sold": 10 }));
    stage.platform.sandbox().mail(&who.email, "Winter Journey").await;
}
