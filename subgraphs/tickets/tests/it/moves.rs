//! An event is moved to another time: whoever has tickets is told, once for a move, and of the last move alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    events::{EventChange, EventChanged, EventStatus},
    purchase::SendConfirmation,
    tickets::OrderRescheduled,
};
use kernel::{OrderId, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tickets::domain::{
    entities::{Order, OrderStepKind, ToldStep},
    use_cases::{CheckInAsk, RefundOrder},
};

use crate::stage::{FLOOR, Payments, STALLS, STANDING, Stage, now};

impl Stage {
    /// The event as it was told last, but on that day.
    fn moved_to(&self, version: i64, starts_at: DateTime<Utc>) -> EventChanged {
        let mut told = self.event_changed(version, EventChange::Rescheduled, EventStatus::Published);
        told.reason = Some("The singer is ill.".to_owned());
        (told.event.starts_at, told.event.ends_at) = (starts_at, starts_at + TimeDelta::hours(3));
        told
    }

    async fn bought(&self, seats: &[u32]) -> Order {
        let order = self.checks_out(&self.holds(UserId::new(), seats).await.unwrap()).await;
        self.carry(Payments::Pay).await;
        order
    }

    /// Tells until nobody is left, and nothing but what is told of moves.
    async fn tells(&self) -> Vec<OrderRescheduled> {
        while self.tickets.tell_of_moves().await.unwrap() {}
        self.told().await
    }

    async fn told(&self) -> Vec<OrderRescheduled> {
        let messages = self.waiting().await;
        messages.iter().filter_map(|message| message.read::<OrderRescheduled>().unwrap()).collect()
    }

    /// When it begins, as rows keep instants.
    async fn start(&self) -> DateTime<Utc> {
        let known = self.tickets.reads().event(self.event).await.unwrap().unwrap();
        kernel::from_millis(kernel::to_millis(known.facts.starts_at))
    }
}

impl Stage {
    /// So many orders, each of which is free and so complete at once.
    async fn many_have_bought(&self, count: u32) -> Vec<OrderId> {
        let floor = self.sells_at("Standing", &[FLOOR], 0).await;
        let mut orders = Vec::new();
        for _ in 0..count {
            let held = self.tickets.hold_seats(self.standing(UserId::new(), floor, 1)).await.unwrap();
            orders.push(self.checks_out(&held).await.state().id);
        }
        self.carry(Payments::Pay).await;
        orders
    }
}

/// The same instant for a whole test, as rows keep it.
static NOW: LazyLock<DateTime<Utc>> = LazyLock::new(|| kernel::from_millis(kernel::to_millis(now())));

/// So many days from now.
fn day(days: i64) -> DateTime<Utc> {
    *NOW + TimeDelta::days(days)
}

#[tokio::test]
async fn whoever_has_tickets_is_told_both_times_the_reason_and_until_when_money_goes_back() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let (order, before) = (stage.bought(&[0, 1]).await, stage.start().await);
    let mut moved = stage.moved_to(2, day(60));
    moved.refundable_until = Some(day(20));
    stage.hear(&moved).await;
    let [told] = <[_; 1]>::try_from(stage.tells().await).unwrap();
    assert_eq!((told.order_id, told.buyer_id), (order.state().id, order.state().buyer));
    assert_eq!((told.previous_start, told.event.starts_at), (before, day(60)));
    assert_eq!(told.reason.as_deref(), Some("The singer is ill."));
    assert_eq!((told.refundable_until, told.sequence), (Some(day(20)), 1));
    let seats: Vec<_> = told.tickets.iter().map(|ticket| ticket.seat.as_deref().unwrap()).collect();
    assert_eq!(seats, ["1", "2"]);
    let history = stage.tickets.reads().history(order.state().id).await.unwrap();
    let last = ToldStep::all(history).pop().unwrap();
    assert_eq!(last.kind, OrderStepKind::Rescheduled);
    assert!(last.message.ends_with("The singer is ill."), "{}", last.message);
    stage.hear(&moved).await;
    assert!(stage.tells().await.is_empty(), "once");
}

#[tokio::test]
async fn who_buys_after_a_move_has_the_new_time_with_the_tickets_and_is_not_told_again() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let paying = stage.checks_out(&stage.holds(UserId::new(), &[5]).await.unwrap()).await;
    stage.hear(&stage.moved_to(2, day(60))).await;
    // Whatever the clock of the database shows: it has moved on.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let confirmed: Vec<SendConfirmation> = stage.carry(Payments::Pay).await;
    assert_eq!(confirmed[0].order_id, paying.state().id);
    assert_eq!(confirmed[0].event.starts_at, day(60), "although it was ordered before");
    stage.bought(&[6]).await;
    assert!(stage.tells().await.is_empty());
    let known = stage.tickets.reads().event(stage.event).await.unwrap().unwrap();
    assert!(
        paying.state().created_at < known.moved_at.unwrap(),
        "it can be told from what was ordered later"
    );
}

#[tokio::test]
async fn sales_go_on_and_tickets_and_doors_follow_the_new_time() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.bought(&[0]).await;
    stage.hear(&stage.moved_to(2, day(60))).await;
    stage.bought(&[1]).await;
    let query = "query($id: ID!) { order(id: $id) { tickets { id code } } }";
    let id = json!({ "id": order.state().id.public().to_string() });
    let seen = stage.data(Some(order.state().buyer), query, id).await;
    let code = seen["order"]["tickets"][0]["code"].as_str().unwrap().to_owned();
    let ask = CheckInAsk::parse(stage.organizer, stage.event, code, None, None).unwrap();
    assert!(stage.tickets.check_in(ask).await.unwrap().ticket.is_some(), "the ticket stays valid");
    let ticket = stage.tickets.reads().tickets_of(order.state().id).await.unwrap().remove(0);
    let known = stage.tickets.reads().event(stage.event).await.unwrap().unwrap();
    let (printed, _) = stage.tickets.printable(&ticket, &known).await.unwrap();
    assert_eq!(printed.starts_at, day(60), "its file says the new time");
    let upcoming = "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { \
        tickets(upcoming: true) { nodes { id } } } } }";
    let me = json!({ "of": [{ "__typename": "User", "id": order.state().buyer.public().to_string() }] });
    for (version, on, count) in [(3, day(-1), 0), (4, day(9), 1)] {
        stage.hear(&stage.moved_to(version, on)).await;
        let seen = stage.data(Some(order.state().buyer), upcoming, me.clone()).await;
        let listed = seen["_entities"][0]["tickets"]["nodes"].as_array().unwrap().len();
        assert_eq!(listed, count, "what is to come is told by the time of now");
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_second_move_replaces_the_first_and_each_hears_of_the_time_they_know() {
    let stage = Stage::new().await;
    let orders = stage.many_have_bought(STANDING).await;
    let before = stage.start().await;
    stage.hear(&stage.moved_to(2, day(60))).await;
    stage.told_of_some_orders(10).await;
    assert!(stage.told().await.is_empty());
    stage.hear(&stage.moved_to(3, day(70))).await;
    let told = stage.tells().await;
    assert!(told.iter().all(|told| told.event.starts_at == day(70) && told.sequence == 2));
    let ids: BTreeSet<OrderId> = told.iter().map(|told| told.order_id).collect();
    assert_eq!(ids, orders.iter().copied().collect());
    assert_eq!(told.len(), ids.len(), "each once");
    let known: BTreeMap<OrderId, DateTime<Utc>> =
        told.iter().map(|told| (told.order_id, told.previous_start)).collect();
    let mut sorted = orders.clone();
    sorted.sort();
    for (place, order) in sorted.iter().enumerate() {
        let expected = if place < 10 { day(60) } else { before };
        assert_eq!(known[order], expected, "{place}");
    }
}

impl Stage {
    /// As if the storm had come so far and was interrupted.
    async fn told_of_some_orders(&self, count: usize) {
        let sql = format!(
            "UPDATE event_moves SET told_through = (SELECT id FROM orders ORDER BY id LIMIT 1 OFFSET {})",
            count - 1
        );
        self.database.writes.execute_unprepared(&sql).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_is_told_twice_by_replicas_that_tell_at_the_same_time() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    for seat in 0..4 {
        stage.bought(&[seat]).await;
    }
    stage.hear(&stage.moved_to(2, day(60))).await;
    let tell = |_| async { while stage.tickets.tell_of_moves().await.unwrap() {} };
    futures::future::join_all((0..4).map(tell)).await;
    let orders: Vec<OrderId> = stage.told().await.iter().map(|told| told.order_id).collect();
    assert_eq!(orders.len(), 4);
    assert_eq!(orders.iter().collect::<BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn a_late_message_moves_nothing_and_what_comes_before_its_move_waits_for_it() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let (order, before) = (stage.bought(&[0]).await, stage.start().await);
    let mut described = stage.moved_to(3, day(60));
    (described.change, described.reason) = (EventChange::Updated, None);
    described.event.title = "Another evening".to_owned();
    let told = contracts::Announcement::of(&described);
    let early = crate::stage::message(told.subject, told.about, told.version, told.payload);
    let waits = stage.deliver(&early).await.unwrap_err();
    assert!(matches!(waits, kernel::Error::Broken(fault) if fault.passing));
    assert_eq!(stage.start().await, before);
    let mut moved = stage.moved_to(2, day(60));
    moved.refundable_until = Some(day(10));
    stage.hear(&moved).await;
    stage.deliver(&early).await.unwrap();
    let [told] = <[_; 1]>::try_from(stage.tells().await).unwrap();
    assert_eq!((told.order_id, told.previous_start), (order.state().id, before));
    assert_eq!(told.event.title, "Another evening");
    let known = stage.tickets.reads().event(stage.event).await.unwrap().unwrap();
    assert_eq!(known.refundable_until, Some(day(10)), "a change of its texts takes nothing back");
    stage.hear(&stage.moved_to(2, day(90))).await;
    assert_eq!(stage.start().await, day(60), "older than what is known");
    assert!(stage.tells().await.is_empty());
}

#[tokio::test]
async fn what_was_promised_with_a_move_stands_after_the_next() {
    let stage = Stage::new().await;
    let refundable =
        async || stage.tickets.reads().event(stage.event).await.unwrap().unwrap().refundable_until;
    for (version, promised, stands) in [
        (2, Some(day(20)), day(20)),
        (3, None, day(20)),
        (4, Some(day(10)), day(20)),
        (5, Some(day(30)), day(30)),
    ] {
        let mut moved = stage.moved_to(version, day(60 + version));
        moved.refundable_until = promised;
        stage.hear(&moved).await;
        assert_eq!(refundable().await, Some(stands), "{version}");
    }
}

#[tokio::test]
async fn nobody_is_told_of_the_new_time_of_an_event_that_is_off_by_then() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.bought(&[0]).await;
    stage.hear(&stage.moved_to(2, day(60))).await;
    stage.hear(&stage.event_changed(3, EventChange::Cancelled, EventStatus::Cancelled)).await;
    assert!(stage.tells().await.is_empty());
}

#[tokio::test]
async fn who_has_given_their_ticket_back_is_not_told_and_who_has_another_is() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let (all, some) = (stage.bought(&[0]).await, stage.bought(&[1, 2]).await);
    for (order, count) in [(&all, 1), (&some, 1)] {
        let tickets = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
        let ask = RefundOrder {
            by: stage.organizer,
            order: order.state().id,
            tickets: Some(tickets.iter().take(count).map(|ticket| ticket.id).collect()),
            reason: None,
            keep_places_back: false,
            idempotency_key: order.state().number.clone(),
        };
        stage.tickets.refund_order(ask).await.unwrap();
        for message in stage.waiting().await {
            stage.deliver(&message).await.unwrap();
            if let Some(ask) = message.read::<contracts::payments::RefundPayment>().unwrap() {
                stage.hear(&ask.asked.answer(contracts::saga::Outcome::Done)).await;
            }
        }
        stage.waiting().await;
    }
    stage.hear(&stage.moved_to(2, day(60))).await;
    let [told] = <[_; 1]>::try_from(stage.tells().await).unwrap();
    assert_eq!((told.order_id, told.tickets.len()), (some.state().id, 1));
}

#[tokio::test]
async fn an_order_that_cannot_be_read_keeps_nobody_else_from_being_told() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let (broken, order) = (stage.bought(&[0]).await, stage.bought(&[1]).await);
    let spoil = format!("UPDATE orders SET attendees = 'spoilt' WHERE number = '{}'", broken.state().number);
    stage.database.writes.execute_unprepared(&spoil).await.unwrap();
    stage.hear(&stage.moved_to(2, day(60))).await;
    let told: Vec<OrderId> = stage.tells().await.iter().map(|told| told.order_id).collect();
    assert_eq!(told, [order.state().id]);
}

#[tokio::test]
async fn telling_many_orders_costs_as_many_statements_as_telling_one() {
    let mut costs = Vec::new();
    for count in [1, STANDING] {
        let stage = Stage::new().await;
        stage.many_have_bought(count).await;
        stage.hear(&stage.moved_to(2, day(60))).await;
        let before = stage.database.statements();
        assert!(stage.tickets.tell_of_moves().await.unwrap());
        costs.push(stage.database.statements() - before);
        assert_eq!(stage.told().await.len(), usize::try_from(count).unwrap());
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn people_buy_while_others_are_told() {
    let stage = Stage::new().await;
    let known: BTreeSet<OrderId> = stage.many_have_bought(STANDING / 2).await.into_iter().collect();
    let floor = stage.tickets.reads().ticket_types(stage.event).await.unwrap()[0].state().id;
    stage.hear(&stage.moved_to(2, day(60))).await;
    let buys = async {
        let buy = |_| async {
            let held = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
            stage.checks_out(&held).await;
        };
        futures::future::join_all((0..STANDING / 2).map(buy)).await;
    };
    let tells = async || while stage.tickets.tell_of_moves().await.unwrap() {};
    futures::join!(buys, tells(), tells());
    let told: Vec<OrderId> = stage.tells().await.iter().map(|told| told.order_id).collect();
    // In the very millisecond of the move the one who buys is told as well.
    assert!(told.iter().collect::<BTreeSet<_>>().is_superset(&known.iter().collect()));
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "nobody twice");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_promise_stands_also_when_it_is_heard_behind_a_later_move() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.bought(&[0]).await;
    let mut promising = stage.moved_to(2, day(60));
    promising.refundable_until = Some(day(20));
    stage.hear(&stage.moved_to(3, day(70))).await;
    stage.hear(&promising).await;
    let known = stage.tickets.reads().event(stage.event).await.unwrap().unwrap();
    assert_eq!((known.refundable_until, stage.start().await), (Some(day(20)), day(70)));
    let [told] = <[_; 1]>::try_from(stage.tells().await).unwrap();
    assert_eq!((told.event.starts_at, told.refundable_until), (day(70), Some(day(20))));
}
