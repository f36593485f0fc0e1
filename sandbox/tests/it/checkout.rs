//! Stripe's own page: Checkout sessions, as async-stripe asks for them and as people use them.

use std::collections::HashMap;

use stripe::{StripeError, StripeRequest as _};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ExpireCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_core::payment_intent::{ConfirmPaymentIntent, RetrievePaymentIntent};
use stripe_shared::{
    ApiErrorsCode, CheckoutSession, CheckoutSessionMode, CheckoutSessionPaymentStatus, CheckoutSessionStatus,
    PaymentIntentStatus,
};
use stripe_types::Currency;

use crate::desk::{Desk, Endpoint, intent, once, refusal};

fn session(desk: &Desk, amount: i64, currency: Currency) -> CreateCheckoutSession {
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency);
    price.unit_amount = Some(amount);
    price.product_data = Some(ProductData::new("Jazz Night"));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(2);
    let mut money = CreateCheckoutSessionPaymentIntentData::new();
    money.metadata = Some(HashMap::from([("order_id".to_owned(), "o1".to_owned())]));
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .payment_intent_data(money)
        .client_reference_id("o1")
        .success_url(format!("{}/sandbox/healthz?session={{CHECKOUT_SESSION_ID}}", desk.sandbox.http_url()))
        .cancel_url("https://shop.example/cart")
}

async fn open(desk: &Desk) -> CheckoutSession {
    session(desk, 2100, Currency::EUR).send(&desk.stripe).await.unwrap()
}

async fn seen(desk: &Desk, session: &CheckoutSession) -> CheckoutSession {
    let with = RetrieveCheckoutSession::new(session.id.clone());
    with.expand(vec!["payment_intent.latest_charge".to_owned()]).send(&desk.stripe).await.unwrap()
}

/// What a person does on the page; where that leads to.
async fn chooses(desk: &Desk, session: &CheckoutSession, choice: &str) -> (u16, String) {
    let page = format!("{}/sandbox/checkout/{}/{choice}", desk.sandbox.http_url(), session.id);
    let answer = desk.http.post(page).send().await.unwrap();
    let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    (answer.status().as_u16(), to.unwrap_or_default())
}

#[tokio::test]
async fn a_person_pays_on_the_page_and_is_sent_back_to_the_shop() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let made = open(&desk).await;
    assert_eq!((made.amount_total, made.status.clone()), (Some(4200), Some(CheckoutSessionStatus::Open)));
    assert!(made.payment_intent.is_none(), "there is none until somebody pays");
    let page = desk.http.get(made.url.clone().unwrap()).send().await.unwrap().text().await.unwrap();
    for part in ["€42.00", "Jazz Night", "Pay", "Decline", "https://shop.example/cart"] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    let (status, to) = chooses(&desk, &made, "pay").await;
    assert_eq!((status, to.ends_with(&format!("?session={}", made.id))), (303, true), "{to}");

    let paid = seen(&desk, &made).await;
    assert_eq!((paid.status, paid.url), (Some(CheckoutSessionStatus::Complete), None));
    assert_eq!(paid.payment_status, CheckoutSessionPaymentStatus::Paid);
    let money = paid.payment_intent.unwrap().into_object().unwrap();
    assert_eq!((&money.status, money.amount_received), (&PaymentIntentStatus::Succeeded, 4200));
    assert_eq!(money.metadata["order_id"], "o1");
    assert!(money.latest_charge.unwrap().into_object().unwrap().paid);
    let kinds = endpoint.kinds(3).await;
    assert_eq!(kinds, ["payment_intent.created", "payment_intent.succeeded", "checkout.session.completed"]);
    assert_eq!(chooses(&desk, &made, "pay").await.0, 409, "once");
    assert_eq!(chooses(&desk, &made, "steal").await.0, 404);
}

#[tokio::test]
async fn a_declined_card_leaves_the_page_open_and_the_bank_may_ask() {
    let desk = Desk::open().await;
    let made = open(&desk).await;
    let here = format!("/sandbox/checkout/{}", made.id);
    assert_eq!(chooses(&desk, &made, "decline").await, (303, here.clone()));
    let page = desk.http.get(made.url.clone().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("role=\"alert\""), "{page}");

    for (decision, open, back) in
        [("fail", true, here.as_str()), ("approve", false, "/sandbox/healthz?session=")]
    {
        let (_, bank) = chooses(&desk, &made, "authenticate").await;
        let answer =
            desk.http.post(format!("{}{bank}/{decision}", desk.sandbox.http_url())).send().await.unwrap();
        assert!(answer.headers()["location"].to_str().unwrap().contains(back), "{answer:?}");
        assert_eq!(seen(&desk, &made).await.status == Some(CheckoutSessionStatus::Open), open, "{decision}");
    }
    // One payment, however often it was tried.
    assert_eq!(desk.json("/sandbox/payments.json").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_open_page_can_be_closed_and_a_paid_one_cannot() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let made = open(&desk).await;
    chooses(&desk, &made, "decline").await;
    let closed = ExpireCheckoutSession::new(made.id.clone()).send(&desk.stripe).await.unwrap();
    assert_eq!((closed.status, closed.url), (Some(CheckoutSessionStatus::Expired), None));
    assert_eq!(chooses(&desk, &made, "pay").await.0, 409);
    let begun = closed.payment_intent.unwrap();
    let begun = RetrievePaymentIntent::new(begun.id().clone()).send(&desk.stripe).await.unwrap();
    assert_eq!(begun.status, PaymentIntentStatus::Canceled);
    assert!(endpoint.kinds(4).await.contains(&"checkout.session.expired".to_owned()));
    assert_eq!(refusal(ExpireCheckoutSession::new(made.id).send(&desk.stripe).await).1, 400);

    let paid = open(&desk).await;
    chooses(&desk, &paid, "pay").await;
    assert_eq!(refusal(ExpireCheckoutSession::new(paid.id.clone()).send(&desk.stripe).await).1, 400);
    assert_eq!(seen(&desk, &paid).await.status, Some(CheckoutSessionStatus::Complete));
}

#[tokio::test]
async fn a_page_that_stripe_would_not_make_is_refused() {
    let desk = Desk::open().await;
    let now = open(&desk).await.created;
    let in_minutes = |minutes: i64| now + minutes * 60;
    let good = || session(&desk, 2100, Currency::EUR);
    let refused = async |ask: CreateCheckoutSession| {
        let (error, status) = refusal(ask.send(&desk.stripe).await);
        assert_eq!(status, 400);
        error.param.unwrap()
    };
    assert_eq!(refused(session(&desk, 20, Currency::EUR)).await, "amount");
    assert_eq!(refused(session(&desk, 20, Currency::JPY)).await, "amount");
    let kuwait = Currency::Unknown("kwd".to_owned());
    assert_eq!(refused(session(&desk, 1_001, kuwait)).await, "amount");
    assert_eq!(refused(good().success_url("javascript:alert(1)")).await, "success_url");
    assert_eq!(refused(good().cancel_url("ftp://shop.example")).await, "cancel_url");
    assert_eq!(refused(good().expires_at(in_minutes(29))).await, "expires_at");
    assert_eq!(refused(good().expires_at(in_minutes(24 * 60 + 1))).await, "expires_at");
    assert_eq!(refused(good().line_items(Vec::new())).await, "line_items");
    good().expires_at(in_minutes(31)).send(&desk.stripe).await.unwrap();
}

#[tokio::test]
async fn a_key_stands_for_one_page() {
    let desk = Desk::open().await;
    let ask = async |amount| {
        let ask = session(&desk, amount, Currency::EUR).customize().request_strategy(once("page-1"));
        ask.send(&desk.stripe).await
    };
    let first: CheckoutSession = ask(2100).await.unwrap();
    assert_eq!(ask(2100).await.unwrap().id, first.id);
    let other: Result<CheckoutSession, StripeError> = ask(2200).await;
    assert_eq!(refusal(other).1, 400);
    assert_eq!(desk.json("/sandbox/checkouts.json").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_and_tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(folder.path()).await;
    let (opened, token) = (open(&desk).await, token(&desk, "pm_card_visa").await);
    desk.sandbox.stop().await;
    let desk = Desk::open_in(folder.path()).await;
    assert_eq!(chooses(&desk, &opened, "pay").await.0, 303);
    assert_eq!(seen(&desk, &opened).await.status, Some(CheckoutSessionStatus::Complete));
    let waiting = intent().send(&desk.stripe).await.unwrap();
    let paid =
        ConfirmPaymentIntent::new(waiting.id).confirmation_token(token).send(&desk.stripe).await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
}

async fn token(desk: &Desk, card: &str) -> String {
    let url = format!("{}/v1/test_helpers/confirmation_tokens", desk.sandbox.http_url());
    let ask = desk.http.post(url).bearer_auth("sk_test_sandbox");
    let ask = ask
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("payment_method={card}"));
    let made: serde_json::Value = ask.send().await.unwrap().json().await.unwrap();
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[tokio::test]
async fn a_token_pays_once_and_instead_of_a_payment_method() {
    let desk = Desk::open().await;
    let token = token(&desk, "pm_card_mastercard").await;
    let confirm = async |with: fn(ConfirmPaymentIntent, &str) -> ConfirmPaymentIntent| {
        let waiting = intent().send(&desk.stripe).await.unwrap();
        with(ConfirmPaymentIntent::new(waiting.id), &token).send(&desk.stripe).await
    };
    let (error, _) =
        refusal(confirm(|ask, token| ask.confirmation_token(token).payment_method("pm_card_visa")).await);
    assert_eq!(error.param.as_deref(), Some("confirmation_token"));
    let paid = confirm(|ask, token| ask.confirmation_token(token)).await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
    let (error, status) = refusal(confirm(|ask, token| ask.confirmation_token(token)).await);
    assert_eq!((status, error.param.as_deref()), (400, Some("confirmation_token")));
    let (error, _) = refusal(confirm(|ask, _| ask.confirmation_token("ctoken_of_nobody")).await);
    assert_eq!(
        (error.param.as_deref(), error.code),
        (Some("confirmation_token"), Some(ApiErrorsCode::ResourceMissing))
    );
}

#[tokio::test]
async fn one_number_has_one_fingerprint_under_whatever_name() {
    let desk = Desk::open().await;
    let declined = async |card: &str| {
        let (error, _) = refusal(desk.pay(card).await);
        error.payment_method.unwrap().card.unwrap().fingerprint.unwrap()
    };
    let one = declined("pm_card_chargeDeclined").await;
    assert_eq!(one, declined("pm_card_visa_chargeDeclined").await);
    assert_ne!(one, declined("pm_card_chargeDeclinedInsufficientFunds").await);
    let url = format!("{}/v1/payment_methods/pm_card_chargeDeclined", desk.sandbox.http_url());
    let shown: serde_json::Value =
        desk.http.get(&url).bearer_auth("sk_test_sandbox").send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["card"]["fingerprint"], one.as_str());
}
