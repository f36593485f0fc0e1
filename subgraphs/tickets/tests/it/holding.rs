//! Holds: all or nothing, once, and for a while.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use kernel::{Currency, Money, UserId};
use tickets::{
    Config,
    domain::{
        entities::{NewTier, ReservationStatus},
        use_cases::HoldSeats,
    },
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, SEATS, STALLS, STANDING, Stage, code, now};

#[tokio::test]
async fn two_buyers_never_get_the_last_seat() {
    let stage = Arc::new(Stage::new().await);
    stage.sells("Seat", &[STALLS]).await;
    let mut buyers = JoinSet::new();
    for _ in 0..40 {
        let stage = stage.clone();
        buyers.spawn(async move { stage.holds(UserId::new(), &[7]).await });
    }
    let outcomes = buyers.join_all().await;
    let (winners, losers): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(winners.len(), 1);
    for loser in losers {
        let error = loser.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.code.as_str(), "SEATS_UNAVAILABLE");
        assert_eq!(refusal.details["seatIds"].as_array().unwrap().len(), 1);
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn carts_that_overlap_in_any_order_never_deadlock_and_never_share_a_seat() {
    let stage = Arc::new(Stage::new().await);
    stage.sells("Seat", &[STALLS]).await;
    let mut buyers = JoinSet::new();
    for number in 0..120_u32 {
        let stage = stage.clone();
        let (a, b) = (number * 7 % SEATS, number * 13 % SEATS);
        let seats = if a == b { vec![a] } else { vec![a, b] };
        buyers.spawn(async move { stage.holds(UserId::new(), &seats).await.map(|_| seats) });
    }
    let mut owned = BTreeSet::new();
    for outcome in buyers.join_all().await {
        match outcome {
            Ok(seats) => assert!(seats.into_iter().all(|seat| owned.insert(seat)), "a seat has two owners"),
            Err(error) => assert!(error.refusal().is_some(), "{error:?}"),
        }
    }
    assert!(!owned.is_empty());
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_hold_is_all_or_nothing() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[3]).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[2, 3, 4]).await), "SEATS_UNAVAILABLE");
    stage.holds(UserId::new(), &[2, 4]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn an_expired_hold_gives_its_seats_back_with_the_sweeper_off() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let first = stage.holds(UserId::new(), &[1, 2]).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[1]).await), "SEATS_UNAVAILABLE");
    let second = stage.until("the seat's return", async || stage.holds(UserId::new(), &[1]).await.ok()).await;
    assert!(second.state().created_at >= first.state().expires_at, "nobody gets it early");
    let seen = stage.tickets.own_reservation(first.state().id, first.state().buyer).await.unwrap().unwrap();
    assert_eq!(seen.state().status, ReservationStatus::Expired);
    assert_eq!(code(stage.tickets.checkout(Stage::checkout(&first)).await), "RESERVATION_EXPIRED");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_has_run_out_counts_as_free_before_anybody_tidies_up() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[1, 2]).await.unwrap();
    let free = async || {
        let counts = stage.tickets.reads().availability(stage.event).await.unwrap();
        let map = stage.tickets.reads().seat_map(stage.event).await.unwrap().unwrap();
        (counts.sections[STALLS].available().unwrap() == SEATS && map.taken.is_empty()).then_some(())
    };
    assert!(free().await.is_none());
    stage.until("the seats' return", free).await;
}

#[tokio::test]
async fn holding_ones_own_seats_again_is_no_second_hold() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let first = stage.holds(buyer, &[5, 6]).await.unwrap();
    let again = stage.holds(buyer, &[6, 5]).await.unwrap();
    assert_eq!(first.state().id, again.state().id);
    assert_eq!(first.state().expires_at, again.state().expires_at, "its clock goes on");
    let ask = stage.seats(buyer, &[5]);
    let same = stage.tickets.hold_seats(ask.clone()).await.unwrap();
    assert_eq!(first.state().id, same.state().id);
    let other = HoldSeats { wishes: stage.seats(buyer, &[8]).wishes, ..ask };
    assert_eq!(code(stage.tickets.hold_seats(other).await), "IDEMPOTENCY_KEY_REUSED");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_also_at_the_same_time() {
    let stage = Arc::new(Stage::new().await);
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let ask = stage.standing(UserId::new(), floor, 2);
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let (stage, ask) = (stage.clone(), ask.clone());
        calls.spawn(async move { stage.tickets.hold_seats(ask).await.unwrap().state().id });
    }
    let answers: BTreeSet<_> = calls.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 1);
    let mut other = ask.clone();
    other.wishes = stage.standing(ask.buyer, floor, 3).wishes;
    assert_eq!(code(stage.tickets.hold_seats(other).await), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(stage.tickets.reads().availability(stage.event).await.unwrap().sections[FLOOR].held, 2);
}

#[tokio::test]
async fn an_idempotency_key_is_forgotten_after_a_week_and_not_before() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let ask = stage.standing(UserId::new(), floor, 2);
    let other = HoldSeats { wishes: stage.standing(ask.buyer, floor, 3).wishes, ..ask.clone() };
    stage.tickets.hold_seats(ask).await.unwrap();
    stage.keys_age_by(TimeDelta::days(7) - TimeDelta::minutes(1)).await;
    stage.forgets().await;
    assert_eq!(code(stage.tickets.hold_seats(other.clone()).await), "IDEMPOTENCY_KEY_REUSED");
    stage.keys_age_by(TimeDelta::minutes(2)).await;
    stage.forgets().await;
    assert_eq!(stage.tickets.hold_seats(other).await.unwrap().quantity(), 3);
}

#[tokio::test]
async fn standing_places_are_never_sold_beyond_the_capacity() {
    let stage = Arc::new(Stage::with(Config { open_places: 1000, ..Config::default() }).await);
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let mut buyers = JoinSet::new();
    for _ in 0..20 {
        let stage = stage.clone();
        buyers.spawn(async move { stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 4)).await });
    }
    let outcomes = buyers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), STANDING as usize / 4);
    for refused in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(refused), "NOT_ENOUGH_AVAILABLE");
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn ticket_types_that_share_a_section_share_its_capacity() {
    let stage = Stage::new().await;
    let adult = stage.sells("Adult", &[FLOOR]).await;
    let child = stage.sells("Child", &[FLOOR]).await;
    stage.tickets.hold_seats(stage.standing(UserId::new(), adult, 20)).await.unwrap();
    assert_eq!(
        code(stage.tickets.hold_seats(stage.standing(UserId::new(), child, 11)).await),
        "NOT_ENOUGH_AVAILABLE"
    );
    stage.tickets.hold_seats(stage.standing(UserId::new(), child, 10)).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn sales_open_at_their_time_and_close_at_theirs() {
    let stage = Stage::new().await;
    let mut later = stage.ticket_type("Later", &[FLOOR], 1000);
    later.sales_start = Some(now() + TimeDelta::hours(1));
    let later = stage.tickets.create_ticket_type(later).await.unwrap().state().id;
    let mut short = stage.ticket_type("Short", &[FLOOR], 1000);
    let end = now() + TimeDelta::milliseconds(700);
    short.sales_end = Some(end);
    let short = stage.tickets.create_ticket_type(short).await.unwrap().state().id;
    let buys =
        async |ticket_type| stage.tickets.hold_seats(stage.standing(UserId::new(), ticket_type, 1)).await;
    assert_eq!(code(buys(later).await), "SALES_CLOSED");
    buys(short).await.unwrap();
    let over = async || (stage.tickets.reads().now().await.unwrap() >= end).then_some(());
    stage.until("the end of sales", over).await;
    assert_eq!(code(buys(short).await), "SALES_CLOSED");
}

#[tokio::test]
async fn each_place_costs_what_the_first_tier_with_room_says() {
    let stage = Stage::new().await;
    let tier = |name: &str, cents, quota| NewTier {
        name: name.to_owned(),
        price: Money::new(cents, Currency::EUR),
        from: None,
        until: None,
        quota,
    };
    let mut early = stage.ticket_type("Standing", &[FLOOR], 0);
    early.tiers = vec![tier("Early", 500, Some(3)), tier("Normal", 900, None)];
    let early = stage.tickets.create_ticket_type(early).await.unwrap().state().id;
    let held = stage.tickets.hold_seats(stage.standing(UserId::new(), early, 5)).await.unwrap();
    assert_eq!(held.price().unwrap().total().unwrap(), Money::new(3 * 500 + 2 * 900, Currency::EUR));
    stage.tickets.release_reservation(held.state().id, held.state().buyer).await.unwrap();
    let held = stage.tickets.hold_seats(stage.standing(UserId::new(), early, 1)).await.unwrap();
    assert_eq!(
        held.price().unwrap().total().unwrap(),
        Money::new(500, Currency::EUR),
        "what is given back is sold again"
    );
    stage.assert_invariants().await;
}

#[tokio::test]
async fn open_holds_count_towards_the_limit() {
    let stage = Stage::with(Config { open_places: 6, ..Config::default() }).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let buyer = UserId::new();
    stage.tickets.hold_seats(stage.standing(buyer, floor, 4)).await.unwrap();
    assert_eq!(code(stage.tickets.hold_seats(stage.standing(buyer, floor, 3)).await), "LIMIT_EXCEEDED");
    stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 3)).await.unwrap();
}

#[tokio::test]
async fn released_seats_are_free_at_once_and_releasing_twice_is_once() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let held = stage.holds(buyer, &[1]).await.unwrap();
    stage.tickets.release_reservation(held.state().id, buyer).await.unwrap();
    let other = stage.holds(UserId::new(), &[1]).await.unwrap();
    stage.tickets.release_reservation(held.state().id, buyer).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[1]).await), "SEATS_UNAVAILABLE", "{other:?} still has it");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn nobody_reads_releases_or_buys_anothers_reservation() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    let (id, stranger) = (held.state().id, UserId::new());
    assert!(stage.tickets.own_reservation(id, stranger).await.unwrap().is_none());
    assert_eq!(code(stage.tickets.release_reservation(id, stranger).await), "NOT_FOUND");
    let mut stolen = Stage::checkout(&held);
    stolen.buyer = stranger;
    assert_eq!(code(stage.tickets.checkout(stolen).await), "NOT_FOUND");
}

#[tokio::test]
async fn blocked_seats_cannot_be_had_and_seats_in_use_cannot_be_blocked() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let block = |seats: Vec<u32>, blocked| {
        let ask = tickets::domain::use_cases::BlockSeats {
            by: stage.organizer,
            event: stage.event,
            seats,
            blocked,
            reason: None,
        };
        stage.tickets.block_seats(ask)
    };
    block(vec![1, 2], true).await.unwrap();
    block(vec![1, 2], true).await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[2]).await), "SEATS_UNAVAILABLE");
    block(vec![2], false).await.unwrap();
    stage.holds(UserId::new(), &[2]).await.unwrap();
    assert_eq!(code(block(vec![2, 3], true).await), "SEATS_UNAVAILABLE");
    stage.holds(UserId::new(), &[3]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn one_account_or_one_address_cannot_empty_a_hall() {
    let quota = |burst| service::clients::Quota::new(burst, std::time::Duration::from_hours(1));
    let config = Config { holds_by_account: quota(4), holds_by_address: quota(6), ..Config::default() };
    let stage = Stage::with(config).await;
    stage.sells("Seat", &[STALLS]).await;
    let (greedy, from) = (UserId::new(), "203.0.113.7".parse().ok());
    let holds = |buyer, seats| service::request::answering(from, stage.holds(buyer, seats));

    let held = holds(greedy, &[0, 1, 2, 3]).await.unwrap();
    stage.tickets.release_reservation(held.state().id, greedy).await.unwrap();
    let refused = holds(greedy, &[4]).await.unwrap_err();
    let kernel::Error::Refused(refusal) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.code.as_str(), "RATE_LIMITED");
    assert!(refusal.details.contains_key("retryAfterSeconds"), "{refusal:?}");

    holds(UserId::new(), &[5, 6]).await.unwrap();
    assert_eq!(code(holds(UserId::new(), &[7]).await), "RATE_LIMITED", "another account at the same address");
    stage.holds(UserId::new(), &[7]).await.unwrap();
}
