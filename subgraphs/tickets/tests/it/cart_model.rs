//! Whatever buyers do with their carts, in whatever order: a seat is one buyer's, and a cart costs what it has.

use std::collections::BTreeMap;

use kernel::{Id, ReservationId, UserId};
use tickets::domain::{
    entities::{Party, Reservation, SeatStatus},
    use_cases::HoldBestAvailable,
};

use crate::{
    carts::seat,
    stage::{SEATS, STALLS, Stage},
};

/// Numbers that look random, and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).unwrap()
    }

    fn seats(&mut self, most: u32) -> Vec<u32> {
        let mut seats: Vec<u32> = (0..self.below(most + 1)).map(|_| self.below(SEATS)).collect();
        seats.sort_unstable();
        seats.dedup();
        seats
    }
}

#[tokio::test]
async fn whatever_is_done_with_carts_every_seat_is_in_one_of_them_or_free_and_each_costs_what_it_has() {
    for seed in 1..=4 {
        let stage = Stage::new().await;
        let stalls = stage.sells("Seat", &[STALLS]).await;
        let buyers = [UserId::new(), UserId::new(), UserId::new()];
        let mut carts: BTreeMap<ReservationId, Reservation> = BTreeMap::new();
        let mut numbers = Numbers(seed);
        let (mut done, mut refused) = (0, 0);
        for _ in 0..60 {
            let buyer = buyers[numbers.below(3) as usize];
            let own: Vec<Reservation> =
                carts.values().filter(|cart| cart.state().buyer == buyer).cloned().collect();
            let picked = (!own.is_empty())
                .then(|| own[numbers.below(u32::try_from(own.len()).unwrap()) as usize].clone());
            let outcome = match (numbers.below(6), picked) {
                (0 | 1, Some(cart)) => {
                    let gone =
                        cart.item_ids().into_iter().filter(|_| numbers.below(3) == 0).collect::<Vec<_>>();
                    let wishes = numbers.seats(3).into_iter().map(seat).collect();
                    stage.changes_cart(&cart, wishes, &gone).await
                }
                (2, Some(cart)) => {
                    let released = stage.tickets.release_reservation(cart.state().id, buyer).await;
                    carts.remove(&cart.state().id);
                    assert!(released.is_ok(), "{released:?}");
                    continue;
                }
                (3, cart) => {
                    let party = Party {
                        quantity: 1 + numbers.below(3),
                        accessible: 0,
                        companions: 0,
                        may_be_split: numbers.below(2) == 0,
                    };
                    let ask = HoldBestAvailable {
                        buyer,
                        event: stage.event,
                        ticket_type: stalls,
                        party,
                        sections: Vec::new(),
                        reservation: cart.map(|cart| cart.state().id),
                        access_code: None,
                        idempotency_key: Id::<()>::new().to_string(),
                    };
                    stage.tickets.hold_best_available(ask).await
                }
                _ => stage.holds(buyer, &numbers.seats(3)).await,
            };
            match outcome {
                Ok(cart) => {
                    done += 1;
                    assert_eq!(cart.state().buyer, buyer);
                    carts.insert(cart.state().id, cart);
                }
                Err(error) => {
                    refused += 1;
                    assert!(error.refusal().is_some(), "{error:?}");
                }
            }
            assert_agrees(&stage, &carts).await;
        }
        assert!(done > 10 && refused > 2, "{seed}: {done} done, {refused} refused");
        stage.assert_invariants().await;
    }
}

async fn assert_agrees(stage: &Stage, carts: &BTreeMap<ReservationId, Reservation>) {
    let mut owned: Vec<u32> = Vec::new();
    for cart in carts.values() {
        let known =
            stage.tickets.own_reservation(cart.state().id, cart.state().buyer).await.unwrap().unwrap();
        assert_eq!(known.state(), cart.state());
        let places = i64::from(cart.quantity());
        assert_eq!(cart.price().unwrap().total().unwrap().minor, places * 1000);
        owned.extend(cart.seats());
    }
    owned.sort_unstable();
    let map = stage.tickets.reads().seat_map(stage.event).await.unwrap().unwrap();
    assert!(map.taken.values().all(|status| *status == SeatStatus::Held));
    assert_eq!(owned, map.taken.into_keys().collect::<Vec<_>>());
}
