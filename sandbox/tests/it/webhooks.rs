use std::time::Duration;

use serde_json::json;
use stripe_core::payment_intent::CancelPaymentIntent;
use stripe_core::refund::CreateRefund;
use stripe_webhook::{Event, EventObject};

use crate::desk::{Desk, Endpoint, intent, refusal};

#[tokio::test]
async fn what_happens_is_told_in_order_and_signed() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    CreateRefund::new().payment_intent(paid.id.as_str()).send(&desk.stripe).await.unwrap();
    let events = endpoint.heard(4).await;
    let kinds: Vec<_> = events.iter().map(|event| event.type_.as_str()).collect();
    assert_eq!(
        kinds,
        ["payment_intent.created", "payment_intent.succeeded", "refund.created", "charge.refunded"]
    );
    let EventObject::PaymentIntentSucceeded(told) = &events[1].data.object else {
        panic!("a payment intent was expected");
    };
    assert_eq!((&told.id, told.metadata["order_id"].as_str()), (&paid.id, "o1"));
    let EventObject::ChargeRefunded(told) = &events[3].data.object else {
        panic!("a charge was expected");
    };
    assert!(told.refunded);
}

#[tokio::test]
async fn failures_questions_and_cancellations_are_told_too() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    refusal(desk.pay("pm_card_chargeDeclined").await);
    endpoint.heard(2).await; // those of different payments are told in any order
    let asked = desk.pay("pm_card_authenticationRequired").await.unwrap();
    CancelPaymentIntent::new(asked.id).send(&desk.stripe).await.unwrap();
    assert_eq!(
        endpoint.kinds(5).await,
        [
            "payment_intent.created",
            "payment_intent.payment_failed",
            "payment_intent.created",
            "payment_intent.requires_action",
            "payment_intent.canceled"
        ]
    );
}

#[tokio::test]
async fn an_event_is_told_again_until_it_is_heard_and_does_not_hold_up_the_next() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[500, 200]).await;
    desk.pay("pm_card_visa").await.unwrap();
    let events = endpoint.heard(3).await;
    let kinds: Vec<_> = events.iter().map(|event| event.type_.as_str()).collect();
    assert_eq!(kinds, ["payment_intent.created", "payment_intent.succeeded", "payment_intent.created"]);
    assert_eq!(events[0].id, events[2].id);
}

#[tokio::test]
async fn many_are_told_at_once_and_those_of_one_payment_one_after_the_other() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen_slowly(&desk, Duration::from_millis(200)).await;
    for _ in 0..10 {
        desk.pay("pm_card_visa").await.unwrap();
    }
    let events = endpoint.heard(20).await;
    assert!(endpoint.most_at_once() > 1, "one slow answer holds up no other payment's");
    for paid in events.iter().filter(|event| event.type_.as_str() == "payment_intent.created") {
        let EventObject::PaymentIntentCreated(created) = &paid.data.object else {
            panic!("a payment intent was expected");
        };
        let of_payment: Vec<_> = events.iter().filter(|event| is_of(event, created.id.as_str())).collect();
        let kinds: Vec<_> = of_payment.iter().map(|event| event.type_.as_str()).collect();
        assert_eq!(kinds, ["payment_intent.created", "payment_intent.succeeded"]);
    }
}

fn is_of(event: &Event, payment: &str) -> bool {
    match &event.data.object {
        EventObject::PaymentIntentCreated(intent) | EventObject::PaymentIntentSucceeded(intent) => {
            intent.id.as_str() == payment
        }
        _ => false,
    }
}

#[tokio::test]
async fn events_wait_for_an_endpoint() {
    let desk = Desk::open().await;
    intent().send(&desk.stripe).await.unwrap();
    let endpoint = Endpoint::listen_quietly(&[]).await;
    let url = format!("{}/sandbox/webhook-endpoint", desk.sandbox.http_url());
    let set = desk.http.put(url).json(&endpoint.address()).send().await.unwrap();
    assert_eq!(set.status(), 200);
    assert_eq!(endpoint.kinds(1).await, ["payment_intent.created"]);
}

#[tokio::test]
async fn an_event_that_is_lost_for_good_comes_when_somebody_sends_it_again_and_no_sooner() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    desk.switch(json!({"webhookLose": 1})).await;
    let lost = intent().send(&desk.stripe).await.unwrap();
    let heard = intent().send(&desk.stripe).await.unwrap();
    assert!(is_of(&endpoint.heard(1).await[0], heard.id.as_str()));
    let known = desk.json("/sandbox/webhooks.json").await;
    let event = known.as_array().unwrap().iter().find(|event| event["about"] == lost.id.as_str()).unwrap();
    assert_eq!((&event["state"], &event["tried"]), (&json!("given_up"), &json!(1)));
    let again = format!("/sandbox/webhooks/{}/deliver", event["id"].as_str().unwrap());
    assert_eq!(desk.post(&again, "").await, 202);
    assert!(is_of(&endpoint.heard(2).await[1], lost.id.as_str()));
}

#[tokio::test]
async fn a_lost_delivery_and_copies_carry_the_same_event() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    desk.switch(json!({"webhookDropFirst": true, "webhookDuplicates": 2})).await;
    let made = intent().send(&desk.stripe).await.unwrap();
    let events = endpoint.heard(3).await;
    assert!(events.iter().all(|event| event.id == events[0].id));

    let told = desk.json("/sandbox/webhooks.json").await;
    assert_eq!((&told[0]["about"], &told[0]["state"]), (&json!(made.id.as_str()), &json!("delivered")));
    assert!(told[0]["attempts"][0]["outcome"].as_str().unwrap().contains("lost"));
}

#[tokio::test]
async fn reordered_events_come_newest_first() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    desk.switch(json!({"webhookReorder": true})).await;
    desk.pay("pm_card_visa").await.unwrap();
    assert_eq!(endpoint.kinds(2).await, ["payment_intent.succeeded", "payment_intent.created"]);
}

#[tokio::test]
async fn a_delayed_event_waits_until_the_delay_is_taken_away() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    desk.switch(json!({"webhookDelayMs": 600_000})).await;
    intent().send(&desk.stripe).await.unwrap();
    let waiting = desk.json("/sandbox/webhooks.json?wait_ms=5000").await;
    assert_eq!((&waiting[0]["state"], &waiting[0]["tried"]), (&json!("waiting"), &json!(0)));
    desk.switch(json!({"webhookDelayMs": 0})).await;
    endpoint.heard(1).await;
}

#[tokio::test]
async fn a_delivered_event_can_be_sent_once_more_by_hand() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    intent().send(&desk.stripe).await.unwrap();
    let id = endpoint.heard(1).await[0].id.clone();
    // Who has heard is a little ahead of what is noted of it.
    while desk.json("/sandbox/webhooks.json").await[0]["state"] != "delivered" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let url = format!("{}/sandbox/webhooks/{id}/deliver", desk.sandbox.http_url());
    assert_eq!(desk.http.post(url).send().await.unwrap().status(), 202);
    assert_eq!(endpoint.heard(2).await[1].id, id);
}

#[tokio::test]
async fn an_event_that_is_sent_again_while_it_is_under_way_comes_again() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen_slowly(&desk, Duration::from_millis(500)).await;
    intent().send(&desk.stripe).await.unwrap();
    let id = endpoint.heard(1).await[0].id.clone();
    // It waits for its answer.
    assert_eq!(desk.post(&format!("/sandbox/webhooks/{id}/deliver"), "").await, 202);
    assert_eq!(endpoint.heard(2).await[1].id, id);
}

#[tokio::test]
async fn a_refund_that_fails_later_is_owed_again() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let paid = desk.pay("pm_card_refundFail").await.unwrap();
    let refund = CreateRefund::new().payment_intent(paid.id.as_str()).send(&desk.stripe).await.unwrap();
    assert_eq!(refund.status.as_deref(), Some("succeeded"));
    let kinds = endpoint.kinds(6).await;
    assert_eq!(kinds[4..], ["refund.updated", "refund.failed"]);
    let listed = desk.json("/sandbox/payments.json").await;
    assert_eq!(
        (&listed[0]["amountRefunded"], &listed[0]["refunds"][0]["status"]),
        (&json!(0), &json!("failed"))
    );
}
