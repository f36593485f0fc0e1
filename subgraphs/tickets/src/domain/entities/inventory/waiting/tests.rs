use chrono::TimeDelta;
use contracts::events::{EventStatus, Places, RowPlan, SeatPlan, SectionPlan};
use kernel::{Currency, LayoutId, Money, UserId};

use super::{super::InventorySnapshot, *};
use crate::domain::{
    entities::{House, PriceTier, TicketTypeSnapshot, sale::tests::an_event},
    pricing::{PriceBreakdown, Terms},
};

const SEATS: u32 = 6;
const STANDING: u32 = 4;

/// A row of six seats and a floor for four, all of it sold as one type each.
fn hall() -> (Inventory, TicketTypeId, TicketTypeId) {
    let seat = |number: u32| {
        SeatPlan::from((
            number.to_string(),
            number.to_string(),
            f32::from(u16::try_from(number).unwrap()),
            0.0,
            0,
        ))
    };
    let row = RowPlan { label: "A".to_owned(), seats: (0..SEATS).map(seat).collect() };
    let section = |key: &str, places| SectionPlan { key: key.to_owned(), name: key.to_owned(), places };
    let plan = vec![
        section("ROW", Places::Seated { rows: vec![row] }),
        section("FLOOR", Places::GeneralAdmission { capacity: STANDING }),
    ];
    let now = DateTime::UNIX_EPOCH;
    let mut event = an_event(EventStatus::Published, now);
    event.opened = true;
    let (seats, floor) = (ticket_type("ROW"), ticket_type("FLOOR"));
    let (seat_id, floor_id) = (seats.state().id, floor.state().id);
    let count = |capacity| SectionCount { capacity, held: 0, sold: 0, blocked: 0 };
    let inventory = Inventory::restore(InventorySnapshot {
        event,
        house: std::sync::Arc::new(House::new(LayoutId::new(), plan).unwrap()),
        version: 1,
        types: vec![seats, floor],
        sections: [("ROW".to_owned(), count(SEATS)), ("FLOOR".to_owned(), count(STANDING))].into(),
        seats: (0..SEATS).map(|number| (number, SeatState::FREE)).collect(),
        waited: Waited::default(),
    });
    (inventory, seat_id, floor_id)
}

fn ticket_type(section: &str) -> TicketType {
    TicketType::restore(TicketTypeSnapshot {
        id: TicketTypeId::new(),
        event: kernel::EventId::new(),
        version: 1,
        name: section.to_owned(),
        description: String::new(),
        sections: vec![section.to_owned()],
        quota: None,
        sales_start: None,
        sales_end: None,
        min_per_order: 1,
        max_per_order: 10,
        limit_per_buyer: None,
        restrictions: Vec::new(),
        access_code: None,
        tax: None,
        tiers: vec![PriceTier {
            id: Id::new(),
            name: String::new(),
            base: Money::new(1000, Currency::EUR),
            from: None,
            until: None,
            quota: None,
            taken: 0,
        }],
        held: 0,
        sold: 0,
    })
}

fn reservation(claims: Vec<Claim>) -> Result<Reservation> {
    let now = DateTime::UNIX_EPOCH;
    let lines: Vec<_> = claims.iter().map(crate::domain::pricing::CartLine::from).collect();
    let price = PriceBreakdown::plain(&crate::domain::pricing::gather(lines).0)?;
    let terms = Terms::plain(Currency::EUR);
    let until = now + TimeDelta::minutes(10);
    Ok(Reservation::hold(kernel::EventId::new(), UserId::new(), claims, price, terms, now, until))
}

impl Inventory {
    fn holds(&mut self, wishes: Vec<Wish>) -> Result<Reservation> {
        self.hold(&Wishes { wishes, access_code: None }, reservation, DateTime::UNIX_EPOCH)
    }

    fn is_waited_for_by(&mut self, types: &[TicketTypeId]) {
        self.is_waited_for(Waited { types: types.to_vec(), look_at: None });
    }

    fn available(&self, section: &str) -> u32 {
        self.sections[section].available().unwrap()
    }
}

fn seat(number: u32) -> Wish {
    Wish::Seat { number, ticket_type: None }
}

fn wish(types: &[TicketTypeId], quantity: u32) -> WaitlistWish {
    WaitlistWish { types: types.to_vec(), quantity, together: true, price_max: None }
}

#[test]
fn where_nobody_waits_a_freed_seat_can_be_had_at_once() {
    let (mut hall, ..) = hall();
    let held = hall.holds(vec![seat(1), seat(2)]).unwrap();
    hall.give_back(&held).unwrap();
    hall.keep_for_who_waits().unwrap();
    hall.holds(vec![seat(1), seat(2)]).unwrap();
    assert_eq!(hall.changed_kept(), (&[][..], &[][..]));
}

#[test]
fn what_comes_free_while_somebody_waits_is_nobody_elses() {
    let (mut hall, seats, floor) = hall();
    let sits = hall.holds((0..SEATS).map(seat).collect()).unwrap();
    let stands = hall.holds(vec![Wish::Standing { ticket_type: floor, quantity: STANDING }]).unwrap();
    hall.is_waited_for_by(&[seats]);
    hall.give_back(&sits).unwrap();
    hall.give_back(&stands).unwrap();
    hall.keep_for_who_waits().unwrap();
    assert_eq!((hall.available("ROW"), hall.available("FLOOR")), (0, STANDING), "nobody waits for the floor");
    hall.holds(vec![seat(1)]).unwrap_err();
    assert_eq!(hall.waited().look_at, Some(DateTime::UNIX_EPOCH), "somebody has to see to it at once");
    let got = hall.clone();
    hall.takes_in_hand(&[]).unwrap();
    assert_eq!(hall.available("ROW"), SEATS);
    let (of, offered) = hall
        .set_aside_for(&wish(&[floor, seats], 2), &[seats], &[], reservation, DateTime::UNIX_EPOCH)
        .unwrap()
        .unwrap();
    assert_eq!((of, offered.quantity(), hall.available("ROW")), (seats, 2, SEATS - 2));
    hall.keep_only_for(&[]).unwrap();
    hall.holds(vec![seat(0)]).unwrap();
    assert!(hall.changed_kept().0.is_empty());
    assert_eq!(got.changed_kept().0.len(), SEATS as usize + 1, "each seat, and what may be sold of the type");
}

#[test]
fn what_is_given_back_and_taken_again_by_the_same_hand_did_not_come_free() {
    let (mut hall, seats, floor) = hall();
    let held =
        hall.holds(vec![seat(1), seat(2), Wish::Standing { ticket_type: floor, quantity: 2 }]).unwrap();
    hall.is_waited_for_by(&[seats, floor]);
    hall.give_back(&held).unwrap();
    hall.holds(vec![seat(2), seat(3), Wish::Standing { ticket_type: floor, quantity: 1 }]).unwrap();
    hall.keep_for_who_waits().unwrap();
    let mut kept: Vec<_> = hall.changed_kept().0.iter().map(|kept| kept.what.clone()).collect();
    kept.retain(|what| !matches!(what, KeptPlaces::Quota { .. }));
    assert_eq!(
        kept,
        [KeptPlaces::Seat(1), KeptPlaces::Standing { section: "FLOOR".to_owned(), quantity: 1 }]
    );
    hall.keep_for_who_waits().unwrap();
    assert_eq!(hall.changed_kept().0.len(), 3, "it is kept once");
}

#[test]
fn what_is_not_needed_of_what_was_kept_can_be_had_by_anybody() {
    let (mut hall, seats, _) = hall();
    let held = hall.holds((0..SEATS).map(seat).collect()).unwrap();
    hall.is_waited_for_by(&[seats]);
    hall.give_back(&held).unwrap();
    hall.keep_for_who_waits().unwrap();
    hall.takes_in_hand(&[]).unwrap();
    let none =
        hall.set_aside_for(&wish(&[seats], SEATS + 1), &[seats], &[], reservation, DateTime::UNIX_EPOCH);
    assert!(none.unwrap().is_none());
    let dear = WaitlistWish { price_max: Some(Money::new(999, Currency::EUR)), ..wish(&[seats], 1) };
    let none = hall.set_aside_for(&dear, &[seats], &[], reservation, DateTime::UNIX_EPOCH);
    assert!(none.unwrap().is_none(), "it costs more than they would pay");
    hall.keep_only_for(&[]).unwrap();
    hall.keep_for_who_waits().unwrap();
    assert_eq!(hall.available("ROW"), SEATS);
}

#[test]
fn kept_back_seats_that_are_let_go_are_for_who_waits() {
    let (mut hall, seats, _) = hall();
    hall.block(&[0, 1], true).unwrap();
    hall.is_waited_for_by(&[seats]);
    hall.block(&[0, 1], false).unwrap();
    hall.keep_for_who_waits().unwrap();
    assert_eq!(hall.available("ROW"), SEATS - 2);
    let log = hall.change_log().unwrap().unwrap();
    assert_eq!(log.seats, [(0, SeatStatus::Held), (1, SeatStatus::Held)], "the map says the same");
}
