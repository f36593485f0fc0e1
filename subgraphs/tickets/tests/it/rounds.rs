//! Who waits for the same event decides in turn, in one transaction.

use futures::{FutureExt as _, future::join_all};
use kernel::UserId;
use sea_orm::{ConnectionTrait as _, Statement};
use tickets::Config;

use crate::stage::{FLOOR, Payments, SEATS, STALLS, Stage, code};

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    // What rarely changes is read once, and then remembered.
    stage.holds(UserId::new(), &[SEATS - 1]).await.unwrap();
    stage
}

async fn number(stage: &Stage, sql: &str) -> i64 {
    let backend = stage.database.reads.get_database_backend();
    let row = stage.database.reads.query_one_raw(Statement::from_string(backend, sql)).await.unwrap();
    row.unwrap().try_get("", "n").unwrap()
}

async fn map_version(stage: &Stage) -> i64 {
    number(stage, "SELECT map_version AS n FROM events").await
}

#[tokio::test]
async fn twelve_who_want_an_event_at_once_cost_little_more_than_one() {
    let stage = stage().await;
    let before = stage.database.statements();
    let version = map_version(&stage).await;
    let seats: Vec<u32> = (0..12).collect();
    let holds = join_all(seats.chunks(1).map(|seat| stage.holds(UserId::new(), seat)));
    for held in holds.await {
        held.unwrap();
    }
    let cost = stage.database.statements() - before;
    assert!(cost <= 8, "{cost} statements, where each alone costs three");
    assert_eq!(map_version(&stage).await, version + 1, "viewers see it at once");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn who_is_refused_takes_nothing_and_keeps_nobody_from_anything() {
    let stage = stage().await;
    let wishes: [&[u32]; 6] = [&[0, 1], &[1, 2], &[2, 3], &[3, 4], &[SEATS - 1], &[5]];
    let outcomes = join_all(wishes.map(|seats| stage.holds(UserId::new(), seats))).await;
    let held: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(held, [true, false, true, false, false, true], "each decides on what those before it left");
    for refused in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(refused), "SEATS_UNAVAILABLE");
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn who_goes_away_while_it_is_decided_disturbs_nobody() {
    let stage = stage().await;
    for turns in 0..9 {
        let (goes, stays) = (UserId::new(), UserId::new());
        let seats = [turns * 2, turns * 2 + 1];
        let mut leaving = Box::pin(stage.holds(goes, &seats[..1]));
        let staying = stage.holds(stays, &seats[1..]);
        let together = futures::future::join(
            async {
                // Somewhere between asking and having it.
                for _ in 0..turns {
                    if leaving.as_mut().now_or_never().is_some() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                drop(leaving);
            },
            staying,
        );
        together.await.1.unwrap();
        stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn one_buyer_in_two_windows_has_no_more_places_than_in_one() {
    let stage = Stage::with(Config { open_places: 10, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let windows: Vec<u32> = (0..15).collect();
    let outcomes = join_all(windows.chunks(5).map(|seats| stage.holds(buyer, seats))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
    for refused in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(refused), "LIMIT_EXCEEDED");
    }
}

#[tokio::test]
async fn holds_checkouts_and_tickets_of_many_are_made_together_and_once() {
    let stage = stage().await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    let held =
        join_all((0..10).map(|_| stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 2)))).await;
    let held: Vec<_> = held.into_iter().map(Result::unwrap).collect();
    let asks: Vec<_> = held.iter().map(Stage::checkout).collect();
    // Each twice, as when an answer was lost.
    let orders =
        join_all(asks.iter().flat_map(|ask| [ask, ask]).map(|ask| stage.tickets.checkout(ask.clone()))).await;
    assert!(orders.iter().all(Result::is_ok), "{orders:?}");
    loop {
        let waiting = stage.waiting().await;
        if waiting.is_empty() {
            break;
        }
        join_all(
            waiting.iter().flat_map(|message| [message, message]).map(|message| stage.deliver_once(message)),
        )
        .await;
        for message in &waiting {
            stage.answers(message, Payments::Pay).await;
        }
    }
    stage.assert_invariants().await;
    assert_eq!(number(&stage, "SELECT COUNT(*) AS n FROM tickets").await, 20);
    assert_eq!(number(&stage, "SELECT COUNT(*) AS n FROM orders WHERE status = 'COMPLETED'").await, 10);
}

#[tokio::test]
async fn who_finds_the_queue_full_is_told_at_once_and_when_to_come_again() {
    let stage = Stage::with(Config { queue: 3, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let seats: Vec<u32> = (0..10).collect();
    let outcomes = join_all(seats.chunks(1).map(|seat| stage.holds(UserId::new(), seat))).await;
    let (held, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((held.len(), refused.len()), (3, 7));
    for refused in refused {
        let error = refused.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.code.as_str(), "RATE_LIMITED");
        assert!(refusal.details.contains_key("retryAfterSeconds"), "{refusal:?}");
    }
    stage.holds(UserId::new(), &[11]).await.expect("nobody waits any more");
    stage.assert_invariants().await;
}
