//! An event is called off: whoever has paid gets their money back, once.

use std::collections::BTreeSet;

use contracts::{
    events::{EventChange, EventStatus},
    payments::RefundPayment,
    saga::Outcome,
    tickets::{OrderCalledOff, OrderRefunded},
    users::Role,
};
use kernel::{Currency, Money, OrderId, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tickets::domain::{
    entities::{Order, OrderStatus, ReservationStatus, TicketStatus},
    ports::CancellationView,
    use_cases::RefundOrder,
};

use crate::stage::{FLOOR, Payments, STALLS, Stage};

/// What was asked and told while an event was being given back.
#[derive(Default)]
struct Heard {
    asked: Vec<RefundPayment>,
    refunded: Vec<OrderRefunded>,
    called_off: Vec<OrderCalledOff>,
}

impl Stage {
    async fn is_called_off(&self) {
        let mut told = self.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled);
        told.reason = Some("The singer is ill.".to_owned());
        self.hear(&told).await;
    }

    async fn buys(&self, seats: &[u32]) -> Order {
        let order = self.checks_out(&self.holds(UserId::new(), seats).await.unwrap()).await;
        self.carry(Payments::Pay).await;
        order
    }

    /// The clock looks until nothing is left to be done, and payments answers whatever it is asked so, twice.
    async fn gives_back(&self, outcome: &Outcome) -> Heard {
        let mut heard = Heard::default();
        for _ in 0..50 {
            while self.tickets.tell_of_called_off().await.unwrap() {}
            self.database
                .writes
                .execute_unprepared(
                    "UPDATE sagas SET deadline = 1 WHERE kind = 'cancellation' AND deadline IS NOT NULL",
                )
                .await
                .unwrap();
            self.ticks().await;
            for message in self.waiting().await {
                self.deliver(&message).await.unwrap();
                if let Some(ask) = message.read::<RefundPayment>().unwrap() {
                    self.hear(&ask.asked.answer(outcome.clone())).await;
                    heard.asked.push(ask);
                } else {
                    self.answers(&message, Payments::Pay).await;
                }
                heard.refunded.extend(message.read::<OrderRefunded>().unwrap());
                heard.called_off.extend(message.read::<OrderCalledOff>().unwrap());
            }
            if self.given_back().await.is_some_and(|view| view.finished_at.is_some()) {
                break;
            }
        }
        while self.tickets.tell_of_called_off().await.unwrap() {}
        for message in self.waiting().await {
            heard.refunded.extend(message.read::<OrderRefunded>().unwrap());
            heard.called_off.extend(message.read::<OrderCalledOff>().unwrap());
        }
        heard
    }

    async fn given_back(&self) -> Option<CancellationView> {
        self.tickets.reads().refunds_of(self.event).await.unwrap()
    }
}

fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

#[tokio::test]
async fn whoever_has_paid_gets_everything_back_and_nobody_twice() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let (first, second) = (stage.buys(&[0, 1]).await, stage.buys(&[2, 3]).await);
    let tickets = stage.tickets.reads().tickets_of(second.state().id).await.unwrap();
    let one_before = RefundOrder {
        by: stage.organizer,
        order: second.state().id,
        tickets: Some(vec![tickets[0].id]),
        reason: None,
        keep_places_back: false,
        idempotency_key: "before".to_owned(),
    };
    stage.tickets.refund_order(one_before).await.unwrap();
    for message in stage.waiting().await {
        stage.deliver(&message).await.unwrap();
        if let Some(ask) = message.read::<RefundPayment>().unwrap() {
            stage.hear(&ask.asked.answer(Outcome::Done)).await;
        }
    }
    stage.waiting().await;
    let choosing = stage.holds(UserId::new(), &[4]).await.unwrap();
    let paying = stage.checks_out(&stage.holds(UserId::new(), &[5]).await.unwrap()).await;

    stage.is_called_off().await;
    let heard = stage.gives_back(&Outcome::Done).await;
    let asked: Vec<OrderId> = heard.asked.iter().map(|ask| ask.order_id).collect();
    assert_eq!(asked, [first.state().id, second.state().id], "each order once");
    assert!(heard.asked.iter().all(|ask| ask.amount.is_none()), "all that is left of it");
    let refunded: Vec<_> =
        heard.refunded.iter().map(|told| (told.amount, told.called_off, told.whole)).collect();
    assert_eq!(refunded, [(euros(2000), true, true), (euros(1000), true, true)]);
    for order in [&first, &second] {
        assert_eq!(stage.status(order).await, OrderStatus::Refunded);
        let tickets = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
        assert!(tickets.iter().all(|ticket| ticket.status == TicketStatus::Refunded));
    }
    let told: BTreeSet<OrderId> = heard.called_off.iter().map(|told| told.order_id).collect();
    assert_eq!((told.len(), heard.called_off.len()), (2, 2), "each buyer is told once");
    let holders: Vec<_> = heard.called_off.iter().map(|told| told.holders.len()).collect();
    assert_eq!(holders, [2, 1], "and nobody whose ticket had gone back before");
    let held = stage.tickets.reads().reservation(choosing.state().id).await.unwrap().unwrap();
    assert_eq!(held.state().status, ReservationStatus::Released, "nothing is set aside any more");
    assert_eq!(stage.status(&paying).await, OrderStatus::Refunded, "what is paid meanwhile goes back, too");

    let view = stage.given_back().await.unwrap();
    assert_eq!((view.orders, view.refunded, view.failed, view.amount), (2, 2, 0, euros(3000)));
    assert!(view.finished_at.is_some());
    stage.is_called_off().await;
    assert_eq!(stage.gives_back(&Outcome::Done).await.asked.len(), 0, "an event is called off once");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_storm_of_refunds_goes_on_wherever_it_was_interrupted() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let mut orders = BTreeSet::new();
    for _ in 0..crate::stage::STANDING {
        let held = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
        orders.insert(stage.checks_out(&held).await.state().id);
    }
    stage.carry(Payments::Pay).await;
    stage.is_called_off().await;
    // Several replicas look at the same time, and one of them again although it was done.
    let clock = |_| async {
        stage
            .database
            .writes
            .execute_unprepared(
                "UPDATE sagas SET deadline = 1 WHERE kind = 'cancellation' AND deadline IS NOT NULL",
            )
            .await
            .unwrap();
        stage.tickets.cancellation_goes_on(stage.event).await
    };
    for done in futures::future::join_all((0..4).map(clock)).await {
        done.unwrap();
    }
    let heard = stage.gives_back(&Outcome::Done).await;
    let asked: Vec<OrderId> = heard.asked.iter().map(|ask| ask.order_id).collect();
    assert_eq!(asked.iter().copied().collect::<BTreeSet<_>>(), orders);
    assert_eq!(asked.len(), orders.len(), "nobody twice");
    let view = stage.given_back().await.unwrap();
    assert_eq!((view.orders, view.refunded), (30, 30));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_could_not_go_back_is_counted_and_keeps_nobody_else_waiting() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.buys(&[0]).await;
    stage.is_called_off().await;
    stage.gives_back(&Outcome::Refused { reason: "the payment is not captured".to_owned() }).await;
    let view = stage.given_back().await.unwrap();
    assert_eq!((view.orders, view.refunded, view.failed), (1, 0, 1));
    assert!(view.finished_at.is_some());
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
}

#[tokio::test]
async fn an_event_that_nobody_had_ordered_for_is_done_at_once() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.is_called_off().await;
    for _ in 0..3 {
        stage
            .database
            .writes
            .execute_unprepared("UPDATE sagas SET deadline = 1 WHERE deadline IS NOT NULL")
            .await
            .unwrap();
        stage.ticks().await;
    }
    assert!(stage.given_back().await.is_none());
    assert_eq!(stage.ticks().await, std::time::Duration::MAX, "nothing is due any more");
}

const PROGRESS: &str = "query($id: ID!) { _entities(representations: [{ __typename: \"Event\", id: $id }]) { ... on Event { cancellation { orders refunded failed finishedAt amountRefunded { amount } } } } }";

#[tokio::test]
async fn organizers_see_how_far_the_refunds_are() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.buys(&[0, 1]).await;
    let id = json!({ "id": stage.event.public().to_string() });
    let seen = async |who: Option<UserId>| {
        let answer = stage.ask(who, PROGRESS, id.clone()).await;
        answer["data"]["_entities"][0]["cancellation"].clone()
    };
    assert!(seen(Some(stage.organizer)).await.is_null(), "it takes place");
    stage.is_called_off().await;
    stage.gives_back(&Outcome::Done).await;
    let progress = seen(Some(stage.organizer)).await;
    assert_eq!(
        (progress["orders"].as_i64(), progress["refunded"].as_i64()),
        (Some(1), Some(1)),
        "{progress}"
    );
    assert_eq!(progress["amountRefunded"]["amount"], "20.00");
    for who in [None, Some(UserId::new()), Some(stage.member(Role::Scanner).await)] {
        assert!(seen(who).await.is_null());
    }
}
