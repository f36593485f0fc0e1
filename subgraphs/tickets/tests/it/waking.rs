//! What happens by itself happens when it is due, and nothing that is broken delays the rest.

use std::time::Duration;

use contracts::{
    events::{EventChange, EventStatus, Places},
    tickets::OrderCalledOff,
};
use kernel::{EventId, OrderId, UserId};
use saga::ASK_AGAIN;
use sea_orm::ConnectionTrait;
use tickets::domain::entities::{OrderStatus, SeatStatus, Wish};

use crate::stage::{FLOOR, Payments, STALLS, Stage};

const NEVER: Duration = Duration::MAX;

impl Stage {
    pub(crate) async fn changes(&self, sql: &str) {
        self.database.writes.execute_unprepared(sql).await.unwrap();
    }
}

#[tokio::test]
async fn the_purchases_clock_sleeps_until_the_next_deadline() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    assert_eq!(stage.ticks().await, NEVER);
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    let sleep = stage.ticks().await;
    assert!(sleep > Duration::from_mins(10) && sleep <= Duration::from_millis(900_001), "{sleep:?}");
    stage.changes("UPDATE sagas SET deadline = 1").await;
    // It goes back now, and is asked again if nobody answers.
    let sleep = stage.ticks().await;
    assert!(sleep > Duration::ZERO && sleep <= ASK_AGAIN + Duration::from_millis(1), "{sleep:?}");
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Expired);
    assert_eq!(stage.ticks().await, NEVER);
}

#[tokio::test]
async fn the_sweeper_sleeps_until_the_next_hold_runs_out() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    assert_eq!(stage.tickets.tidy_up().await.unwrap(), NEVER);
    stage.holds(UserId::new(), &[0]).await.unwrap();
    let sleep = stage.tickets.tidy_up().await.unwrap();
    assert!(sleep > Duration::from_mins(5) && sleep <= Duration::from_millis(600_001), "{sleep:?}");
    stage.changes("UPDATE reservations SET expires_at = 1").await;
    assert_eq!(stage.tickets.tidy_up().await.unwrap(), NEVER);
    assert!(stage.tickets.reads().seat_map(stage.event).await.unwrap().unwrap().taken.is_empty());
    stage.assert_invariants().await;
}

#[tokio::test]
async fn an_event_of_which_nothing_can_be_given_back_delays_no_other() {
    let mut stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
    stage.changes("UPDATE reservations SET claims = 'nonsense', expires_at = 1").await;
    let broken = std::mem::replace(&mut stage.event, EventId::new());
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[1]).await.unwrap();
    stage.changes("UPDATE reservations SET expires_at = 1").await;
    // What cannot be read is looked for again at the longest pause, and not at once.
    assert_eq!(stage.tickets.tidy_up().await.unwrap(), NEVER);
    assert_eq!(holding(&stage, stage.event).await, 0);
    assert_eq!(holding(&stage, broken).await, 1);
}

async fn holding(stage: &Stage, event: EventId) -> usize {
    let events = stage.tickets.reads().events_with_lapsed(None, 10).await.unwrap();
    events.iter().filter(|lapsed| **lapsed == event).count()
}

#[tokio::test]
async fn however_many_holds_have_run_out_they_hide_no_free_place() {
    let stage = Stage::empty(tickets::Config::default()).await;
    let mut layout = stage.layout_defined();
    layout.sections[1].places = Places::GeneralAdmission { capacity: 620 };
    stage.hear(&layout).await;
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    stage.sells("Seat", &[STALLS]).await;
    for _ in 0..620 {
        stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap();
    }
    for seat in 0..4 {
        stage.holds(UserId::new(), &[seat]).await.unwrap();
    }
    // Nobody tidies up between the end of the holds and the next buyers.
    stage.changes("UPDATE reservations SET expires_at = 1").await;
    stage.changes("UPDATE seats SET held_until = 1 WHERE held_until IS NOT NULL").await;
    let first = stage.wishes(
        UserId::new(),
        vec![
            Wish::Standing { ticket_type: standing, quantity: 46 },
            Wish::Seat { number: 0, ticket_type: None },
            Wish::Seat { number: 3, ticket_type: None },
        ],
    );
    stage.tickets.hold_seats(first).await.unwrap();
    let all = stage.tickets.reads().seat_map(stage.event).await.unwrap().unwrap();
    assert_eq!(all.taken.into_iter().collect::<Vec<_>>(), [(0, SeatStatus::Held), (3, SeatStatus::Held)]);
    assert_eq!(all.available[FLOOR], 620 - 46);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nobody_else_from_hearing_that_an_event_is_off() {
    let mut stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    stage.changes("UPDATE events SET version = 7, facts = 'nonsense'").await;
    stage.changes("INSERT INTO called_off (event_id, done) SELECT id, FALSE FROM events").await;
    // The first event cannot be told of, and of the second one order cannot.
    stage.event = EventId::new();
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    stage.sells("Seat", &[STALLS]).await;
    let mut told = Vec::new();
    for seat in 0..3 {
        told.push(stage.checks_out(&stage.holds(UserId::new(), &[seat]).await.unwrap()).await.state().id);
    }
    stage.carry(Payments::Pay).await;
    let broken = told.remove(1);
    stage
        .changes(&format!(
            "UPDATE orders SET attendees = 'nonsense' WHERE number = '{}'",
            number(&stage, broken).await
        ))
        .await;
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    while stage.tickets.tell_of_called_off().await.unwrap() {}
    let heard: Vec<OrderCalledOff> =
        stage.waiting().await.iter().filter_map(|message| message.read().unwrap()).collect();
    assert_eq!(heard.iter().map(|heard| heard.order_id).collect::<Vec<_>>(), told);
}

async fn number(stage: &Stage, order: OrderId) -> String {
    stage.tickets.reads().order(order).await.unwrap().unwrap().order.number
}
