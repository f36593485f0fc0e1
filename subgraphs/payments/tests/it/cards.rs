//! What becomes of a buyer's cards.

use chrono::TimeDelta;
use contracts::{
    payments::{PaymentDeclined, PaymentSucceeded},
    purchase::{Outcome, TakePayment, Way},
    tickets::{OrderEnd, OrderEnded, OrderPlaced},
};
use kernel::{Money, OrderId, ReservationId, UserId};
use payments::domain::entities::PaymentStatus;

use crate::stage::{Stage, an_order};

#[tokio::test]
async fn a_good_card_pays_and_the_purchase_is_told_once() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let paid = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Succeeded);
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    let facts = stage.facts(1, |fact: &PaymentSucceeded| fact.order_id == order.order_id).await;
    assert_eq!(facts.len(), 1);
    assert_eq!((facts[0].amount, facts[0].buyer_id), (order.amount, order.buyer_id));
    assert_eq!(stage.booked(&order).await, (4200, 0));
    let at_stripe = stage.at_stripe(&order).await;
    assert_eq!((at_stripe.len(), &at_stripe[0]["status"]), (1, &"succeeded".into()));
    assert_eq!(at_stripe[0]["amount"], 4200);
    // Paying again, with whatever card, tells that it is paid.
    assert_eq!(stage.pay(&order, "pm_card_amex", "b").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
}

#[tokio::test]
async fn a_declined_card_frees_nothing_and_another_card_pays() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let declined = ("PAYMENT_DECLINED".to_owned(), "generic_decline".to_owned());
    assert_eq!(stage.refusal(&order, "pm_card_chargeDeclined", "a").await, declined);
    let payment = stage.payment(&order).await;
    assert_eq!((payment.status(), payment.decline_code()), (PaymentStatus::Failed, Some("generic_decline")));
    // The same key tells the same, and the bank is not asked again.
    assert_eq!(stage.refusal(&order, "pm_card_chargeDeclined", "a").await, declined);
    assert_eq!(
        stage.refusal(&order, "pm_card_chargeDeclinedInsufficientFunds", "b").await,
        ("PAYMENT_DECLINED".to_owned(), "insufficient_funds".to_owned())
    );
    let paid = stage.pay(&order, "pm_card_visa", "c").await.unwrap();
    assert_eq!((paid.status(), paid.decline_code()), (PaymentStatus::Succeeded, None));
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    let facts = stage.facts(2, |fact: &PaymentDeclined| fact.order_id == order.order_id).await;
    let mut told: Vec<_> = facts.iter().map(|fact| (fact.attempt, fact.decline_code.as_str())).collect();
    told.sort_unstable();
    assert_eq!(told, [(1, "generic_decline"), (2, "insufficient_funds")]);
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn a_buyer_who_confirms_at_the_bank_has_paid() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    assert_eq!(waits.status(), PaymentStatus::RequiresAction);
    let (url, secret) = waits.next_action().unwrap();
    assert!(url.unwrap().starts_with("http://") && secret.unwrap().contains("_secret_"));
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    // The first key tells how it went on.
    let again = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    assert_eq!(again.status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn a_buyer_who_fails_at_the_bank_may_take_another_card() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.at_the_bank(&waits, "fail").await;
    let failed = stage.becomes(&order, PaymentStatus::Failed).await;
    assert_eq!(failed.decline_code(), Some("payment_intent_authentication_failure"));
    let paid = stage.pay(&order, "pm_card_visa", "b").await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Succeeded);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
}

#[tokio::test]
async fn a_buyer_tired_of_the_bank_may_take_another_card() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    let paid = stage.pay(&order, "pm_card_visa", "b").await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Succeeded);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn a_double_click_makes_one_payment() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.faults(|switches| switches.api_latency_ms = 200);
    let (one, other) =
        tokio::join!(stage.pay(&order, "pm_card_visa", "a"), stage.pay(&order, "pm_card_visa", "b"));
    let (paid, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(paid.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(refused.unwrap_err().refusal().unwrap().code.as_str(), "CONFLICT");
    assert_eq!(stage.count("attempts").await, 1);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn one_key_has_one_answer_also_while_the_first_call_runs() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.faults(|switches| switches.api_latency_ms = 200);
    let (one, other) =
        tokio::join!(stage.pay(&order, "pm_card_visa", "a"), stage.pay(&order, "pm_card_visa", "a"));
    assert_eq!(one.unwrap().snapshot(), other.unwrap().snapshot());
    assert_eq!(stage.count("attempts").await, 1);
    for method in ["pm_card_amex", "pm_card_chargeDeclined"] {
        assert_eq!(stage.refusal(&order, method, "a").await.0, "IDEMPOTENCY_KEY_REUSED");
    }
    let mut another = an_order(4200, "EUR");
    another.buyer_id = order.buyer_id;
    stage.ask(&another).await;
    assert_eq!(stage.refusal(&another, "pm_card_visa", "a").await.0, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_week_and_what_it_paid_stays_paid() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    let another = TakePayment { buyer_id: order.buyer_id, ..an_order(4200, "EUR") };
    stage.ask(&another).await;
    stage.attempts_age_by(TimeDelta::days(7) - TimeDelta::minutes(1)).await;
    stage.payments.forget_old_keys().await.unwrap();
    assert_eq!(stage.refusal(&another, "pm_card_visa", "a").await.0, "IDEMPOTENCY_KEY_REUSED");
    stage.attempts_age_by(TimeDelta::minutes(2)).await;
    for _ in 0..2 {
        stage.payments.forget_old_keys().await.unwrap();
    }
    assert_eq!(stage.pay(&another, "pm_card_visa", "a").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn a_card_that_the_provider_does_not_know_is_bad_input() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let refused = stage.pay(&order, "pm_card_of_nobody", "a").await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(
        (refusal.code.as_str(), &refusal.details["field"]),
        ("BAD_USER_INPUT", &"paymentMethod".into())
    );
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Pending);
    assert_eq!(stage.pay(&order, "pm_card_visa", "b").await.unwrap().status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn an_order_is_paid_by_its_buyer_only_and_only_in_time() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let mut thief = order.clone();
    thief.buyer_id = UserId::new();
    // Whether there is such an order, nobody else learns: while it is young, it may be on its way.
    let unknown = an_order(4200, "EUR");
    let (theirs, nobodys) =
        tokio::join!(stage.pay(&thief, "pm_card_visa", "a"), stage.pay(&unknown, "pm_card_visa", "a"));
    let said = |refused: kernel::Result<_>| refused.map(|_| ()).unwrap_err().refusal().unwrap().to_string();
    let (theirs, nobodys) = (said(theirs), said(nobodys));
    assert_eq!(theirs, nobodys);
    assert!(nobodys.contains("still being prepared"), "{nobodys}");
    for id in ["00000000-0000-0000-0000-000000000000", "0190163d-8694-739b-aea5-966c26f8ad90"] {
        let mut unknown = an_order(4200, "EUR");
        unknown.order_id = OrderId::parse("orderId", id).unwrap();
        assert_eq!(stage.refusal(&unknown, "pm_card_visa", "a").await.0, "NOT_FOUND", "{id}");
    }
    let mut late = an_order(4200, "EUR");
    late.expires_at -= TimeDelta::hours(1);
    stage.ask(&late).await;
    assert_eq!(stage.refusal(&late, "pm_card_visa", "a").await.0, "RESERVATION_EXPIRED");
    assert_eq!(stage.count("attempts").await, 0);
}

#[tokio::test]
async fn an_order_still_on_its_way_is_waited_for() {
    let stage = Stage::new().await;
    let order = an_order(4200, "EUR");
    let (paid, ()) = tokio::join!(stage.pay(&order, "pm_card_visa", "a"), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stage.ask(&order).await;
    });
    assert_eq!(paid.unwrap().status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn amounts_are_sent_in_the_units_of_the_provider() {
    let stage = Stage::new().await;
    for (minor, currency, units) in [(1200, "JPY", 1200), (1230, "KWD", 1230), (1200, "ISK", 120_000)] {
        let order = an_order(minor, currency);
        stage.ask(&order).await;
        let payment = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
        assert_eq!(payment.status(), PaymentStatus::Succeeded);
        assert_eq!(payment.snapshot().amount, Money::new(minor, order.amount.currency));
        assert_eq!(stage.at_stripe(&order).await[0]["amount"], units, "{currency}");
    }
}

#[tokio::test]
async fn what_cannot_be_charged_is_refused_and_what_is_free_is_paid() {
    let stage = Stage::new().await;
    for (minor, currency) in [(49, "EUR"), (1234, "KWD")] {
        let order = an_order(minor, currency);
        stage.ask(&order).await;
        let replies = stage.replies(&order, 1).await;
        assert!(matches!(&replies[..], [(Way::Do, Outcome::Refused { .. })]), "{replies:?}");
    }
    assert_eq!(stage.count("payments").await, 0);
    let free = an_order(0, "EUR");
    stage.ask(&free).await;
    assert_eq!(stage.replies(&free, 1).await, [(Way::Do, Outcome::Done)]);
    let payment = stage.payment(&free).await;
    assert!(payment.is_free());
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(stage.booked(&free).await, (0, 0));
}

#[tokio::test]
async fn whoever_wants_to_pay_what_is_free_or_over_is_told_so() {
    let stage = Stage::new().await;
    let placed = |order: &TakePayment, minor| OrderPlaced {
        order_id: order.order_id,
        number: order.number.clone(),
        reservation_id: ReservationId::new(),
        event_id: order.event_id,
        buyer_id: order.buyer_id,
        quantity: 1,
        total: Money::new(minor, order.amount.currency),
        at: order.expires_at,
    };
    let ended = |order: &TakePayment, how| OrderEnded {
        order_id: order.order_id,
        event_id: order.event_id,
        buyer_id: order.buyer_id,
        how,
        called_off: false,
        at: order.expires_at,
    };
    let free = an_order(0, "EUR");
    stage.ask(&placed(&free, 0)).await;
    let (code, message) = stage.refused(&free, "pm_card_visa", "a").await;
    assert_eq!((code.as_str(), message.contains("needs no payment")), ("CONFLICT", true), "{message}");
    for (how, code) in [
        (OrderEnd::Expired, "RESERVATION_EXPIRED"),
        (OrderEnd::Cancelled, "CONFLICT"),
        (OrderEnd::Refunded, "CONFLICT"),
    ] {
        let over = an_order(4200, "EUR");
        // In whichever order it is heard.
        stage.ask(&ended(&over, how)).await;
        stage.ask(&placed(&over, 0)).await;
        assert_eq!(stage.refused(&over, "pm_card_visa", "a").await.0, code, "{how:?}");
        // Nobody else learns that there was one.
        let thief = TakePayment { buyer_id: UserId::new(), ..over };
        assert_eq!(stage.refused(&thief, "pm_card_visa", "a").await.0, "SERVICE_UNAVAILABLE");
    }
    assert_eq!(stage.count("payments").await, 0);
}
