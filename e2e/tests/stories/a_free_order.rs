use crate::{Stage, id};

#[tokio::test]
async fn a_free_order_needs_no_payment() {
    let stage = Stage::set().await;
    let organizer = &stage.organizer;
    let made = organizer
        .creates_event(&stage.show.organization, &stage.show.venue, &stage.show.layout, "Open Rehearsal")
        .await
        .unwrap();
    let event = id(&made);
    organizer.creates_ticket_type(event, "Free seat", &["STALLS"], "0.00").await.unwrap();
    organizer.publishes(event).await.unwrap();

    let buyer = stage.person("Bea").await;
    let seats = buyer.sees_free_seats(event, 2).await.unwrap();
    let order = buyer.orders(event, &seats).await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    assert_eq!(order["total"]["total"]["amount"], "0.00");
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    let sandbox = stage.platform.sandbox();
    sandbox.mail(&buyer.email, "Open Rehearsal").await;
    assert!(sandbox.payments_of(order["number"].as_str().unwrap()).await.is_empty());
    let code = order["tickets"][0]["qrPayload"].as_str().unwrap();
    assert_eq!(organizer.scans(event, code, "Side").await.unwrap()["outcome"], "ADMITTED");
    let elsewhere = organizer.scans(&stage.show.event, code, "Side").await.unwrap();
    assert_eq!(elsewhere["outcome"], "WRONG_EVENT");
}
