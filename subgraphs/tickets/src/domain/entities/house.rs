use std::collections::HashMap;

use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use kernel::LayoutId;

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
}

impl House {
    /// The house of a plan.
    pub fn new(layout: LayoutId, plan: Vec<SectionPlan>) -> Self {
        let mut seats = Vec::new();
        let mut sections = Vec::with_capacity(plan.len());
        for (s, section) in plan.into_iter().enumerate() {
            let capacity = section.capacity();
            let first_seat = u32::try_from(seats.len()).unwrap_or(u32::MAX);
            let (kind, rows) = match section.places {
                Places::Seated { rows } => (PlaceKind::Seated, rows),
                Places::GeneralAdmission { .. } => (PlaceKind::GeneralAdmission, Vec::new()),
            };
            for (r, row) in rows.iter().enumerate() {
                seats.extend((0..row.seats.len()).map(|place| (small(s), small(r), small(place))));
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
        Self { layout, sections, by_key, seats }
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
    pub fn seat_count(&self) -> u32 {
        u32::try_from(self.seats.len()).unwrap_or(u32::MAX)
    }
}

/// Plans have at most 100,000 seats in all, and `events` limits sections, rows and places of a row to
/// what fits here.
fn small(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
