use std::time::Duration;

use e2e::{
    Outcome, Person, Refused,
    chance::{seed, tell},
    eventually, once,
};
use futures::future::join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use crate::{Stage, id};

/// One purchase after the other, each with a kill at another moment; each goes on to its end.
#[tokio::test]
async fn a_kill_at_any_step_of_a_purchase_loses_nothing() {
    let mut stage = Stage::set().await;
    after_the_hold(&mut stage).await;
    after_the_checkout(&mut stage).await;
    while_the_payment_is_sent(&mut stage).await;
    while_webhooks_wait(&mut stage).await;
    before_the_mail(&mut stage).await;
    assert!(stage.platform.stop().await, "it also stops when it is asked to");
    stage.platform.start_again().await;
}

async fn after_the_hold(stage: &mut Stage) {
    let buyer = stage.person("Hal").await;
    let seats = stage.seats(&buyer, 2).await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    stage.platform.is_killed_and_starts_again().await;
    assert_eq!(buyer.sees_seat(&stage.show.event, &seats[0]).await.unwrap(), "HELD");
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    pays_until_it_is_paid(&buyer, id(&order)).await;
    is_bought_once(stage, &buyer, id(&order), 2).await;
}

async fn after_the_checkout(stage: &mut Stage) {
    let buyer = stage.person("Cora").await;
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    stage.platform.is_killed_and_starts_again().await;
    // What was being told when all of it was killed is told again after a while.
    pays_until_it_is_paid(&buyer, id(&order)).await;
    is_bought_once(stage, &buyer, id(&order), 1).await;
}

async fn while_the_payment_is_sent(stage: &mut Stage) {
    let buyer = stage.person("Pia").await;
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    stage.platform.sandbox().switch(json!({ "apiLatencyMs": 400 })).await;
    let payments = stage.platform.store("payments").await;
    let begun = once("the attempt is written down", async || {
        payments.count("attempts WHERE state = 'OPEN'").await.unwrap() == 1
    });
    tokio::select! {
        answered = buyer.pays_with_key(id(&order), "pm_card_visa", "in flight") => panic!("too early: {answered:?}"),
        () = begun => {}
    }
    stage.platform.is_killed_and_starts_again().await;
    pays_until_it_is_paid(&buyer, id(&order)).await;
    is_bought_once(stage, &buyer, id(&order), 1).await;
}

async fn while_webhooks_wait(stage: &mut Stage) {
    let buyer = stage.person("Wim").await;
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    let sandbox = stage.platform.sandbox();
    sandbox.delays_webhooks(3_000).await;
    let payment = buyer.pays(id(&order), "pm_card_authenticationRequired").await.unwrap();
    sandbox.confirms_at_the_bank(&payment).await;
    stage.platform.is_killed_and_starts_again().await;
    is_bought_once(stage, &buyer, id(&order), 1).await;
}

async fn before_the_mail(stage: &mut Stage) {
    let buyer = stage.person("Mia").await;
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(&stage.show.event, &seats).await.unwrap();
    let sandbox = stage.platform.sandbox();
    sandbox.switch(json!({ "smtpRefuse": "always" })).await;
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    buyer.waits_for(id(&order), &["COMPLETED"]).await;
    assert!(sandbox.mails(&buyer.email).await.is_empty());
    stage.platform.is_killed_and_starts_again().await;
    is_bought_once(stage, &buyer, id(&order), 1).await;
}

/// Three buyers go on whatever happens, one purchase after the other, while the platform is killed at
/// random moments. `E2E_SEED` repeats a run, as far as the moments go.
#[tokio::test]
async fn kills_at_random_moments_lose_nothing_and_repeat_nothing() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    tell(&format!("E2E_SEED={seed}"));
    let mut stage = Stage::set().await;
    let mut buyers = Vec::new();
    for name in ["Ada", "Ben", "Cyd"] {
        buyers.push(stage.person(name).await);
    }
    let seats = stage.seats(&buyers[0], 5 * buyers.len()).await;
    let event = stage.show.event.clone();
    let purchases =
        buyers.iter().zip(seats.chunks(5)).map(|(buyer, seats)| buys_stubbornly(buyer, &event, seats));
    let kills = async {
        for _ in 0..4 {
            let moment = Duration::from_millis(random.random_range(50..900));
            tell(&format!("the next kill after {moment:?}"));
            tokio::time::sleep(moment).await;
            stage.platform.is_killed_and_starts_again().await;
        }
    };
    let (bought, ()) = tokio::join!(join_all(purchases), kills);
    for (buyer, orders) in buyers.iter().zip(bought) {
        for order in orders {
            is_bought_once(&stage, buyer, &order, 1).await;
        }
    }
}

/// Buys each seat by itself, with the same keys until it is done; the orders' ids.
async fn buys_stubbornly(buyer: &Person, event: &str, seats: &[String]) -> Vec<String> {
    let mut orders = Vec::new();
    for seat in seats.chunks(1) {
        let key = &seat[0];
        let reservation = stubbornly("holding", || buyer.holds_with_key(event, seat, key)).await;
        let order = stubbornly("checking out", || buyer.checks_out_with_key(id(&reservation), key)).await;
        pays_until_it_is_paid(buyer, id(&order)).await;
        orders.push(id(&order).to_owned());
    }
    orders
}

/// The same call again and again, as long as nobody answers.
async fn stubbornly<F: Future<Output = Outcome>>(what: &str, call: impl Fn() -> F) -> Value {
    eventually(what, async || match call().await {
        Ok(done) => Some(done),
        Err(refused) if refused.is_passing() => None,
        Err(refused) => panic!("{what}: {refused:?}"),
    })
    .await
}

/// Pays as people do: looks what became of it, and tries again as the answer says.
async fn pays_until_it_is_paid(buyer: &Person, order: &str) {
    let mut attempt = 0;
    eventually("the order is paid", async || {
        let seen = buyer.looks_at(order).await.ok()?;
        if seen["status"] != "AWAITING_PAYMENT" {
            return Some(());
        }
        match buyer.pays_with_key(order, "pm_card_visa", &format!("{order} {attempt}")).await {
            Ok(payment) if payment["status"] == "SUCCEEDED" => return Some(()),
            Err(Refused { message, .. }) if message.contains("new idempotency key") => attempt += 1,
            Err(refused) if !refused.is_passing() && refused.code != "CONFLICT" => panic!("{refused:?}"),
            _ => {} // under way
        }
        None
    })
    .await;
}

/// One payment, the tickets once, one mail.
async fn is_bought_once(stage: &Stage, buyer: &Person, order: &str, places: usize) {
    let order = buyer.waits_for(order, &["COMPLETED"]).await;
    assert_eq!(order["tickets"].as_array().unwrap().len(), places);
    let sandbox = stage.platform.sandbox();
    let number = order["number"].as_str().unwrap();
    let paid = sandbox.payments_of(number).await;
    let captured = paid.iter().filter(|payment| payment["status"] == "succeeded").count();
    assert_eq!(captured, 1, "{paid:?}");
    sandbox.mail(&buyer.email, number).await;
    let mails = sandbox.mails(&buyer.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject().contains(number)).count(), 1, "{mails:?}");
}
