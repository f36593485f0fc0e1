use std::time::Duration;

use serde_json::{Value, json};
use stripe::{StripeError, StripeRequest};
use stripe_shared::{ApiErrorsCode, ApiErrorsType, PaymentIntentStatus};

use crate::desk::{Desk, intent, once, refusal};

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_one_payment() {
    let desk = Desk::open().await;
    let first = desk.pay_once("order-1", "pm_card_visa").await.unwrap();
    let again = desk.pay_once("order-1", "pm_card_visa").await.unwrap();
    assert_eq!(first.id, again.id);
    assert_eq!(desk.json("/sandbox/payments.json").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_decline_is_replayed_word_for_word() {
    let desk = Desk::open().await;
    let url = format!("{}/v1/payment_intents", desk.sandbox.stripe_url());
    let send = || async {
        let answer = desk
            .http
            .post(&url)
            .bearer_auth("sk_test_x")
            .header("idempotency-key", "order-2")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("amount=4200&currency=eur&allowed_payment_method_types[]=card&confirm=true&payment_method=pm_card_chargeDeclined")
            .send()
            .await
            .unwrap();
        let replayed = answer.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
        (answer.status().as_u16(), replayed, answer.text().await.unwrap())
    };
    let (status, replayed, body) = send().await;
    assert_eq!((status, replayed), (402, false));
    assert_eq!(send().await, (402, true, body));
}

#[tokio::test]
async fn a_key_used_for_something_else_is_refused() {
    let desk = Desk::open().await;
    desk.pay_once("order-3", "pm_card_visa").await.unwrap();
    let (error, status) = refusal(desk.pay_once("order-3", "pm_card_mastercard").await);
    assert_eq!((status, error.type_), (400, ApiErrorsType::IdempotencyError));
    let refund = stripe_core::refund::CreateRefund::new().payment_intent("pi_x");
    let (error, status) =
        refusal(refund.customize().request_strategy(once("order-3")).send(&desk.stripe).await);
    assert_eq!((status, error.type_), (400, ApiErrorsType::IdempotencyError));
}

#[tokio::test]
async fn a_refused_form_does_not_use_up_its_key() {
    let desk = Desk::open().await;
    refusal(desk.pay_once("order-4", "pm_card_nobody_has").await);
    let paid = desk.pay_once("order-4", "pm_card_visa").await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict_and_the_payment_is_made_even_if_the_caller_hangs_up() {
    let desk = Desk::open().await;
    desk.switch(json!({"apiLatencyMs": 1_500})).await;
    let impatient = intent()
        .payment_method("pm_card_visa")
        .confirm(true)
        .customize()
        .request_strategy(once("order-5"))
        .timeout(Duration::from_millis(300))
        .send(&desk.stripe)
        .await;
    assert!(matches!(impatient, Err(StripeError::Timeout)), "{impatient:?}");
    let (error, status) = refusal(desk.pay_once("order-5", "pm_card_visa").await);
    assert_eq!((status, error.code), (409, Some(ApiErrorsCode::IdempotencyKeyInUse)));

    let made = desk.json("/sandbox/payments.json?wait_ms=10000").await;
    let id = made[0]["id"].as_str().unwrap();
    let answered = desk.pay_once("order-5", "pm_card_visa").await.unwrap();
    assert_eq!(answered.id.as_str(), id);
}

#[tokio::test]
async fn a_call_that_never_answers_has_done_its_work() {
    let desk = Desk::open().await;
    desk.switch(json!({"apiTimeOut": 1})).await;
    let silent = intent()
        .payment_method("pm_card_visa")
        .confirm(true)
        .customize()
        .request_strategy(once("order-6"))
        .timeout(Duration::from_millis(500))
        .send(&desk.stripe)
        .await;
    assert!(matches!(silent, Err(StripeError::Timeout)), "{silent:?}");
    let paid = desk.pay_once("order-6", "pm_card_visa").await.unwrap();
    assert_eq!(desk.json("/sandbox/payments.json").await[0]["id"], paid.id.as_str());
    assert_eq!(desk.sandbox.switches(), sandbox::Switches::default());
}

#[tokio::test]
async fn a_failing_api_does_nothing_and_the_next_try_works() {
    let desk = Desk::open().await;
    desk.switch(json!({"apiFail": 1})).await;
    let (error, status) = refusal(desk.pay_once("order-7", "pm_card_visa").await);
    assert_eq!((status, error.type_), (500, ApiErrorsType::ApiError));
    assert_eq!(desk.json("/sandbox/payments.json").await, Value::Array(Vec::new()));
    desk.pay_once("order-7", "pm_card_visa").await.unwrap();
}
