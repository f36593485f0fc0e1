//! Others hear in a word how much is left of an event.

use contracts::{
    Contract,
    tickets::{StockChanged, StockLevel},
};
use kernel::UserId;

use crate::stage::{FLOOR, SEATS, STALLS, STANDING, Stage};

/// What is told at the next looks; two, since what was told is not told again.
async fn told(stage: &Stage) -> Vec<(i64, StockLevel)> {
    for _ in 0..2 {
        assert!(!stage.tickets.tell_of_stock().await.unwrap());
    }
    let waiting =
        stage.waiting().await.into_iter().filter(|message| message.subject == StockChanged::SUBJECT);
    let stock = waiting.map(|message| message.read::<StockChanged>().unwrap().unwrap());
    stock
        .inspect(|stock| assert_eq!(stock.event_id, stage.event))
        .map(|stock| (stock.version, stock.level))
        .collect()
}

#[tokio::test]
async fn how_much_is_left_is_told_when_it_is_another_word_and_once() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    assert_eq!(told(&stage).await, []);
    stage.blocks(&(0..SEATS).collect::<Vec<_>>(), None).await;
    assert_eq!(told(&stage).await, [], "more than a tenth is left");
    let mut held = Vec::new();
    for _ in 0..STANDING / 4 {
        held.push(stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 4)).await.unwrap());
    }
    assert_eq!(told(&stage).await, [(1, StockLevel::Few)]);
    let last = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, STANDING % 4)).await.unwrap();
    assert_eq!(told(&stage).await, [(2, StockLevel::None)]);
    for reservation in held.iter().chain([&last]) {
        let (id, buyer) = (reservation.state().id, reservation.state().buyer);
        stage.tickets.release_reservation(id, buyer).await.unwrap();
    }
    assert_eq!(told(&stage).await, [(3, StockLevel::Plenty)]);
}
