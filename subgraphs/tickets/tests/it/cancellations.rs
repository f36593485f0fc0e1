//! An event is called off: whoever has paid gets their money back, once.

use std::collections::BTreeSet;

use contracts::{
    events::{EventChange, EventStatus},
    invoices::InvoiceKind,
    payments::{PaymentDeclined, RefundPayment},
    purchase::{IfPaid, ReturnPayment},
    saga::Outcome,
    tickets::{OrderCalledOff, OrderEnd, OrderEnded, OrderRefunded},
    users::Role,
};
use kernel::{Currency, Money, OrderId, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tickets::domain::{
    entities::{Order, OrderStatus, OrderStepKind, ReservationStatus, TicketStatus, ToldStep},
    ports::CancellationView,
    use_cases::RefundOrder,
};

use crate::{
    invoices::opera,
    stage::{FLOOR, Payments, SEATS, STALLS, STANDING, Stage, now},
};

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

impl Stage {
    /// Somebody is about to pay.
    async fn waits_to_pay(&self, seat: u32) -> Order {
        let order = self.checks_out(&self.holds(UserId::new(), &[seat]).await.unwrap()).await;
        self.carry(Payments::Wait).await;
        order
    }

    /// The clock looks so often at what is due.
    async fn looks(&self, times: usize) {
        for _ in 0..times {
            self.ticks().await;
        }
    }
}

#[tokio::test]
async fn who_has_not_paid_yet_need_not_wait_for_the_end_of_their_order_and_is_told_once() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let waiting = stage.waits_to_pay(0).await;
    let declined = stage.waits_to_pay(1).await;
    let told = PaymentDeclined {
        payment_id: kernel::PaymentId::new(),
        order_id: declined.state().id,
        event_id: stage.event,
        buyer_id: declined.state().buyer,
        attempt: 1,
        decline_code: "insufficient_funds".to_owned(),
        at: now(),
    };
    stage.hear(&told).await;
    stage.is_called_off().await;
    stage.looks(2).await;
    let mut ended = Vec::new();
    let mut asked = Vec::new();
    for _ in 0..5 {
        for message in stage.waiting().await {
            stage.deliver(&message).await.unwrap();
            stage.answers(&message, Payments::Wait).await;
            asked.extend(message.read::<ReturnPayment>().unwrap());
            ended.extend(message.read::<OrderEnded>().unwrap());
        }
        stage.looks(1).await;
    }
    assert_eq!(asked.len(), 2, "each once");
    for ask in &asked {
        assert_eq!((ask.if_paid, ask.reason.as_str()), (IfPaid::Keep, "The event was called off."));
    }
    let orders = BTreeSet::from([waiting.state().id, declined.state().id]);
    assert_eq!(ended.iter().map(|told| told.order_id).collect::<BTreeSet<_>>(), orders);
    assert_eq!(ended.len(), 2, "each is told once");
    assert!(ended.iter().all(|told| told.called_off && told.how == OrderEnd::Cancelled));
    for order in [&waiting, &declined] {
        assert_eq!(stage.status(order).await, OrderStatus::Cancelled);
        let history = stage.tickets.reads().history(order.state().id).await.unwrap();
        let last = ToldStep::all(history).pop().unwrap();
        let sentence = "The order has ended before it was paid. The event was called off.";
        assert_eq!((last.kind, last.message.as_str()), (OrderStepKind::Cancelled, sentence));
    }
    stage.gives_back(&Outcome::Done).await;
    assert_eq!(stage.ticks().await, std::time::Duration::MAX, "nothing is due any more");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_turns_out_to_be_paid_when_an_event_is_called_off_goes_back_and_is_no_ticket() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.waits_to_pay(0).await;
    stage.is_called_off().await;
    stage.looks(2).await;
    let mut ended = Vec::new();
    loop {
        let waiting = stage.waiting().await;
        if waiting.is_empty() {
            break;
        }
        for message in waiting {
            stage.deliver(&message).await.unwrap();
            stage.answers(&message, Payments::PaidUnnoticed).await;
            ended.extend(message.read::<OrderEnded>().unwrap());
        }
    }
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
    assert!(stage.tickets.reads().tickets_of(order.state().id).await.unwrap().is_empty());
    assert_eq!((ended.len(), ended[0].how, ended[0].called_off), (1, OrderEnd::Refunded, true));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn orders_that_nobody_has_paid_end_however_many_they_are_and_whoever_looks() {
    let stage = Stage::with(tickets::Config { open_places: 1_000, ..tickets::Config::default() }).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    stage.sells("Seat", &[STALLS]).await;
    let mut orders = Vec::new();
    for place in 0..(SEATS + STANDING) {
        let buyer = UserId::new();
        let ask = if place < SEATS { stage.seats(buyer, &[place]) } else { stage.standing(buyer, floor, 1) };
        orders.push(stage.checks_out(&stage.tickets.hold_seats(ask).await.unwrap()).await);
    }
    stage.carry(Payments::Wait).await;
    assert_eq!(orders.len(), 50, "as many as are ended at once, so that there is another look");
    stage.is_called_off().await;
    stage.looks(1).await;
    let several = (0..4).map(|_| stage.tickets.cancellation_goes_on(stage.event));
    for done in futures::future::join_all(several).await {
        done.unwrap();
    }
    stage.looks(2).await;
    stage.carry(Payments::Wait).await;
    for order in &orders {
        assert_eq!(stage.status(order).await, OrderStatus::Cancelled);
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_storm_of_refunds_goes_on_wherever_it_was_interrupted() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let mut orders = BTreeSet::new();
    for _ in 0..STANDING {
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
async fn each_buyers_credit_note_goes_with_the_news_that_their_money_went_back() {
    let stage = opera().await;
    let orders = [stage.buys(&[0]).await, stage.buys(&[1, 2]).await];
    stage.is_called_off().await;
    let heard = stage.gives_back(&Outcome::Done).await;
    assert_eq!(heard.refunded.len(), orders.len());
    for (order, told) in orders.iter().zip(&heard.refunded) {
        let note = told.invoice.as_deref().expect("it has one");
        assert!(told.called_off && told.order_id == order.state().id);
        assert_eq!((note.kind, note.total), (InvoiceKind::CreditNote, order.state().total));
        let kept = stage.tickets.reads().invoices_of(&[order.state().id]).await.unwrap();
        assert_eq!(kept[&order.state().id].last(), Some(note));
    }
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
