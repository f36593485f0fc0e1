mod blocks;

use std::{collections::HashMap, sync::OnceLock};

use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use kernel::{Fault, LayoutId};

pub use self::blocks::Block;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// Numbered seats.
    Seated,
    /// Places without numbers.
    GeneralAdmission,
}

/// A part of the house.
#[derive(Clone, Debug)]
pub struct HouseSection {
    /// Unique in the house.
    pub key: String,
    /// As on the ticket.
    pub name: String,
    /// Seats, or standing.
    pub kind: PlaceKind,
    /// How many people fit in.
    pub capacity: u32,
    /// The number of its first seat.
    pub first_seat: u32,
    /// Its rows; none where people stand.
    pub rows: Vec<RowPlan>,
}

/// A seat with its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct HouseSeat<'h> {
    /// Counted through the whole house.
    pub number: u32,
    /// Its section.
    pub section: &'h HouseSection,
    /// Its row.
    pub row: &'h RowPlan,
    /// Itself.
    pub seat: &'h SeatPlan,
}

impl HouseSeat<'_> {
    /// As people say it: `Stalls, row C, seat 12`.
    pub fn name(&self) -> String {
        format!("{}, row {}, seat {}", self.section.name, self.row.label, self.seat.label)
    }

    /// What the person at the door should know of it.
    pub fn note(&self) -> Option<&'static str> {
        self.seat.accessible.then_some("Wheelchair place")
    }
}

/// A seating plan with its seats numbered through, from 0, in the order they were drawn. Plans never
/// change, so numbers do not either.
#[derive(Clone, Debug)]
pub struct House {
    layout: LayoutId,
    sections: Vec<HouseSection>,
    by_key: HashMap<String, usize>,
    /// For each seat: section, row, place in the row.
    seats: Vec<(u16, u16, u16)>,
    /// The number of each seat by its key; made when the first seat is asked for by its key.
    numbers: OnceLock<HashMap<Box<str>, u32>>,
    /// Where everybody looks, where the plan says so.
    focal_point: Option<(f32, f32)>,
    /// Which seats are side by side; made when that is asked for the first time.
    blocks: OnceLock<Vec<Block>>,
}

impl House {
    /// The house of a plan. One that is too big to be counted is a fault: `events` lets none be drawn.
    pub fn new(layout: LayoutId, plan: Vec<SectionPlan>) -> Result<Self, Fault> {
        let mut seats = Vec::new();
        let mut sections = Vec::with_capacity(plan.len());
        let mut capacity_of_all: u32 = 0;
        for (s, section) in plan.into_iter().enumerate() {
            let capacity = section.capacity();
            capacity_of_all = capacity_of_all.checked_add(capacity).ok_or_else(too_big)?;
            let first_seat = u32::try_from(seats.len()).map_err(|_| too_big())?;
            let (kind, rows) = match section.places {
                Places::Seated { rows } => (PlaceKind::Seated, rows),
                Places::GeneralAdmission { .. } => (PlaceKind::GeneralAdmission, Vec::new()),
            };
            for (r, row) in rows.iter().enumerate() {
                for place in 0..row.seats.len() {
                    seats.push((small(s)?, small(r)?, small(place)?));
                }
            }
            sections.push(HouseSection {
                key: section.key,
                name: section.name,
                kind,
                capacity,
                first_seat,
                rows,
            });
        }
        let by_key =
            sections.iter().enumerate().map(|(index, section)| (section.key.clone(), index)).collect();
        let (numbers, blocks) = (OnceLock::new(), OnceLock::new());
        Ok(Self { layout, sections, by_key, seats, numbers, focal_point: None, blocks })
    }

    /// The house, where everybody looks to that point of its plan.
    #[must_use]
    pub fn facing(self, focal_point: Option<(f32, f32)>) -> Self {
        Self { focal_point, ..self }
    }

    /// Where everybody looks, where the plan says so: to the right and downwards in its own units.
    pub fn focal_point(&self) -> Option<(f32, f32)> {
        self.focal_point
    }

    /// Of which plan.
    pub fn layout(&self) -> LayoutId {
        self.layout
    }

    /// Its parts, in the order they were drawn.
    pub fn sections(&self) -> &[HouseSection] {
        &self.sections
    }

    /// The part with this key.
    pub fn section(&self, key: &str) -> Option<&HouseSection> {
        self.by_key.get(key).map(|index| &self.sections[*index])
    }

    /// The seat with this number.
    pub fn seat(&self, number: u32) -> Option<HouseSeat<'_>> {
        let (section, row, place) = *self.seats.get(number as usize)?;
        let section = &self.sections[usize::from(section)];
        let row = &section.rows[usize::from(row)];
        Some(HouseSeat { number, section, row, seat: &row.seats[usize::from(place)] })
    }

    /// The number of the seat with this key.
    pub fn number_of(&self, key: &str) -> Option<u32> {
        let numbers = self.numbers.get_or_init(|| {
            let seats = self.sections.iter().flat_map(|section| self.seats_of(section));
            seats.map(|seat| (seat.seat.key.as_str().into(), seat.number)).collect()
        });
        numbers.get(key).copied()
    }

    /// The seats of a section in order, each with its number.
    pub fn seats_of<'h>(&'h self, section: &'h HouseSection) -> impl Iterator<Item = HouseSeat<'h>> {
        let seats = section.rows.iter().flat_map(|row| row.seats.iter().map(move |seat| (row, seat)));
        (section.first_seat..).zip(seats).map(move |(number, (row, seat))| HouseSeat {
            number,
            section,
            row,
            seat,
        })
    }

    /// How many people fit in.
    pub fn capacity(&self) -> u32 {
        self.sections.iter().map(|section| section.capacity).sum()
    }

    /// How many of them sit.
    pub fn seat_count(&self) -> usize {
        self.seats.len()
    }
}

/// Plans have at most 100,000 seats in all, and `events` limits sections, rows and places of a row to
/// what fits here.
fn small(index: usize) -> Result<u16, Fault> {
    u16::try_from(index).map_err(|_| too_big())
}

fn too_big() -> Fault {
    Fault::broken_rule("a plan with more sections, rows or places than can be counted")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, seats: u32) -> RowPlan {
        let seat =
            |number: u32| SeatPlan::from((format!("{label}-{number}"), number.to_string(), 0.0, 0.0, 0));
        RowPlan { label: label.to_owned(), seats: (1..=seats).map(seat).collect() }
    }

    fn section(places: Places) -> SectionPlan {
        SectionPlan { key: "A".to_owned(), name: "A".to_owned(), places }
    }

    #[test]
    fn the_door_is_told_of_a_place_for_a_wheelchair_and_of_no_other() {
        let mut row = row("1", 2);
        row.seats[0].restricted_view = true;
        row.seats[1].accessible = true;
        let house = House::new(LayoutId::new(), vec![section(Places::Seated { rows: vec![row] })]).unwrap();
        let note = |number| house.seat(number).unwrap().note();
        assert_eq!((note(0), note(1)), (None, Some("Wheelchair place")));
    }

    #[test]
    fn a_plan_that_cannot_be_counted_is_refused_instead_of_mixing_up_its_seats() {
        let plan = |rows| vec![section(Places::Seated { rows })];
        let house = House::new(LayoutId::new(), plan(vec![row("1", 3), row("2", 2)])).unwrap();
        assert_eq!((house.seat_count(), house.seat(4).unwrap().name().as_str()), (5, "A, row 2, seat 2"));
        assert_eq!((house.number_of("2-2"), house.number_of("2-3")), (Some(4), None));
        assert!(House::new(LayoutId::new(), plan(vec![row("1", 70_000)])).is_err());
        let standing = |capacity| section(Places::GeneralAdmission { capacity });
        assert!(House::new(LayoutId::new(), vec![standing(u32::MAX), standing(1)]).is_err());
    }
}
