//! Payments over REST, and the webhook as the document describes it.

use kernel::{OrderId, UserId};
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn a_buyer_reads_the_payment_of_an_order_and_nobody_else_learns_of_it() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let path = format!("/v1/orders/{}/payment", order.order_id);
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    let (status, failed) = stage.get(Some(order.buyer_id), &path).await;
    assert_eq!((status, &failed["status"]), (200, &json!("FAILED")), "{failed}");
    assert_eq!(failed["declineCode"], "generic_decline");
    stage.pay(&order, "pm_card_visa", "b").await.unwrap();
    let (_, paid) = stage.get(Some(order.buyer_id), &path).await;
    assert_eq!(
        paid,
        json!({
            "id": paid["id"], "orderId": order.order_id.public(), "status": "SUCCEEDED", "provider": "stripe",
            "declineCode": null, "clientSecret": null, "nextActionUrl": null,
            "amount": {"amount": "42.00", "currency": "EUR"}, "refunded": {"amount": "0.00", "currency": "EUR"},
            "refunds": [], "createdAt": paid["createdAt"],
            "method": {"kind": "CARD", "brand": "visa", "last4": "4242"}, "receiptUrl": paid["receiptUrl"],
            "dispute": null, "attempts": 2, "attemptsLeft": 0,
        })
    );
    assert_eq!((&failed["method"], &failed["receiptUrl"]), (&Value::Null, &Value::Null));
    assert_eq!((&failed["attempts"], &failed["attemptsLeft"]), (&json!(1), &json!(9)));
    let missing = format!("/v1/orders/{}/payment", OrderId::new());
    let stranger = Some(UserId::new());
    let refused = stage.get(stranger, &path).await;
    assert_eq!((refused.0, &refused.1["code"]), (404, &json!("NOT_FOUND")));
    assert_eq!(refused, stage.get(stranger, &missing).await);
    let (status, problem) = stage.get(None, &path).await;
    assert_eq!((status, &problem["code"]), (401, &json!("UNAUTHENTICATED")));
    for malformed in ["1%20OR%201=1", "ODY-7K2M", "%FF"] {
        let (status, problem) =
            stage.get(Some(order.buyer_id), &format!("/v1/orders/{malformed}/payment")).await;
        assert_eq!((status, &problem["code"]), (400, &json!("BAD_USER_INPUT")), "{malformed}");
        assert_eq!(problem["field"], "orderId");
    }
}

#[tokio::test]
async fn what_a_buyer_has_to_do_and_what_came_back_is_told() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let path = format!("/v1/orders/{}/payment", order.order_id);
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    let (_, asked) = stage.get(Some(order.buyer_id), &path).await;
    assert_eq!(asked["status"], "REQUIRES_ACTION");
    let (url, secret) = waits.next_action().unwrap();
    assert_eq!((asked["nextActionUrl"].as_str(), asked["clientSecret"].as_str()), (url, secret));
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, payments::domain::entities::PaymentStatus::Succeeded).await;
    stage.end(&order, contracts::purchase::IfPaid::Refund).await;
    stage.becomes(&order, payments::domain::entities::PaymentStatus::Refunded).await;
    let (_, returned) = stage.get(Some(order.buyer_id), &path).await;
    assert_eq!((&returned["status"], &returned["refunded"]["amount"]), (&json!("REFUNDED"), &json!("42.00")));
    let refund = &returned["refunds"][0];
    assert_eq!((&refund["amount"]["amount"], &refund["status"]), (&json!("42.00"), &json!("SUCCEEDED")));
    assert_eq!((refund["reason"].as_str(), refund["createdAt"].is_string()), (Some("time ran out"), true));
}

#[tokio::test]
async fn a_forged_webhook_is_a_problem_that_names_the_signature() {
    let stage = Stage::new().await;
    for (body, signature) in [("{}", None), ("{}", Some("t=1,v1=00")), ("", Some(""))] {
        let answer = stage.webhook_answer(body, signature).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(400), &json!("BAD_USER_INPUT")));
        assert_eq!(problem["field"], "Stripe-Signature");
    }
    // An event may be larger than other bodies are; far larger ones are not even read.
    assert_eq!(stage.webhook(&"x".repeat(100_000), Some("t=1,v1=00")).await, 400);
    assert_eq!(stage.webhook(&"x".repeat(600_000), Some("t=1,v1=00")).await, 413);
}

#[tokio::test]
async fn the_page_to_try_the_document_with_does_not_offer_to_send_webhooks() {
    let stage = Stage::new().await;
    let page = stage.text("/swagger-ui/swagger-initializer.js").await;
    assert!(page.contains("supportedSubmitMethods") && !page.to_lowercase().contains("\"post\""), "{page}");
}
