//! Waiting lists: what comes free is for who waits first, and goes on from one to the next.

use chrono::TimeDelta;
use contracts::{
    payments::RefundPayment,
    saga::Outcome,
    tickets::{WaitlistEnd, WaitlistEnded, WaitlistOffered},
};
use kernel::{Id, Money, TicketTypeId, UserId, WaitlistEntryId};
use tickets::domain::{
    entities::{OfferFate, OrderStatus, Reservation, WaitlistEntry, WaitlistStatus, WaitlistWish},
    use_cases::{AcceptWaitlistOffer, BlockSeats, CreateTicketType, JoinWaitlist, RefundOrder},
};

use crate::stage::{FLOOR, Payments, SEATS, STALLS, STANDING, Stage, code};

impl Stage {
    pub(crate) fn joins(&self, buyer: UserId, types: &[TicketTypeId], quantity: u32) -> JoinWaitlist {
        let wish = WaitlistWish { types: types.to_vec(), quantity, together: true, price_max: None };
        JoinWaitlist { buyer, event: self.event, wish, idempotency_key: None }
    }

    pub(crate) async fn waits(&self, types: &[TicketTypeId], quantity: u32) -> WaitlistEntry {
        self.tickets.join_waitlist(self.joins(UserId::new(), types, quantity)).await.unwrap()
    }

    /// Somebody sees to all waiting lists until there is nothing to see to.
    pub(crate) async fn sees_to_waitlists(&self) {
        while self.tickets.see_to_waitlists().await.unwrap().is_zero() {}
    }

    pub(crate) async fn stands(&self, entry: &WaitlistEntry) -> WaitlistStatus {
        let found = self.tickets.reads().waitlist_entries(&[entry.state().id]).await.unwrap().remove(0);
        found.entry.status(found.fate)
    }

    pub(crate) async fn fate(&self, entry: &WaitlistEntry) -> Option<OfferFate> {
        self.tickets.reads().waitlist_entries(&[entry.state().id]).await.unwrap().remove(0).fate
    }

    pub(crate) async fn position(&self, entry: &WaitlistEntry) -> Option<u32> {
        let positions = self.tickets.reads().waitlist_positions(&[entry.state().id]).await.unwrap();
        positions.get(&entry.state().id).copied()
    }

    pub(crate) async fn accepts(&self, entry: &WaitlistEntry) -> kernel::Result<Reservation> {
        let (buyer, entry) = (entry.state().buyer, entry.state().id);
        let idempotency_key = Id::<()>::new().to_string();
        self.tickets.accept_waitlist_offer(AcceptWaitlistOffer { buyer, entry, idempotency_key }).await
    }

    /// All seats are set aside, for one buyer each.
    pub(crate) async fn is_full(&self) -> Vec<Reservation> {
        let mut held = Vec::new();
        for seat in 0..SEATS {
            held.push(self.holds(UserId::new(), &[seat]).await.unwrap());
        }
        held
    }

    pub(crate) async fn releases(&self, held: &Reservation) {
        self.tickets.release_reservation(held.state().id, held.state().buyer).await.unwrap();
    }

    pub(crate) async fn offers_told(&self) -> Vec<WaitlistOffered> {
        self.waiting().await.iter().filter_map(|message| message.read().unwrap()).collect()
    }

    pub(crate) async fn ends_told(&self) -> Vec<(WaitlistEntryId, WaitlistEnd)> {
        let told = self.waiting().await;
        let ends = told.iter().filter_map(|message| message.read::<WaitlistEnded>().unwrap());
        ends.map(|ended| (ended.entry_id, ended.how)).collect()
    }

    /// How many seats the map shows as free, and how many places can be had by the counters.
    pub(crate) async fn free(&self) -> (u32, u32) {
        let map = self.tickets.reads().seat_map(self.event).await.unwrap().unwrap();
        let counts = self.tickets.reads().availability(self.event).await.unwrap();
        let free = SEATS - u32::try_from(map.taken.len()).unwrap();
        assert_eq!(map.available[STALLS], counts.sections[STALLS].available().unwrap());
        (free, map.available[STALLS])
    }
}

#[tokio::test]
async fn freed_stock_goes_to_the_waiting_list_first() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let first = stage.waits(&[seat], 1).await;
    let second = stage.waits(&[seat], 1).await;
    assert_eq!((stage.position(&first).await, stage.position(&second).await), (Some(1), Some(2)));
    stage.releases(&held[7]).await;
    // Before anybody has seen to the list, and afterwards: nobody who passes by gets it, and the map says the same.
    assert_eq!(stage.free().await, (0, 0));
    assert_eq!(code(stage.holds(UserId::new(), &[7]).await), "SEATS_UNAVAILABLE");
    stage.waiting().await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.free().await, (0, 0));
    assert_eq!(code(stage.holds(UserId::new(), &[7]).await), "SEATS_UNAVAILABLE");
    let offers = stage.offers_told().await;
    assert_eq!(offers.len(), 1, "{offers:?}");
    let offer = &offers[0];
    assert_eq!((offer.entry_id, offer.buyer_id), (first.state().id, first.state().buyer));
    assert_eq!((offer.quantity, offer.total), (1, Money::new(1000, kernel::Currency::EUR)));
    assert_eq!(offer.places[0].row.as_deref(), Some("A"));
    assert_eq!(offer.places[0].seat.as_deref(), Some("8"));
    assert_eq!(offer.expires_at - offer.at, TimeDelta::hours(12));
    assert_eq!((stage.stands(&first).await, stage.position(&first).await), (WaitlistStatus::Offered, None));
    assert_eq!(
        (stage.stands(&second).await, stage.position(&second).await),
        (WaitlistStatus::Waiting, Some(1))
    );
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_was_offered_is_bought_like_anything_else() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let entry = stage.waits(&[seat], 1).await;
    assert_eq!(code(stage.accepts(&entry).await), "CONFLICT", "nothing is offered yet");
    stage.releases(&held[3]).await;
    stage.sees_to_waitlists().await;
    let accepted = stage.accepts(&entry).await.unwrap();
    let time = accepted.state().expires_at - stage.tickets.reads().now().await.unwrap();
    assert!(time <= TimeDelta::minutes(10), "the ordinary clock: {time}");
    let again = stage.accepts(&entry).await.unwrap();
    assert_eq!(again.state(), accepted.state(), "accepting twice is once, and the clock goes on");
    let order = stage.checks_out(&accepted).await;
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    assert_eq!(stage.stands(&entry).await, WaitlistStatus::Bought);
    stage.sees_to_waitlists().await;
    assert_eq!(stage.ends_told().await, [(entry.state().id, WaitlistEnd::Bought)]);
    stage.sees_to_waitlists().await;
    assert_eq!(stage.ends_told().await, [], "it is told once");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn declined_timed_out_cancelled_or_unpaid_it_goes_to_the_next() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let mut waiting = Vec::new();
    for _ in 0..6 {
        waiting.push(stage.waits(&[seat], 1).await);
    }
    stage.releases(&held[1]).await;
    stage.sees_to_waitlists().await;
    // Declined.
    stage.tickets.leave_waitlist(waiting[0].state().id, waiting[0].state().buyer).await.unwrap();
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&waiting[0]).await, WaitlistStatus::Declined);
    assert_eq!(stage.stands(&waiting[1]).await, WaitlistStatus::Offered);
    // Timed out.
    let lapses = async |entry: &WaitlistEntry| {
        let offered = stage.tickets.reads().waitlist_entries(&[entry.state().id]).await.unwrap().remove(0);
        let id = offered.entry.state().reservation.unwrap();
        stage.runs_out(id).await;
    };
    lapses(&waiting[1]).await;
    assert_eq!(code(stage.accepts(&waiting[1]).await), "RESERVATION_EXPIRED");
    assert_eq!(code(stage.holds(UserId::new(), &[1]).await), "SEATS_UNAVAILABLE", "it is for the next");
    assert_eq!(stage.free().await, (0, 0), "and the map says so, tidied up or not");
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&waiting[1]).await, WaitlistStatus::Expired);
    // Accepted, and then not checked out in time.
    stage.accepts(&waiting[2]).await.unwrap();
    lapses(&waiting[2]).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&waiting[2]).await, WaitlistStatus::Expired);
    // Ordered, and the order cancelled.
    let order = stage.checks_out(&stage.accepts(&waiting[3]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    stage.tickets.cancel_order(order.state().id, order.state().buyer).await.unwrap();
    stage.carry(Payments::Wait).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&waiting[3]).await, WaitlistStatus::Declined);
    // Ordered, and not paid.
    let order = stage.checks_out(&stage.accepts(&waiting[4]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    stage.changes("UPDATE sagas SET deadline = 1 WHERE ended_at IS NULL").await;
    stage.ticks().await;
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Expired);
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&waiting[4]).await, WaitlistStatus::Expired);
    assert_eq!(stage.stands(&waiting[5]).await, WaitlistStatus::Offered);
    // Nobody waits any more: what is declined can be had at once.
    stage.tickets.leave_waitlist(waiting[5].state().id, waiting[5].state().buyer).await.unwrap();
    assert_eq!(stage.free().await, (1, 1));
    stage.holds(UserId::new(), &[1]).await.unwrap();
    stage.assert_invariants().await;
}

impl Stage {
    /// Payments gives back whatever it is asked to.
    async fn refunds_are_carried(&self) {
        loop {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return;
            }
            for message in waiting {
                self.deliver(&message).await.unwrap();
                if let Some(ask) = message.read::<RefundPayment>().unwrap() {
                    self.hear(&ask.asked.answer(Outcome::Done)).await;
                }
            }
        }
    }

    /// A reservation's time is over.
    async fn runs_out(&self, reservation: kernel::ReservationId) {
        let id = reservation.uuid().simple();
        let hex = if self.is_postgres() { format!("'{id}'") } else { format!("x'{id}'") };
        self.changes(&format!("UPDATE reservations SET expires_at = 1 WHERE id = {hex}")).await;
        self.changes(&format!("UPDATE seats SET held_until = 1 WHERE holder = {hex}")).await;
    }

    fn is_postgres(&self) -> bool {
        self.database.writes.get_database_backend() == sea_orm::DbBackend::Postgres
    }
}

#[tokio::test]
async fn whatever_frees_places_frees_them_for_who_waits() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    // The last two are kept back by the organizer, and one is sold.
    let sold = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    stage.blocks(&[18, 19], None).await;
    for number in (0..18).filter(|number| *number != 1) {
        stage.holds(UserId::new(), &[number]).await.unwrap();
    }
    let group = stage.waits(&[seat], 2).await;
    let single = stage.waits(&[seat], 1).await;
    let (by, event) = (stage.organizer, stage.event);
    let block = BlockSeats { by, event, seats: vec![18, 19], blocked: false, reason: None };
    stage.tickets.block_seats(block).await.unwrap();
    assert_eq!(stage.free().await, (0, 0), "let go by the organizer");
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&group).await, WaitlistStatus::Offered);
    let refund = RefundOrder {
        by: stage.organizer,
        order: sold.state().id,
        tickets: None,
        reason: None,
        keep_places_back: false,
        idempotency_key: "back".to_owned(),
    };
    stage.tickets.refund_order(refund).await.unwrap();
    stage.refunds_are_carried().await;
    assert_eq!(stage.free().await, (0, 0), "given back with its money");
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&single).await, WaitlistStatus::Offered);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_nobody_who_waits_can_use_is_on_sale_again() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let group = stage.waits(&[seat], 2).await;
    stage.releases(&held[4]).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.free().await, (1, 1), "one seat is no use to two");
    let passer_by = stage.holds(UserId::new(), &[4]).await.unwrap();
    stage.releases(&passer_by).await;
    stage.releases(&held[6]).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&group).await, WaitlistStatus::Waiting, "they are not side by side");
    stage.releases(&held[5]).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&group).await, WaitlistStatus::Offered);
    assert_eq!(stage.free().await, (1, 1));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_group_is_not_passed_over_for_ever() {
    let stage = Stage::new().await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    let mut held = Vec::new();
    for _ in 0..STANDING {
        held.push(stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap());
    }
    let group = stage.waits(&[standing], 3).await;
    let mut singles = Vec::new();
    for _ in 0..5 {
        singles.push(stage.waits(&[standing], 1).await);
    }
    for place in &held[..6] {
        stage.releases(place).await;
        stage.sees_to_waitlists().await;
        // What is gathered for the group is nobody else's.
        let passer_by = stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await;
        assert_eq!(code(passer_by), "NOT_ENOUGH_AVAILABLE");
    }
    assert_eq!(stage.stands(&group).await, WaitlistStatus::Offered, "three went by, and three were gathered");
    let mut offered = 0;
    for single in &singles {
        offered += usize::from(stage.stands(single).await == WaitlistStatus::Offered);
    }
    assert_eq!(offered, 3);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn who_waits_for_several_types_gets_the_first_that_can_be_had_and_pays_no_more_than_they_said() {
    let stage = Stage::new().await;
    let seat = stage.sells_at("Seat", &[STALLS], 5000).await;
    let standing = stage.sells_at("Standing", &[FLOOR], 2000).await;
    let held = stage.is_full().await;
    let floor = stage.tickets.hold_seats(stage.standing(UserId::new(), standing, STANDING)).await.unwrap();
    let mut wish = stage.joins(UserId::new(), &[seat, standing], 2);
    wish.wish.price_max = Some(Money::new(3000, kernel::Currency::EUR));
    let entry = stage.tickets.join_waitlist(wish).await.unwrap();
    stage.releases(&held[0]).await;
    stage.releases(&held[1]).await;
    stage.sees_to_waitlists().await;
    assert_eq!((stage.stands(&entry).await, stage.free().await), (WaitlistStatus::Waiting, (2, 2)));
    stage.releases(&floor).await;
    stage.sees_to_waitlists().await;
    let offers = stage.offers_told().await;
    assert_eq!((offers.len(), offers[0].total.minor, offers[0].places[0].quantity), (1, 4000, 2));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn an_offer_is_not_accepted_by_who_would_have_more_than_one_buyer_may_and_stays_open() {
    let stage = Stage::new().await;
    let limited = CreateTicketType { limit_per_buyer: Some(2), ..stage.ticket_type("Seat", &[STALLS], 1000) };
    let seat = stage.tickets.create_ticket_type(limited).await.unwrap().state().id;
    let held = stage.is_full().await;
    let buyer = UserId::new();
    let entry = stage.tickets.join_waitlist(stage.joins(buyer, &[seat], 2)).await.unwrap();
    stage.releases(&held[6]).await;
    stage.releases(&held[7]).await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&entry).await, WaitlistStatus::Offered);
    // As if what they have elsewhere had come between the offer and this.
    let sql = format!(
        "UPDATE reservations SET buyer_id = {} WHERE id = {}",
        literal(&stage, buyer.uuid()),
        literal(&stage, held[0].state().id.uuid())
    );
    stage.written(&sql).await;
    let refused = stage.accepts(&entry).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "LIMIT_PER_BUYER");
    assert_eq!(stage.stands(&entry).await, WaitlistStatus::Offered, "it stays as long as it is open");
    stage.tickets.release_reservation(held[0].state().id, buyer).await.unwrap();
    stage.accepts(&entry).await.unwrap();
    stage.assert_invariants().await;
}

/// An id as a statement of this database writes it.
fn literal(stage: &Stage, id: uuid::Uuid) -> String {
    let is_postgres = stage.database.writes.get_database_backend() == sea_orm::DbBackend::Postgres;
    if is_postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
}
