use e2e::eventually;
use serde_json::{Value, json};

use crate::{Stage, id};

#[tokio::test]
async fn a_declined_card_frees_nothing_and_another_card_works() {
    let stage = Stage::set().await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 2).await;
    let event = &stage.show.event;
    let order = buyer.orders(event, &seats).await.unwrap();
    for (card, why) in [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ] {
        let declined = buyer.pays(id(&order), card).await.unwrap_err();
        assert_eq!(
            (declined.code.as_str(), &declined.extensions["declineCode"]),
            ("PAYMENT_DECLINED", &json!(why))
        );
        let waiting = buyer.waits_for(id(&order), &["PAYMENT_FAILED"]).await;
        assert_eq!(waiting["payment"]["status"], "FAILED");
        assert_eq!(rival.sees_seat(event, &seats[0]).await.unwrap(), "HELD");
        let refused = rival.holds(event, &seats).await.unwrap_err();
        assert_eq!(
            (refused.code.as_str(), &refused.extensions["seatIds"]),
            ("SEATS_UNAVAILABLE", &json!(seats))
        );
    }

    buyer.pays(id(&order), "pm_card_mastercard").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    let sandbox = stage.platform.sandbox();
    sandbox.mail(&buyer.email, "Winter Journey").await;
    let paid = sandbox.payments_of(order["number"].as_str().unwrap()).await;
    let captured: Vec<_> = paid.iter().filter(|payment| payment["status"] == "succeeded").collect();
    assert_eq!(captured.len(), 1, "{paid:?}");

    // What happened to it, step by step: in the graph and over REST the same.
    let told = eventually("the order's history is whole", async || {
        let history = buyer.looks_at(id(&order)).await.ok()?["history"].take();
        let is_whole = kinds(&history).contains(&"CONFIRMATION_SENT");
        is_whole.then_some(history)
    })
    .await;
    let without_declines: Vec<_> =
        kinds(&told).into_iter().filter(|kind| *kind != "PAYMENT_DECLINED").collect();
    assert_eq!(
        without_declines,
        ["PLACED", "SEATS_SECURED", "PAID", "TICKETS_ISSUED", "CONFIRMATION_SENT"],
        "{told}"
    );
    let steps = told.as_array().unwrap();
    assert!(steps.iter().all(|step| step["message"].as_str().is_some_and(|text| !text.is_empty())), "{told}");
    let codes: Vec<_> = steps.iter().filter_map(|step| step["declineCode"].as_str()).collect();
    assert_eq!(codes, ["generic_decline", "insufficient_funds"], "{told}");
    let over_rest = buyer.looks_at_over_rest(id(&order)).await.unwrap();
    assert_eq!(kinds(&over_rest["history"]), kinds(&told));
}

/// What happened to an order, in words for programs.
fn kinds(history: &Value) -> Vec<&str> {
    history.as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_buyer_who_gives_up_frees_the_seats() {
    let stage = Stage::set().await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 2).await;
    let event = &stage.show.event;
    let order = buyer.orders(event, &seats).await.unwrap();
    buyer.pays(id(&order), "pm_card_chargeDeclined").await.unwrap_err();
    buyer.gives_up(id(&order)).await.unwrap();
    let order = buyer.waits_for(id(&order), &["CANCELLED"]).await;
    assert_eq!(order["payment"]["status"], "CANCELLED");
    let kinds = kinds(&order["history"]);
    assert!(kinds.contains(&"CANCELLED") && !kinds.contains(&"PAID"), "{kinds:?}");
    // Giving up twice is once, and what was given up is not paid.
    assert_eq!(buyer.gives_up(id(&order)).await.unwrap()["status"], "CANCELLED");
    assert_eq!(buyer.pays(id(&order), "pm_card_visa").await.unwrap_err().code, "CONFLICT");

    let theirs = rival.orders(event, &seats).await.unwrap();
    rival.pays(id(&theirs), "pm_card_visa").await.unwrap();
    rival.waits_for(id(&theirs), &["COMPLETED"]).await;
    assert_eq!(buyer.sees_seat(event, &seats[0]).await.unwrap(), "SOLD");
}
