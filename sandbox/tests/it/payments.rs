use serde_json::json;
use stripe::StripeRequest as _;
use stripe_core::payment_intent::{
    CancelPaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    RetrievePaymentIntent,
};
use stripe_core::refund::{CreateRefund, RetrieveRefund};
use stripe_shared::{ApiErrorsCode, ApiErrorsType, PaymentIntentStatus};

use stripe_types::Currency;

use crate::desk::{Desk, intent, once, refusal};

#[tokio::test]
async fn a_good_card_pays_and_the_payment_can_be_looked_up() {
    let desk = Desk::open().await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
    assert_eq!(paid.amount_received, 4200);
    assert_eq!(paid.metadata["order_id"], "o1");

    let again = RetrievePaymentIntent::new(paid.id.clone()).send(&desk.stripe).await.unwrap();
    assert_eq!(again.status, PaymentIntentStatus::Succeeded);
    let listed = desk.json("/sandbox/payments.json").await;
    assert_eq!(listed[0]["id"], paid.id.as_str());
    assert_eq!(listed[0]["metadata"], json!({"order_id": "o1"}));
}

#[tokio::test]
async fn a_payment_tells_how_it_was_paid_when_its_charge_is_asked_for() {
    let desk = Desk::open().await;
    let with_charge = || vec!["latest_charge".to_owned()];
    let waiting = intent().send(&desk.stripe).await.unwrap();
    let confirm = ConfirmPaymentIntent::new(waiting.id.clone()).payment_method("pm_card_mastercard_debit");
    let paid = confirm.expand(with_charge()).send(&desk.stripe).await.unwrap();
    let seen = RetrievePaymentIntent::new(waiting.id.clone()).expand(with_charge());
    for told in [paid, seen.send(&desk.stripe).await.unwrap()] {
        let charge = told.latest_charge.unwrap().into_object().expect("it was asked for");
        let details = charge.payment_method_details.unwrap();
        let card = details.card.unwrap();
        assert_eq!((details.type_.as_str(), card.funding.as_deref()), ("card", Some("debit")));
        assert_eq!((card.brand.as_deref(), card.last4.as_deref()), (Some("mastercard"), Some("3222")));
        let receipt = desk.http.get(charge.receipt_url.unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(receipt.contains("€42.00") && receipt.contains("3222"), "{receipt}");
    }
    let unasked = RetrievePaymentIntent::new(waiting.id).send(&desk.stripe).await.unwrap();
    assert!(!unasked.latest_charge.unwrap().is_object());
}

#[tokio::test]
async fn what_was_declined_has_no_receipt() {
    let desk = Desk::open().await;
    let declined = refusal(desk.pay("pm_card_chargeDeclined").await).0.payment_intent.unwrap();
    let expand = vec!["latest_charge".to_owned()];
    let seen = RetrievePaymentIntent::new(declined.id).expand(expand).send(&desk.stripe).await.unwrap();
    let charge = seen.latest_charge.unwrap().into_object().unwrap();
    assert_eq!((charge.paid, charge.receipt_url), (false, None));
    for charge in [charge.id.as_str(), "ch_of_nobody"] {
        let page = format!("{}/sandbox/receipts/{charge}", desk.sandbox.http_url());
        assert_eq!(desk.http.get(page).send().await.unwrap().status(), 404, "{charge}");
    }
}

#[tokio::test]
async fn a_declined_card_says_why_and_another_card_may_be_tried() {
    let desk = Desk::open().await;
    for (card, code, reason) in [
        ("pm_card_chargeDeclined", ApiErrorsCode::CardDeclined, "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", ApiErrorsCode::CardDeclined, "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", ApiErrorsCode::CardDeclined, "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", ApiErrorsCode::ExpiredCard, "expired_card"),
    ] {
        let (error, status) = refusal(desk.pay(card).await);
        assert_eq!((status, error.type_), (402, ApiErrorsType::CardError), "{card}");
        assert_eq!((error.code, error.decline_code.as_deref()), (Some(code), Some(reason)), "{card}");
        let intent = error.payment_intent.expect("the error carries the intent");
        assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod, "{card}");

        let paid = desk.confirm(intent.id.as_str(), "pm_card_mastercard").await.unwrap();
        assert_eq!(paid.status, PaymentIntentStatus::Succeeded, "{card}");
    }
}

#[tokio::test]
async fn a_payment_is_made_in_two_steps_and_an_unknown_card_is_refused() {
    let desk = Desk::open().await;
    let waiting = intent().send(&desk.stripe).await.unwrap();
    assert_eq!(waiting.status, PaymentIntentStatus::RequiresPaymentMethod);

    let (error, status) = refusal(desk.confirm(waiting.id.as_str(), "pm_card_nobody_has").await);
    assert_eq!((status, error.code), (400, Some(ApiErrorsCode::ResourceMissing)));

    let paid = desk.confirm(waiting.id.as_str(), "pm_card_visa").await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
    let (error, _) = refusal(desk.confirm(waiting.id.as_str(), "pm_card_visa").await);
    assert_eq!(error.code, Some(ApiErrorsCode::PaymentIntentUnexpectedState));
}

#[tokio::test]
async fn a_payment_can_be_cancelled_until_it_has_succeeded() {
    let desk = Desk::open().await;
    let waiting = intent().send(&desk.stripe).await.unwrap();
    let cancelled = CancelPaymentIntent::new(waiting.id).send(&desk.stripe).await.unwrap();
    assert_eq!(cancelled.status, PaymentIntentStatus::Canceled);

    let paid = desk.pay("pm_card_visa").await.unwrap();
    let (error, status) = refusal(CancelPaymentIntent::new(paid.id.clone()).send(&desk.stripe).await);
    assert_eq!((status, error.code), (400, Some(ApiErrorsCode::PaymentIntentUnexpectedState)));
    assert_eq!(error.payment_intent.unwrap().status, PaymentIntentStatus::Succeeded);
}

#[tokio::test]
async fn refunds_never_exceed_what_was_paid() {
    let desk = Desk::open().await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    let refund = |amount: i64| CreateRefund::new().payment_intent(paid.id.as_str()).amount(amount);

    let part = refund(1000).send(&desk.stripe).await.unwrap();
    assert_eq!(part.amount, 1000);
    let (error, status) = refusal(refund(3201).send(&desk.stripe).await);
    assert_eq!((status, error.type_), (400, ApiErrorsType::InvalidRequestError));
    assert_eq!(
        error.message.as_deref(),
        Some("Refund amount (€32.01) is greater than unrefunded amount on charge (€32.00)")
    );
    let rest = CreateRefund::new().payment_intent(paid.id.as_str()).send(&desk.stripe).await.unwrap();
    assert_eq!(rest.amount, 3200);
    let (error, _) = refusal(refund(1).send(&desk.stripe).await);
    assert_eq!(error.code, Some(ApiErrorsCode::ChargeAlreadyRefunded));

    let looked_up = RetrieveRefund::new(part.id).send(&desk.stripe).await.unwrap();
    assert_eq!(looked_up.status.as_deref(), Some("succeeded"));
    let listed = desk.json("/sandbox/payments.json").await;
    assert_eq!(listed[0]["amountRefunded"], 4200);
    assert_eq!(listed[0]["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn refunds_made_at_once_never_exceed_what_was_paid() {
    let desk = Desk::open().await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    let mut made = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (refund, stripe) = (CreateRefund::new().payment_intent(paid.id.as_str()), desk.stripe.clone());
        made.spawn(async move { refund.amount(700).send(&stripe).await });
    }
    let (done, refused): (Vec<_>, Vec<_>) = made.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (6, 4));
    for refused in refused {
        assert_eq!(refusal(refused).0.code, Some(ApiErrorsCode::ChargeAlreadyRefunded));
    }
    let listed = desk.json("/sandbox/payments.json").await;
    assert_eq!(listed[0]["amountRefunded"], 4200);
    assert_eq!(listed[0]["refunds"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_refunds_key_stands_for_its_amount_and_for_its_refusal() {
    let desk = Desk::open().await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    let refund = async |amount: i64, key: &str| {
        let refund = CreateRefund::new().payment_intent(paid.id.as_str()).amount(amount);
        refund.customize().request_strategy(once(key)).send(&desk.stripe).await
    };
    let first = refund(3000, "refund-1").await.unwrap();
    assert_eq!(refund(3000, "refund-1").await.unwrap().id, first.id);
    assert_eq!(refusal(refund(2000, "refund-1").await).0.type_, ApiErrorsType::IdempotencyError);
    refusal(refund(2000, "refund-2").await);
    // The bank returns the first: what was refused by a key stays so, and goes by another.
    assert_eq!(desk.post(&format!("/sandbox/refunds/{}/fail", first.id), "").await, 303);
    assert_eq!(refusal(refund(2000, "refund-2").await).0.param.as_deref(), Some("amount"));
    assert_eq!(refund(2000, "refund-3").await.unwrap().amount, 2000);
}

#[tokio::test]
async fn a_card_that_asks_pays_after_the_person_agreed_and_fails_if_they_did_not() {
    let desk = Desk::open().await;
    for (decision, end) in
        [("approve", PaymentIntentStatus::Succeeded), ("fail", PaymentIntentStatus::RequiresPaymentMethod)]
    {
        let asked = desk.pay("pm_card_authenticationRequired").await.unwrap();
        assert_eq!(asked.status, PaymentIntentStatus::RequiresAction);
        let url = asked.next_action.unwrap().redirect_to_url.unwrap().url.unwrap();
        let page = desk.http.get(&url).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("€42.00") && page.contains("Authenticate") && page.contains("Fail"), "{page}");

        desk.http.post(format!("{url}/{decision}")).send().await.unwrap().error_for_status().unwrap();
        let decided = RetrievePaymentIntent::new(asked.id).send(&desk.stripe).await.unwrap();
        assert_eq!(decided.status, end);
        let twice = desk.http.post(format!("{url}/{decision}")).send().await.unwrap();
        assert_eq!(twice.status(), 409);
    }
}

#[tokio::test]
async fn after_the_question_the_buyer_is_sent_back_to_the_shop() {
    let desk = Desk::open().await;
    let asked = intent()
        .payment_method("pm_card_authenticationRequired")
        .confirm(true)
        .return_url("https://shop.example/orders/1?a=b")
        .send(&desk.stripe)
        .await
        .unwrap();
    let url = asked.next_action.unwrap().redirect_to_url.unwrap().url.unwrap();
    let answer = desk.http.post(format!("{url}/approve")).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let back = answer.headers()["location"].to_str().unwrap();
    assert!(back.starts_with("https://shop.example/orders/1?a=b&payment_intent=pi_"), "{back}");
    assert!(back.ends_with("&redirect_status=succeeded"), "{back}");

    let refused = intent().return_url("javascript:alert(1)").send(&desk.stripe).await;
    assert_eq!(refusal(refused).0.param.as_deref(), Some("return_url"));
}

#[tokio::test]
async fn a_payment_that_might_redirect_needs_an_address_to_come_back_to() {
    let desk = Desk::open().await;
    let open = || CreatePaymentIntent::new(4200, Currency::EUR).payment_method("pm_card_visa").confirm(true);
    let (error, status) = refusal(open().send(&desk.stripe).await);
    assert_eq!(status, 400);
    assert!(error.message.unwrap().contains("return_url"));

    let never = CreatePaymentIntentAutomaticPaymentMethods {
        enabled: true,
        allow_redirects: Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never),
    };
    open().automatic_payment_methods(never).send(&desk.stripe).await.unwrap();
    open().return_url("https://shop.example/").send(&desk.stripe).await.unwrap();
}

#[tokio::test]
async fn what_stripe_would_not_take_is_refused_by_name() {
    let desk = Desk::open().await;
    let url = format!("{}/v1/payment_intents", desk.sandbox.stripe_url());
    for (body, param) in [
        ("currency=eur", "amount"),
        ("amount=twelve&currency=eur", "amount"),
        ("amount=1200", "currency"),
        ("amount=1200&currency=xyz", "currency"),
        ("amount=10&currency=eur", "amount"),
        ("amount=-5&currency=eur", "amount"),
        ("amount=1200&currency=eur&confirm=perhaps", "confirm"),
        ("amount=1200&currency=eur&seat=A1", "seat"),
        ("amount=1200&currency=eur&payment_method_types[]=card", "payment_method_types"),
    ] {
        let answer = desk
            .http
            .post(&url)
            .bearer_auth("sk_test_x")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let error: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(error["error"]["param"], param, "{body}");
    }
    let unknown = RetrievePaymentIntent::new("pi_unknown").send(&desk.stripe).await;
    assert_eq!(refusal(unknown).1, 404);
    assert_eq!(desk.json("/sandbox/payments.json").await, json!([]));
}

#[tokio::test]
async fn only_the_right_key_is_accepted_and_never_a_live_one() {
    let options = sandbox::SandboxOptions { api_key: Some("sk_test_mine".to_owned()), ..Default::default() };
    let (any, mine) = (Desk::open().await, Desk::open_with(options).await);
    for (desk, key, status) in [
        (&any, "sk_live_x", 401),
        (&any, "sk_test_x", 200),
        (&mine, "sk_test_x", 401),
        (&mine, "sk_test_mine", 200),
    ] {
        let url = format!("{}/v1/payment_intents", desk.sandbox.stripe_url());
        let answer = desk.http.get(url).bearer_auth(key).send().await.unwrap();
        assert_eq!(answer.status(), status, "{key}");
    }
}
