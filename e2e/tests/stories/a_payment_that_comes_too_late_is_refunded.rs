use chrono::Duration;
use e2e::{Person, Platform, Settings, eventually, until};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::{Stage, id, instant};

/// Time to pay.
const PAY_SECONDS: u32 = 2;

async fn hasty() -> Stage {
    Stage::set_with(Settings::default().with("TICKETS__PAY_SECONDS", &PAY_SECONDS)).await
}

/// The buyer confirms at the bank: only a webhook tells of it.
async fn pays_at_the_bank(stage: &Stage, buyer: &Person, order: &Value) {
    let payment = buyer.pays(id(order), "pm_card_authenticationRequired").await.unwrap();
    stage.platform.sandbox().confirms_at_the_bank(&payment).await;
}

/// Paid in time at Stripe, told late: the order stands.
#[tokio::test]
async fn a_payment_whose_news_comes_late_still_buys() {
    let stage = hasty().await;
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 1).await;
    stage.platform.sandbox().delays_webhooks(4_000).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    pays_at_the_bank(&stage, &buyer, &order).await;
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    has_paid_once(&stage.platform, &order, 0).await;
    no_webhook_waits(&stage.platform).await;
    stage.platform.sandbox().mail(&buyer.email, "Your ticket").await;
}

/// The seats were gone when it turned out that the money had come.
#[tokio::test]
async fn a_payment_that_comes_when_the_seats_are_gone_is_refunded() {
    let stage = hasty().await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let seats = stage.seats(&buyer, 2).await;
    let sandbox = stage.platform.sandbox();
    sandbox.delays_webhooks(6_000).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    pays_at_the_bank(&stage, &buyer, &order).await;
    // From now on Stripe takes its time to say that it has the money, and the rival does not.
    sandbox.switch(json!({ "apiLatencyMs": 1_500 })).await;
    until(instant(&order["expiresAt"]) + Duration::milliseconds(1)).await;
    rival.holds(&stage.show.event, &seats).await.unwrap();
    let order = buyer.waits_for(id(&order), &["REFUNDED", "COMPLETED"]).await;
    assert_eq!(order["status"], "REFUNDED", "never other seats, never seats twice");
    assert_eq!(order["tickets"], json!([]));
    sandbox.switch(json!({ "apiLatencyMs": 0, "webhookDelayMs": 0 })).await;
    eventually("the money goes back", async || {
        let order = buyer.looks_at(id(&order)).await.ok()?;
        (order["payment"]["status"] == "REFUNDED").then_some(())
    })
    .await;
    has_paid_once(&stage.platform, &order, 9_900).await;
    no_webhook_waits(&stage.platform).await;
    let told = sandbox.mail(&buyer.email, "Winter Journey").await;
    assert!(!told.subject().contains("Your ticket"), "{}", told.subject());
}

/// The provider does its work and never says so; nobody pays twice.
#[tokio::test]
async fn a_payment_without_an_answer_is_found_out_about() {
    let settings = Settings::default()
        .with("PAYMENTS__STRIPE_TIMEOUT_MS", &500)
        .with("PAYMENTS__ANSWER_MS", &1_500)
        .with("PAYMENTS__UNDECIDED_AFTER_MS", &500);
    let stage = Stage::set_with(settings).await;
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    let sandbox = stage.platform.sandbox();
    sandbox.switch(json!({ "apiTimeOut": 1, "webhookDropFirst": true })).await;
    if let Err(refused) = buyer.pays_with_key(id(&order), "pm_card_visa", "once").await {
        assert_eq!(refused.code, "SERVICE_UNAVAILABLE", "{refused:?}");
    }
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    has_paid_once(&stage.platform, &order, 0).await;
    sandbox.mail(&buyer.email, "Winter Journey").await;
}

/// Around the end of their time, buyers pay while others reach for the same seats: each order ends with
/// tickets or without having paid, and no seat is sold twice. (Dropping the stage checks that.)
#[tokio::test]
async fn paying_at_the_last_moment_ends_with_tickets_or_with_the_money() {
    let stage = hasty().await;
    let sandbox = stage.platform.sandbox();
    sandbox.switch(json!({ "apiLatencyMs": 60, "webhookDelayMs": 120, "webhookReorder": true })).await;
    let rival = stage.person("Ria").await;
    let mut buyers = Vec::new();
    for name in ["Ada", "Ben", "Cyd", "Dan", "Eve", "Fay"] {
        buyers.push(stage.person(name).await);
    }
    let seats = stage.seats(&rival, buyers.len()).await;
    let (event, rival, latest) = (&stage.show.event, &rival, &Duration::milliseconds(120));
    let purchases = (0..).zip(buyers.iter().zip(&seats)).map(|(place, (buyer, seat))| async move {
        let seat = [seat.clone()];
        let order = buyer.orders(event, &seat).await.unwrap();
        let expires = instant(&order["expiresAt"]);
        until(expires - Duration::milliseconds(300 - 80 * place)).await;
        let paid = buyer.pays(id(&order), "pm_card_visa");
        let taken = async {
            until(expires + *latest).await;
            rival.holds(event, &seat).await.is_ok()
        };
        let (_, taken) = tokio::join!(paid, taken);
        let order = buyer.waits_for(id(&order), &["COMPLETED", "EXPIRED", "REFUNDED", "CANCELLED"]).await;
        if taken {
            assert_ne!(order["status"], "COMPLETED", "the seat was somebody else's: {order}");
        }
        eventually("what was paid is kept or goes back", async || {
            let order = buyer.looks_at(id(&order)).await.ok()?;
            let kept = order["payment"]["status"] == "SUCCEEDED";
            (kept == (order["status"] == "COMPLETED")).then_some(())
        })
        .await;
    });
    join_all(purchases).await;
    no_webhook_waits(&stage.platform).await;
}

/// Whoever pays and gives up at once gets tickets or the money.
#[tokio::test]
async fn giving_up_while_paying_never_keeps_the_money_without_tickets() {
    let stage = Stage::set().await;
    let buyer = stage.person("Bea").await;
    let sandbox = stage.platform.sandbox();
    sandbox.switch(json!({ "apiLatencyMs": 150, "webhookDelayMs": 600 })).await;
    for _ in 0..3 {
        let seats = stage.seats(&buyer, 1).await;
        let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
        let order = id(&order);
        let (_, _) = tokio::join!(buyer.pays(order, "pm_card_visa"), buyer.gives_up(order));
        let ended = buyer.waits_for(order, &["COMPLETED", "CANCELLED", "REFUNDED"]).await;
        eventually("the money is kept or goes back", async || {
            let order = buyer.looks_at(order).await.ok()?;
            let payment = order["payment"]["status"].as_str().unwrap_or_default().to_owned();
            let right =
                if ended["status"] == "COMPLETED" { payment == "SUCCEEDED" } else { payment != "SUCCEEDED" };
            (right && payment != "PENDING").then_some(())
        })
        .await;
    }
    no_webhook_waits(&stage.platform).await;
}

/// Stripe took the money of that order once, and gave back that much of it.
async fn has_paid_once(platform: &Platform, order: &Value, refunded: i64) {
    let number = order["number"].as_str().unwrap();
    eventually("Stripe knows the payment", async || {
        let payments = platform.sandbox().payments_of(number).await;
        let captured: Vec<_> = payments.iter().filter(|payment| payment["status"] == "succeeded").collect();
        assert!(captured.len() <= 1, "{payments:?}");
        (captured.len() == 1 && captured[0]["amountRefunded"] == refunded).then_some(())
    })
    .await;
}

async fn no_webhook_waits(platform: &Platform) {
    eventually("all webhooks arrive", async || {
        (platform.sandbox().waiting_webhooks().await == 0).then_some(())
    })
    .await;
}
