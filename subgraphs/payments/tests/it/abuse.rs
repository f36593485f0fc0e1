//! Who tries cards that are not theirs.

use std::net::IpAddr;

use chrono::TimeDelta;
use contracts::purchase::TakePayment;
use kernel::{Error, Refusal, UserId};
use payments::{Config, Pay, domain::entities::Means};
use serde_json::{Value, json};

use crate::stage::{Stage, an_order, wish};

const DECLINED: &str = "pm_card_chargeDeclined";
const ANOTHER_DECLINED: &str = "pm_card_chargeDeclinedInsufficientFunds";

fn few() -> Config {
    Config { declines_by_account: 3, declines_by_address: 4, declines_by_card: 5, ..Config::default() }
}

/// An order of this buyer's.
async fn order_of(stage: &Stage, buyer: UserId) -> TakePayment {
    let order = TakePayment { buyer_id: buyer, ..an_order(4200, "EUR") };
    stage.ask(&order).await;
    order
}

async fn tries(stage: &Stage, buyer: UserId, card: &str, from: Option<&str>) -> Result<(), Refusal> {
    let order = order_of(stage, buyer).await;
    let ask = Pay {
        client: from.map(str::to_owned),
        ..wish(&order, Means::method(card), &order.order_id.to_string())
    };
    match stage.payments.pay(ask).await {
        Ok(_) => Ok(()),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(Error::Broken(fault)) => panic!("{fault:?}"),
    }
}

fn said(tried: Result<(), Refusal>) -> String {
    tried.map_or_else(|refusal| refusal.reason.to_string(), |()| "PAID".to_owned())
}

#[tokio::test]
async fn a_buyer_whose_cards_were_declined_too_often_is_told_when_to_come_again() {
    let stage = Stage::with(few()).await;
    let buyer = UserId::new();
    for card in [DECLINED, ANOTHER_DECLINED, DECLINED] {
        assert_ne!(said(tries(&stage, buyer, card, None).await), "TOO_MANY_PAYMENT_ATTEMPTS");
    }
    let refused = tries(&stage, buyer, "pm_card_visa", None).await.unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.reason.as_ref()),
        ("RATE_LIMITED", "TOO_MANY_PAYMENT_ATTEMPTS")
    );
    let wait = refused.details["retryAfterSeconds"].as_u64().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    // Nobody else waits, and nothing was written down.
    assert_eq!(stage.count("attempts").await, 3);
    assert_eq!(said(tries(&stage, UserId::new(), "pm_card_visa", None).await), "PAID");
    // An hour later all is well.
    stage.attempts_age_by(TimeDelta::hours(1)).await;
    assert_eq!(said(tries(&stage, buyer, "pm_card_visa", None).await), "PAID");
}

#[tokio::test]
async fn what_was_answered_before_is_answered_again_however_many_were_declined() {
    let stage = Stage::with(few()).await;
    let buyer = UserId::new();
    let order = order_of(&stage, buyer).await;
    for key in ["a", "b", "c"] {
        stage.refusal(&order, DECLINED, key).await;
    }
    assert_eq!(stage.refusal(&order, DECLINED, "a").await.0, "PAYMENT_DECLINED");
    assert_eq!(stage.refusal(&order, "pm_card_visa", "d").await.0, "RATE_LIMITED");
}

#[tokio::test]
async fn many_buyers_at_one_address_are_counted_together() {
    let stage = Stage::with(few()).await;
    let (one, other) = (Some("203.0.113.7"), Some("198.51.100.4"));
    for card in [DECLINED, DECLINED, ANOTHER_DECLINED, ANOTHER_DECLINED] {
        assert_ne!(said(tries(&stage, UserId::new(), card, one).await), "TOO_MANY_PAYMENT_ATTEMPTS");
    }
    assert_eq!(said(tries(&stage, UserId::new(), "pm_card_visa", one).await), "TOO_MANY_PAYMENT_ATTEMPTS");
    assert_eq!(said(tries(&stage, UserId::new(), "pm_card_visa", other).await), "PAID");
    assert_eq!(said(tries(&stage, UserId::new(), "pm_card_visa", None).await), "PAID");
}

#[tokio::test]
async fn a_card_that_was_declined_too_often_is_not_tried_by_anybody_and_others_are() {
    let stage = Stage::with(few()).await;
    for _ in 0..5 {
        assert_eq!(said(tries(&stage, UserId::new(), DECLINED, None).await), "CARD_DECLINED");
    }
    let calls = stage.sandbox.api_calls();
    assert_eq!(said(tries(&stage, UserId::new(), DECLINED, None).await), "TOO_MANY_PAYMENT_ATTEMPTS");
    assert_eq!(stage.sandbox.api_calls() - calls, 1, "which card it is, and no more");
    // The same number under another name, and as a token.
    assert_eq!(
        said(tries(&stage, UserId::new(), "pm_card_visa_chargeDeclined", None).await),
        "TOO_MANY_PAYMENT_ATTEMPTS"
    );
    let token = stage.stripe("/v1/test_helpers/confirmation_tokens", &[("payment_method", DECLINED)]).await;
    let order = order_of(&stage, UserId::new()).await;
    let means = Means::Token { name: token["id"].as_str().unwrap().to_owned(), return_url: None };
    let refused = stage.payments.pay(wish(&order, means, "a")).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "TOO_MANY_PAYMENT_ATTEMPTS");
    for (card, outcome) in [("pm_card_visa", "PAID"), (ANOTHER_DECLINED, "INSUFFICIENT_FUNDS")] {
        assert_eq!(said(tries(&stage, UserId::new(), card, None).await), outcome);
    }
    stage.attempts_age_by(TimeDelta::hours(1)).await;
    assert_eq!(said(tries(&stage, UserId::new(), DECLINED, None).await), "CARD_DECLINED");
}

#[tokio::test]
async fn from_where_cards_were_tried_is_forgotten_after_a_week() {
    let stage = Stage::with(few()).await;
    tries(&stage, UserId::new(), DECLINED, Some("203.0.113.7")).await.unwrap_err();
    let known = async || {
        let rows = stage.rows("SELECT client, card FROM attempts").await;
        let text = |name| rows[0].try_get::<Option<String>>("", name).unwrap();
        (text("client"), text("card").is_some())
    };
    assert_eq!(known().await, (Some("203.0.113.7".to_owned()), true));
    stage.attempts_age_by(TimeDelta::days(7) + TimeDelta::minutes(1)).await;
    stage.payments.forget_old_keys().await.unwrap();
    assert_eq!(known().await, (None, false));
}

const PAY: &str = "mutation($input: PayInput!) { pay(input: $input) { status nextActionUrl } }";

/// What the graph answers a buyer from an address.
async fn pays_from(stage: &Stage, address: &str, order: &TakePayment, more: Value) -> Value {
    let mut input = json!({"orderId": order.order_id, "idempotencyKey": order.order_id.to_string()});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    stage.asks_from(address, order.buyer_id, PAY, json!({ "input": input })).await
}

#[tokio::test]
async fn the_address_is_that_of_the_household_and_never_of_this_machine() {
    let stage = Stage::with(few()).await;
    let declined = json!({"paymentMethod": DECLINED});
    for address in ["2001:db8:1:2::1", "2001:db8:1:2::ffff", "127.0.0.1", "::1"] {
        let order = order_of(&stage, UserId::new()).await;
        let answer = pays_from(&stage, address, &order, declined.clone()).await;
        assert_eq!(answer["errors"][0]["extensions"]["reason"], "CARD_DECLINED", "{answer}");
    }
    let rows = stage.rows("SELECT client FROM attempts ORDER BY started_at").await;
    let clients: Vec<_> =
        rows.iter().map(|row| row.try_get::<Option<String>>("", "client").unwrap()).collect();
    let network: IpAddr = "2001:db8:1:2::".parse().unwrap();
    assert_eq!(clients, [Some(network.to_string()), Some(network.to_string()), None, None]);
}

#[tokio::test]
async fn a_token_of_the_browsers_pays_once_and_the_bank_sends_the_buyer_where_the_client_says() {
    let stage = Stage::new().await;
    let token_of = async |card| {
        let token = stage.stripe("/v1/test_helpers/confirmation_tokens", &[("payment_method", card)]).await;
        token["id"].as_str().unwrap().to_owned()
    };
    let (good, asks) = (token_of("pm_card_visa").await, token_of("pm_card_authenticationRequired").await);
    let order = stage.order().await;
    let paid = pays_from(&stage, "203.0.113.7", &order, json!({"confirmationToken": good})).await;
    assert_eq!(paid["data"]["pay"]["status"], "SUCCEEDED", "{paid}");
    let order = stage.order().await;
    let used = pays_from(&stage, "203.0.113.7", &order, json!({"confirmationToken": good})).await;
    let extensions = &used["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["field"]),
        (&json!("BAD_USER_INPUT"), &json!("confirmationToken")),
        "{used}"
    );

    let order = stage.order().await;
    let back = format!("{}/sandbox/healthz?from=bank", stage.sandbox.http_url());
    let more = json!({"confirmationToken": asks, "returnUrl": back});
    let asked = pays_from(&stage, "203.0.113.7", &order, more).await;
    assert_eq!(asked["data"]["pay"]["status"], "REQUIRES_ACTION", "{asked}");
    let question = asked["data"]["pay"]["nextActionUrl"].as_str().unwrap();
    let shop = stage.http.post(format!("{question}/approve")).send().await.unwrap();
    assert!(shop.url().as_str().starts_with(&back), "{}", shop.url());
    assert!(shop.url().query().unwrap().contains("redirect_status=succeeded"), "{}", shop.url());

    let order = stage.order().await;
    for (more, field) in [
        (json!({}), "paymentMethod"),
        (json!({"paymentMethod": "pm_card_visa", "confirmationToken": good}), "confirmationToken"),
        (json!({"confirmationToken": "pm_card_visa"}), "confirmationToken"),
        (json!({"paymentMethod": "pm_card_visa", "returnUrl": "javascript:alert(1)"}), "returnUrl"),
    ] {
        let answer = pays_from(&stage, "203.0.113.7", &order, more).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["field"]),
            (&json!("BAD_USER_INPUT"), &json!(field)),
            "{answer}"
        );
    }
}
