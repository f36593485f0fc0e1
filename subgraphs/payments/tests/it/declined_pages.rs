//! Who tries cards that are not theirs on the provider's own pages.

use contracts::purchase::TakePayment;
use kernel::{Refusal, UserId};
use payments::{
    Config, Page, Pay,
    domain::entities::{Checkout, Means},
};
use serde_json::Value;

use crate::{
    organizer::until,
    stage::{Stage, an_order, wish},
};

fn few() -> Config {
    Config { declines_by_account: 3, declines_by_address: 4, declines_by_card: 5, ..Config::default() }
}

/// An order of this buyer's.
async fn order_of(stage: &Stage, buyer: UserId) -> TakePayment {
    let order = TakePayment { buyer_id: buyer, ..an_order(4200, "EUR") };
    stage.ask(&order).await;
    order
}

async fn opens(stage: &Stage, order: &TakePayment, from: Option<&str>) -> Result<Page, Refusal> {
    let shop = format!("{}/sandbox/healthz", stage.sandbox.http_url());
    let checkout = Checkout { success_url: shop.clone(), cancel_url: shop, session: None };
    let means = Means::Checkout(checkout);
    let ask = Pay { client: from.map(str::to_owned), ..wish(order, means, &order.order_id.to_string()) };
    stage.payments.open_page(ask).await.map_err(|error| error.refusal().unwrap().clone())
}

/// A card is declined on the page.
async fn is_declined(stage: &Stage, page: &Page) {
    let declined = stage.http.post(format!("{}/decline", page.url)).send().await.unwrap();
    assert!(declined.status().is_success(), "{}", declined.status());
    stage.webhooks_arrived().await;
}

/// A buyer of an order, whose card is declined on the page.
async fn tries(stage: &Stage, from: Option<&str>) -> Page {
    let order = order_of(stage, UserId::new()).await;
    let page = opens(stage, &order, from).await.unwrap();
    is_declined(stage, &page).await;
    page
}

async fn open_pages(stage: &Stage) -> usize {
    let url = format!("{}/sandbox/checkouts.json", stage.sandbox.http_url());
    let all: Vec<Value> = stage.http.get(url).send().await.unwrap().json().await.unwrap();
    all.iter().filter(|page| page["status"] == "open").count()
}

fn waits(refused: &Refusal) -> bool {
    assert_eq!(refused.reason, "TOO_MANY_PAYMENT_ATTEMPTS");
    refused.details["retryAfterSeconds"].as_u64().is_some_and(|wait| (3_500..=3_600).contains(&wait))
}

async fn pays(stage: &Stage, buyer: UserId, card: &str) -> Result<(), Refusal> {
    let order = order_of(stage, buyer).await;
    let paid = stage.pay(&order, card, &order.order_id.to_string()).await;
    paid.map(drop).map_err(|error| error.refusal().unwrap().clone())
}

#[tokio::test]
async fn a_buyer_whose_cards_were_declined_on_a_page_too_often_has_the_page_shut_and_waits() {
    let stage = Stage::with(few()).await;
    let buyer = UserId::new();
    let order = order_of(&stage, buyer).await;
    let page = opens(&stage, &order, None).await.unwrap();
    for _ in 0..2 {
        is_declined(&stage, &page).await;
    }
    assert_eq!(open_pages(&stage).await, 1, "it may still be tried");
    assert_eq!(opens(&stage, &order, None).await.unwrap(), page);
    is_declined(&stage, &page).await;
    until(async || open_pages(&stage).await == 0).await;
    assert_eq!(stage.count("page_declines").await, 3);
    let other = order_of(&stage, buyer).await;
    assert!(waits(&opens(&stage, &other, None).await.unwrap_err()));
    assert!(waits(&pays(&stage, buyer, "pm_card_visa").await.unwrap_err()));
    // Nobody else waits, and an hour later all is well.
    pays(&stage, UserId::new(), "pm_card_visa").await.unwrap();
    stage.change("UPDATE page_declines SET at = at - 3600000").await;
    stage.pay(&order, "pm_card_visa", "later").await.unwrap();
}

#[tokio::test]
async fn what_is_declined_on_pages_of_many_buyers_at_one_address_is_counted_together_and_with_cards() {
    let stage = Stage::with(few()).await;
    let (one, other) = (Some("203.0.113.7"), Some("198.51.100.4"));
    for _ in 0..2 {
        tries(&stage, one).await;
    }
    for card in ["pm_card_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclinedExpiredCard"] {
        let order = order_of(&stage, UserId::new()).await;
        let ask = Pay { client: one.map(str::to_owned), ..wish(&order, Means::method(card), "a") };
        stage.payments.pay(ask).await.unwrap_err();
    }
    let order = order_of(&stage, UserId::new()).await;
    assert!(waits(&opens(&stage, &order, one).await.unwrap_err()));
    opens(&stage, &order, other).await.unwrap();
}

#[tokio::test]
async fn a_card_that_was_declined_on_pages_too_often_is_tried_by_nobody() {
    let stage = Stage::with(few()).await;
    for number in 0..5 {
        assert_eq!(open_pages(&stage).await, number);
        tries(&stage, None).await;
    }
    // On the last page it was tried once too often.
    until(async || open_pages(&stage).await == 4).await;
    let cards = stage.rows("SELECT DISTINCT card FROM page_declines").await;
    assert_eq!(cards.len(), 1);
    assert!(waits(&pays(&stage, UserId::new(), "pm_card_chargeDeclined").await.unwrap_err()));
    pays(&stage, UserId::new(), "pm_card_visa").await.unwrap();
}
