use std::time::Instant;

use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use kernel::LayoutId;
use proptest::{collection::vec, prelude::*};

use super::{
    choice::{Hall, Spot},
    *,
};
use crate::domain::entities::{Block, House};

/// A house of rows as text: `.` is free, `w` free and for a wheelchair, `p` free behind a pillar, `#` gone, `W` gone and for
/// a wheelchair, ` ` an aisle.
struct Plan {
    house: House,
    is_free: Vec<bool>,
}

impl Plan {
    fn of(rows: &[&str]) -> Self {
        let mut is_free = Vec::new();
        let plan = |(y, text): (usize, &&str)| {
            let seats = (0_u16..).zip(text.chars()).filter(|(_, letter)| *letter != ' ');
            let seats = seats.map(|(x, letter)| {
                is_free.push(!matches!(letter, '#' | 'W'));
                let flags = u8::from(matches!(letter, 'w' | 'W')) | u8::from(letter == 'p') << 1;
                let y = u16::try_from(y).unwrap();
                SeatPlan::from((format!("{y}-{x}"), x.to_string(), f32::from(x), f32::from(y), flags))
            });
            RowPlan { label: y.to_string(), seats: seats.collect() }
        };
        let rows = rows.iter().enumerate().map(plan).collect();
        let places = Places::Seated { rows };
        let section = SectionPlan { key: "A".to_owned(), name: "A".to_owned(), places };
        Self { house: House::new(LayoutId::new(), vec![section]).unwrap(), is_free }
    }

    fn hall(&self) -> Hall {
        Hall::of(&self.house, |_| true, &self.is_free, &[])
    }

    /// The places that a party is given whose look goes to the middle of the front: row and place in the row.
    fn seats(&self, party: Party) -> Option<Vec<String>> {
        let width = self.house.sections()[0].rows.iter().flat_map(|row| &row.seats).map(|seat| seat.x);
        let near = Spot { x: width.fold(0.0, f32::max) / 2.0, y: 0.0 };
        let seats = self.hall().seat(party, near)?;
        Some(seats.iter().map(|number| self.house.seat(*number).unwrap().seat.key.clone()).collect())
    }
}

fn party(quantity: u32) -> Party {
    Party { quantity, accessible: 0, companions: 0, may_be_split: false }
}

#[test]
fn the_seats_nearest_to_the_middle_of_the_front_are_the_best() {
    let plan = Plan::of(&[".......", "......."]);
    assert_eq!(plan.seats(party(3)).unwrap(), ["0-2", "0-3", "0-4"]);
    let plan = Plan::of(&["..###..", "......."]);
    assert_eq!(plan.seats(party(3)).unwrap(), ["1-2", "1-3", "1-4"]);
    assert_eq!(plan.seats(party(2)).unwrap(), ["1-2", "1-3"], "nearer than the corners of the front");
}

#[test]
fn no_single_seat_is_left_alone_where_a_choice_without_one_exists() {
    let plan = Plan::of(&["..."]);
    assert_eq!(plan.seats(party(1)).unwrap(), ["0-0"], "the middle would leave two alone");
    let plan = Plan::of(&["#...#", "....."]);
    assert_eq!(plan.seats(party(2)).unwrap(), ["1-0", "1-1"]);
    assert_eq!(Plan::of(&["#...#"]).seats(party(2)).unwrap(), ["0-1", "0-2"], "it cannot be avoided");
}

#[test]
fn nobody_sits_over_an_aisle_or_apart_unless_they_agreed() {
    let plan = Plan::of(&[".. ..", "#...."]);
    assert_eq!(plan.seats(party(4)).unwrap(), ["1-1", "1-2", "1-3", "1-4"]);
    assert_eq!(plan.seats(party(5)), None);
    let split = Party { may_be_split: true, ..party(6) };
    let seats = plan.seats(split).unwrap();
    assert_eq!(seats[..4], ["1-1", "1-2", "1-3", "1-4"], "as many together as can be");
    assert_eq!(seats.len(), 6);
    assert_eq!(plan.seats(Party { may_be_split: true, ..party(9) }), None, "there are eight");
}

#[test]
fn seats_behind_a_pillar_are_the_last_to_go() {
    assert_eq!(Plan::of(&["..p..", "....."]).seats(party(5)).unwrap()[0], "1-0");
}

#[test]
fn places_for_wheelchairs_are_for_those_who_asked_for_them_with_their_companions_beside() {
    let plan = Plan::of(&["wwww...", "....w.."]);
    assert_eq!(plan.seats(party(3)).unwrap(), ["0-4", "0-5", "0-6"], "others never get one");
    assert_eq!(Plan::of(&["www"]).seats(party(1)), None);
    let one = Party { accessible: 1, companions: 1, ..party(2) };
    assert_eq!(plan.seats(one).unwrap(), ["0-3", "0-4"], "on the border of both");
    let three = Party { accessible: 2, companions: 1, ..party(4) };
    assert_eq!(plan.seats(three).unwrap(), ["0-2", "0-3", "0-4", "0-5"]);
    let only = Plan::of(&["#ww#", "....."]);
    assert_eq!(
        only.seats(one).unwrap(),
        ["0-1", "0-2"],
        "a companion may sit on one where there is no other seat"
    );
    let without = Party { companions: 0, ..one };
    assert_eq!(only.seats(without), None, "a friend who is no companion may not");
    let split = Party { may_be_split: true, ..without };
    let seats = only.seats(split).unwrap();
    assert!(seats[0].starts_with("0-") && seats[1].starts_with("1-"), "{seats:?}");
    let two = Party { accessible: 2, companions: 2, may_be_split: true, ..party(4) };
    assert_eq!(Plan::of(&["w. w."]).seats(two).unwrap(), ["0-0", "0-1", "0-3", "0-4"], "each with their own");
}

fn seat() -> impl Strategy<Value = char> {
    prop_oneof![6 => Just('.'), 3 => Just('#'), 1 => Just('w'), 1 => Just('p'), 1 => Just(' ')]
}

/// How many seats would be left alone in a block, of those that were not before.
fn newly_alone(plan: &Plan, block: Block, taken: &[u32]) -> usize {
    let alone = |taken: &[u32]| -> Vec<u32> {
        let is_free = |number: u32| {
            block.seats().contains(&number) && plan.is_free[number as usize] && !taken.contains(&number)
        };
        let is_alone = |number: &u32| {
            let left = number.checked_sub(1).is_some_and(is_free);
            let for_wheelchair = plan.house.seat(*number).unwrap().seat.accessible;
            is_free(*number) && !for_wheelchair && !left && !is_free(number + 1)
        };
        block.seats().filter(is_alone).collect()
    };
    let before = alone(&[]);
    alone(taken).into_iter().filter(|number| !before.contains(number)).count()
}

/// Every group of seats side by side that a party without wheelchairs could have.
fn all_groups(plan: &Plan, quantity: u32) -> Vec<(Block, Vec<u32>)> {
    let mut groups = Vec::new();
    for block in plan.house.blocks() {
        for from in block.seats() {
            let seats: Vec<u32> = (from..from + quantity).collect();
            let fits = |number: &u32| {
                block.seats().contains(number)
                    && plan.is_free[*number as usize]
                    && !plan.house.seat(*number).unwrap().seat.accessible
            };
            if seats.iter().all(fits) {
                groups.push((*block, seats));
            }
        }
    }
    groups
}

proptest! {
    #[test]
    fn a_party_gets_free_seats_side_by_side_that_leave_as_few_alone_as_can_be(
        rows in vec(vec(seat(), 1..14), 1..5),
        quantity in 1..6_u32,
    ) {
        let rows: Vec<String> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
        let plan = Plan::of(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let groups = all_groups(&plan, quantity);
        let given = plan.hall().seat(party(quantity), Spot { x: 6.0, y: 0.0 });
        prop_assert_eq!(given.is_none(), groups.is_empty());
        if let Some(given) = given {
            let (block, _) = groups.iter().find(|(_, seats)| *seats == given).expect("one of all groups");
            let fewest = groups.iter().map(|(block, seats)| newly_alone(&plan, *block, seats)).min();
            prop_assert_eq!(Some(newly_alone(&plan, *block, &given)), fewest);
        }
    }

    #[test]
    fn a_party_that_may_be_split_sits_somewhere_as_long_as_there_are_seats(
        rows in vec(vec(seat(), 1..10), 1..5),
        quantity in 1..9_u32,
    ) {
        let rows: Vec<String> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
        let plan = Plan::of(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let (left, _) = plan.hall().left();
        let split = Party { may_be_split: true, ..party(quantity) };
        let given = plan.hall().seat(split, Spot { x: 5.0, y: 0.0 });
        prop_assert_eq!(given.is_some(), left >= quantity);
        if let Some(mut given) = given {
            given.sort_unstable();
            given.dedup();
            prop_assert_eq!(given.len(), quantity as usize);
            prop_assert!(given.iter().all(|number| plan.is_free[*number as usize]));
        }
    }
}

#[test]
fn twenty_thousand_seats_are_looked_through_in_a_moment() {
    let row = ".".repeat(100);
    let mut plan = Plan::of(&vec![row.as_str(); 200]);
    for (number, free) in plan.is_free.iter_mut().enumerate() {
        *free = number % 3 != 0;
    }
    let split = Party { may_be_split: true, ..party(50) };
    let began = Instant::now();
    let given = plan.hall().seat(split, Spot { x: 50.0, y: 0.0 }).unwrap();
    assert_eq!(given.len(), 50, "twenty-five pairs");
    // It takes a few milliseconds; slow machines, and programs that are not optimised, have their time.
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
