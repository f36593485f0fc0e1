use crate::{Stage, id};

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_another_input_is_refused() {
    let mut stage = Stage::set().await;
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 4).await;
    let event = stage.show.event.clone();

    let (first, same) = tokio::join!(
        buyer.holds_with_key(&event, &seats[..2], "hold"),
        buyer.holds_with_key(&event, &seats[..2], "hold"),
    );
    let (first, same) = (first.unwrap(), same.unwrap());
    assert_eq!(first, same, "also while the first call still runs");
    let reused = buyer.holds_with_key(&event, &seats[2..], "hold").await.unwrap_err();
    assert_eq!(reused.code, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(buyer.sees_seat(&event, &seats[2]).await.unwrap(), "AVAILABLE");

    let other = buyer.holds_with_key(&event, &seats[2..], "another hold").await.unwrap();
    let (order, same) = tokio::join!(
        buyer.checks_out_with_key(id(&first), "checkout"),
        buyer.checks_out_with_key(id(&first), "checkout"),
    );
    let (order, same) = (order.unwrap(), same.unwrap());
    assert_eq!((id(&order), &order["number"]), (id(&same), &same["number"]));
    let reused = buyer.checks_out_with_key(id(&other), "checkout").await.unwrap_err();
    assert_eq!(reused.code, "IDEMPOTENCY_KEY_REUSED");

    let (payment, same) = tokio::join!(
        buyer.pays_with_key(id(&order), "pm_card_visa", "payment"),
        buyer.pays_with_key(id(&order), "pm_card_visa", "payment"),
    );
    assert_eq!(id(&payment.unwrap()), id(&same.unwrap()));
    let reused = buyer.pays_with_key(id(&order), "pm_card_mastercard", "payment").await.unwrap_err();
    assert_eq!(reused.code, "IDEMPOTENCY_KEY_REUSED");
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;

    // The same after a restart.
    stage.platform.is_killed_and_starts_again().await;
    let again = buyer.holds_with_key(&event, &seats[..2], "hold").await.unwrap();
    assert_eq!(id(&again), id(&first));
    let again = buyer.checks_out_with_key(id(&first), "checkout").await.unwrap();
    assert_eq!(id(&again), id(&order));
    let again = buyer.pays_with_key(id(&order), "pm_card_visa", "payment").await.unwrap();
    assert_eq!((id(&again), &again["status"]), (id(&order["payment"]), &"SUCCEEDED".into()));
    let paid = stage.platform.sandbox().payments_of(order["number"].as_str().unwrap()).await;
    assert_eq!(paid.len(), 1, "{paid:?}");
    assert_eq!(stage.platform.sandbox().mails(&buyer.email).await.len(), 1);
}
