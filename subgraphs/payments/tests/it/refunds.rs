//! Money that goes back because somebody asks for it, in parts and at once.

use contracts::{
    payments::{PaymentRefunded, RefundFailed, RefundPayment},
    purchase::{IfPaid, Outcome, TakePayment, Way},
    saga::{Asked, SagaReply},
};
use kernel::{Currency, Money, OrderId, RefundId, SagaId};
use payments::domain::entities::{NotPayable, PaymentStatus};
use sea_orm::ConnectionTrait as _;

use crate::stage::{Stage, an_order};

/// Somebody asks for money of an order to go back: so much, or all that is left.
pub(crate) fn a_refund(order: &TakePayment, minor: Option<i64>) -> RefundPayment {
    let asked = Asked {
        saga_id: SagaId::new(),
        kind: "refund".to_owned(),
        step: "GIVE_BACK".to_owned(),
        way: Way::Do,
    };
    RefundPayment {
        asked,
        refund_id: RefundId::new(),
        order_id: order.order_id,
        amount: minor.map(|minor| Money::new(minor, order.amount.currency)),
        told: None,
        reason: "a ticket was given back".to_owned(),
    }
}

/// Waits until a refund that was asked has this many answers, and returns all there are.
pub(crate) async fn answers(stage: &Stage, ask: &RefundPayment, at_least: usize) -> Vec<Outcome> {
    let is_answer = |reply: &SagaReply| reply.saga_id == ask.asked.saga_id;
    let answers = stage.facts::<SagaReply>(at_least, is_answer).await;
    assert!(answers.iter().all(|reply| *reply == ask.asked.answer(reply.outcome.clone())));
    answers.into_iter().map(|reply| reply.outcome).collect()
}

/// An order that is paid, and what Stripe calls its payment.
async fn paid(stage: &Stage) -> (TakePayment, String) {
    let order = stage.order().await;
    let payment = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    let intent = payment.snapshot().intent.as_ref().unwrap().id.clone();
    stage.webhooks_arrived().await;
    (order, intent)
}

/// What the buyer was told went back: how much each time, in rising order of how much in all.
async fn told(stage: &Stage, order: &TakePayment, at_least: usize) -> Vec<(i64, i64, bool)> {
    let facts = stage.facts(at_least, |fact: &PaymentRefunded| fact.order_id == order.order_id).await;
    let each = |fact: &PaymentRefunded| (fact.refunded_in_all.minor, fact.amount.minor, fact.whole);
    let mut told: Vec<_> = facts.iter().map(each).collect();
    told.sort_unstable();
    told
}

/// How much went back at Stripe, by each refund that has not failed.
async fn at_stripe(stage: &Stage, order: &TakePayment) -> Vec<i64> {
    let refunds = stage.at_stripe(order).await[0]["refunds"].clone();
    let refunds = refunds.as_array().unwrap().iter().filter(|refund| refund["status"] != "failed");
    let mut amounts: Vec<_> = refunds.map(|refund| refund["amount"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    amounts
}

fn is_refused(outcome: &Outcome, because: &str) -> bool {
    matches!(outcome, Outcome::Refused { reason } if reason.contains(because))
}

#[tokio::test]
async fn parts_asked_for_at_once_never_exceed_what_was_paid() {
    let stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    let asks: Vec<_> = (0..10).map(|_| a_refund(&order, Some(700))).collect();
    futures::future::join_all(asks.iter().map(|ask| stage.ask(ask))).await;
    let (mut done, mut refused) = (0, 0);
    for ask in &asks {
        match &answers(&stage, ask, 1).await[..] {
            [Outcome::Done] => done += 1,
            [outcome] if is_refused(outcome, "0.00 EUR is left") => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((done, refused), (6, 4));
    assert_eq!(stage.becomes(&order, PaymentStatus::Refunded).await.snapshot().refunds.len(), 6);
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(at_stripe(&stage, &order).await, [700; 6]);
    let expected: Vec<_> = (1..=6).map(|part| (part * 700, 700, part == 6)).collect();
    assert_eq!(told(&stage, &order, 6).await, expected);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn a_part_leaves_the_order_paid_and_is_given_back_once_however_often_it_is_asked() {
    let stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    let part = a_refund(&order, Some(1200));
    stage.ask(&part).await;
    assert_eq!(answers(&stage, &part, 1).await, [Outcome::Done]);
    stage.ask(&part).await;
    assert_eq!(answers(&stage, &part, 2).await, [Outcome::Done, Outcome::Done]);
    let partly = stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!((partly.refunded().minor, partly.snapshot().refunds.len()), (1200, 1));
    assert_eq!(partly.snapshot().refunds[0].asked.as_ref(), Some(&part.asked), "it is kept who asked");
    stage.ask(&order).await;
    assert_eq!(stage.replies(&order, 2).await[1], (Way::Do, Outcome::Done), "it is paid still");

    let rest = a_refund(&order, None);
    stage.ask(&rest).await;
    assert_eq!(answers(&stage, &rest, 1).await, [Outcome::Done]);
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(told(&stage, &order, 2).await, [(1200, 1200, false), (4200, 3000, true)]);
    assert_eq!(at_stripe(&stage, &order).await, [1200, 3000]);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
    let more = a_refund(&order, None);
    stage.ask(&more).await;
    assert_eq!(answers(&stage, &more, 1).await, [Outcome::Done], "nothing is left to give back");
}

#[tokio::test]
async fn the_end_of_a_purchase_gives_back_the_rest_beside_the_parts_that_are_owed() {
    let stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    stage.faults(|switches| switches.api_latency_ms = 100);
    let parts = [a_refund(&order, Some(1200)), a_refund(&order, Some(700))];
    stage.ask(&parts[0]).await;
    stage.ask(&parts[1]).await;
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(stage.replies(&order, 2).await[1], (Way::Undo, Outcome::Done));
    for part in &parts {
        assert_eq!(answers(&stage, part, 1).await, [Outcome::Done]);
    }
    assert_eq!(at_stripe(&stage, &order).await, [700, 1200, 2300]);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn a_part_that_the_bank_returns_is_owed_again_and_each_failure_is_told_once() {
    let stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    let (part, other) = (a_refund(&order, Some(1200)), a_refund(&order, Some(700)));
    stage.ask(&part).await;
    answers(&stage, &part, 1).await;
    stage.ask(&other).await;
    answers(&stage, &other, 1).await;
    stage.webhooks_arrived().await;
    for round in 1..=2 {
        let payment = stage.payment(&order).await;
        let refund = payment.snapshot().refunds.iter().find(|refund| refund.id == part.refund_id).unwrap();
        let name = refund.provider_id.clone().unwrap();
        stage.at_the_dashboard(&format!("refunds/{name}/fail"), "").await;
        answers(&stage, &part, round + 1).await; // it was given back once more
        stage.webhooks_arrived().await;
        stage.all_is_told().await;
        let is_of = |fact: &RefundFailed| fact.order_id == order.order_id;
        let failures = stage.facts(round, is_of).await;
        assert_eq!(failures.len(), round);
        assert!(failures.iter().all(|fact| (fact.refund_id, fact.amount.minor) == (part.refund_id, 1200)));
    }
    assert_eq!(at_stripe(&stage, &order).await, [700, 1200]);
    assert_eq!(told(&stage, &order, 2).await, [(1200, 1200, false), (1900, 700, false)]);
    assert_eq!(stage.booked(&order).await, (4200, 1900));
    assert_eq!(stage.count("refunds").await, 2);
}

#[tokio::test]
async fn when_the_dashboard_was_quicker_what_is_left_goes_back_and_no_more() {
    for (taken, given) in [("amount=3700", vec![500, 3700]), ("", vec![4200])] {
        let stage = Stage::new().await;
        let (order, intent) = paid(&stage).await;
        stage.hold_webhooks_back();
        stage.at_the_dashboard(&format!("payments/{intent}/refund"), taken).await;
        // Nobody here has heard of it: only the provider's refusal tells.
        let part = a_refund(&order, Some(1200));
        stage.ask(&part).await;
        assert_eq!(answers(&stage, &part, 1).await, [Outcome::Done], "{taken}");
        stage.becomes(&order, PaymentStatus::Refunded).await;
        assert_eq!(at_stripe(&stage, &order).await, given);
        stage.let_webhooks_go();
        stage.webhooks_arrived().await;
        stage.all_is_told().await;
        assert_eq!(told(&stage, &order, given.len()).await.len(), given.len());
        assert_eq!(stage.booked(&order).await, (4200, 4200));
    }
}

#[tokio::test]
async fn what_a_bank_disputes_is_owed_until_it_is_decided() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    stage.at_the_dashboard(&format!("payments/{intent}/dispute"), "").await;
    stage.becomes(&order, PaymentStatus::Disputed).await;
    let part = a_refund(&order, Some(1200));
    stage.ask(&part).await;
    let refused = async {
        while stage.payment(&order).await.snapshot().refunds.iter().all(|refund| refund.number < 3) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), refused).await.unwrap();
    assert_eq!(stage.booked(&order).await, (4200, 0));
    let dispute = stage.at_stripe(&order).await[0]["disputes"][0]["id"].as_str().unwrap().to_owned();
    stage.at_the_dashboard(&format!("disputes/{dispute}/won"), "").await;
    assert_eq!(answers(&stage, &part, 1).await, [Outcome::Done]);
    stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!(at_stripe(&stage, &order).await, [1200]);
    assert_eq!(stage.booked(&order).await, (4200, 1200));
}

#[tokio::test]
async fn what_cannot_be_given_back_is_refused_in_plain_words_and_nothing_is_done() {
    let stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    let unpaid = stage.order().await;
    let (ended, unknown) = (an_order(4200, "EUR"), an_order(4200, "EUR"));
    stage.end(&ended, IfPaid::Refund).await;
    stage.replies(&ended, 1).await;
    let yen = Some(Money::new(1200, Currency::JPY));
    for (ask, because) in [
        (a_refund(&order, Some(4201)), "42.00 EUR is left"),
        (a_refund(&order, Some(-1)), "less than nothing"),
        (RefundPayment { amount: yen, ..a_refund(&order, None) }, "paid in EUR, not in JPY"),
        (a_refund(&unpaid, None), "not paid yet"),
        (a_refund(&ended, None), "ended before it was paid"),
        (a_refund(&unknown, Some(1)), "no payment"),
    ] {
        stage.ask(&ask).await;
        let answers = answers(&stage, &ask, 1).await;
        assert!(matches!(&answers[..], [outcome] if is_refused(outcome, because)), "{because}: {answers:?}");
    }
    assert_eq!(stage.count("refunds").await, 0);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.pay(&unpaid, "pm_card_visa", "b").await.unwrap().status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn what_was_refused_once_is_refused_always_however_it_is_asked_again() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "amount=3700").await;
    stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    let (part, message) = (a_refund(&order, Some(1200)), OrderId::new().uuid());
    stage.payments.refund_payment(message, &part).await.unwrap();
    assert!(is_refused(&answers(&stage, &part, 1).await[0], "5.00 EUR is left"));
    // What was given back elsewhere comes back, so that there is enough for it.
    let elsewhere = stage.at_stripe(&order).await[0]["refunds"][0]["id"].as_str().unwrap().to_owned();
    stage.at_the_dashboard(&format!("refunds/{elsewhere}/fail"), "").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    // The same message once more says nothing; another asks again.
    stage.payments.refund_payment(message, &part).await.unwrap();
    let again: Vec<_> = (0..3).map(|_| part.clone()).collect();
    futures::future::join_all(again.iter().map(|part| stage.ask(part))).await;
    stage.all_is_told().await;
    let answers_to = answers(&stage, &part, 4).await;
    assert_eq!(answers_to.len(), 4);
    assert!(answers_to.iter().all(|outcome| *outcome == answers_to[0]), "{answers_to:?}");
    assert_eq!((stage.count("refused_refunds").await, stage.booked(&order).await), (1, (4200, 0)));
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Succeeded);
    // Another refund of as much is weighed by itself.
    let other = a_refund(&order, Some(1200));
    stage.ask(&other).await;
    assert_eq!(answers(&stage, &other, 1).await, [Outcome::Done]);
}

#[tokio::test]
async fn what_was_refused_before_there_was_money_stays_refused_when_there_is() {
    let stage = Stage::new().await;
    let (unpaid, unknown, free) = (stage.order().await, an_order(4200, "EUR"), an_order(0, "EUR"));
    let asks = [a_refund(&unpaid, None), a_refund(&unknown, Some(1200)), a_refund(&free, None)];
    for ask in &asks {
        stage.ask(ask).await;
        assert!(matches!(&answers(&stage, ask, 1).await[..], [Outcome::Refused { .. }]), "{ask:?}");
    }
    stage.ask(&unknown).await;
    stage.payments.hear_of_order(free.order_id, free.buyer_id, NotPayable::Free).await.unwrap();
    for order in [&unpaid, &unknown] {
        let paid = stage.pay(order, "pm_card_visa", &order.order_id.to_string()).await.unwrap();
        assert_eq!(paid.status(), PaymentStatus::Succeeded);
    }
    for ask in &asks {
        stage.ask(ask).await;
        let told = answers(&stage, ask, 2).await;
        assert_eq!(told[0], told[1], "{ask:?}");
    }
    for order in [&unpaid, &unknown] {
        assert_eq!(stage.booked(order).await, (4200, 0));
    }
    assert_eq!((stage.count("refused_refunds").await, stage.count("refunds").await), (3, 0));
}

#[tokio::test]
async fn of_a_free_order_nothing_is_given_back_and_that_is_done() {
    let stage = Stage::new().await;
    let (free, with_payment) = (an_order(0, "EUR"), an_order(0, "EUR"));
    stage.payments.hear_of_order(free.order_id, free.buyer_id, NotPayable::Free).await.unwrap();
    stage.ask(&with_payment).await;
    stage.replies(&with_payment, 1).await;
    for order in [&free, &with_payment] {
        for amount in [None, Some(0)] {
            let ask = a_refund(order, amount);
            stage.ask(&ask).await;
            assert_eq!(answers(&stage, &ask, 1).await, [Outcome::Done]);
        }
        let ask = a_refund(order, Some(1));
        stage.ask(&ask).await;
        assert!(matches!(&answers(&stage, &ask, 1).await[..], [Outcome::Refused { .. }]));
    }
    assert_eq!(stage.count("refunds").await, 0);
}

#[tokio::test]
async fn a_refund_that_the_version_before_had_left_is_carried_out() {
    let mut stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    stage.stop().await;
    stage.payments.refund_payment(OrderId::new().uuid(), &a_refund(&order, Some(1200))).await.unwrap();
    let before = "UPDATE refunds SET tried_minor = NULL, asked = NULL";
    stage.database.writes.execute_unprepared(before).await.unwrap();
    stage.start().await;
    stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!(at_stripe(&stage, &order).await, [1200]);
    assert_eq!(stage.booked(&order).await, (4200, 1200));
}

#[tokio::test]
async fn what_a_refund_costs_does_not_grow_with_how_many_there_are() {
    let mut stage = Stage::new().await;
    let (order, _) = paid(&stage).await;
    stage.hold_webhooks_back();
    stage.stop().await;
    for part in 0..20 {
        let before = stage.foreground();
        stage.payments.refund_payment(OrderId::new().uuid(), &a_refund(&order, Some(10))).await.unwrap();
        assert_eq!(stage.foreground() - before, 5, "part {part}");
    }
    // One that is refused costs as much, and not more when it is asked for again.
    let too_much = a_refund(&order, Some(4200));
    for _ in 0..2 {
        let before = stage.foreground();
        stage.payments.refund_payment(OrderId::new().uuid(), &too_much).await.unwrap();
        assert_eq!(stage.foreground() - before, 5);
    }
    let before = stage.foreground();
    for _ in 0..4 {
        stage.payments.settle_due().await.unwrap();
    }
    assert_eq!(stage.payment(&order).await.refunded().minor, 200);
    // Each time a look, the taking, and what it consists of; then three for each refund; and one to read it just now.
    assert_eq!(stage.foreground() - before, 4 * 3 + 20 * 3 + 1);
}
