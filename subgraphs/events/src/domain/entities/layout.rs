//! A seating plan.

use std::{borrow::Cow, collections::HashSet};

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{LayoutDefined, Places, RowPlan, SeatPlan, SectionPlan},
};
use kernel::{LayoutId, OrganizationId, Problems, Refusal, VenueId, each, line, together};

use super::{
    drawing::{Drawing, Frame, Point},
    venue::Venue,
};

/// The most sections a layout may have.
pub const MAX_SECTIONS: usize = 500;
/// The most places an area without seats may have.
pub const MAX_AREA: u32 = 250_000;
/// The most places a layout may have in all.
const MAX_CAPACITY: u32 = 1_000_000;
/// The farthest a seat may stand from the plan's origin, in the plan's units.
pub(super) const MAX_COORDINATE: f32 = 1_000_000.0;

/// What is known of a layout without reading its sections.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutHead {
    /// Which.
    pub id: LayoutId,
    /// Of which venue.
    pub venue_id: VenueId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// How many people fit in.
    pub capacity: u32,
    /// When it was drawn up.
    pub created_at: DateTime<Utc>,
    /// What everybody looks at.
    pub focal_point: Option<Point>,
    /// The rectangle that holds the plan; not known of layouts that were drawn up before it was kept.
    pub frame: Option<Frame>,
}

/// A seating plan of a venue. It never changes: a changed plan is another layout.
#[derive(Clone, Debug)]
pub struct Layout {
    head: LayoutHead,
    sections: Vec<SectionPlan>,
    drawing: Drawing,
    pending: Vec<Announcement>,
}

impl Layout {
    /// Draws up a layout; a refusal names the section, row or seat that is wrong. A seat with an empty
    /// key gets `<section>-<row>-<label>`. The work grows with the number of seats and no faster.
    pub fn new(
        venue: &Venue,
        name: &str,
        mut sections: Vec<SectionPlan>,
        drawing: Drawing,
        max_seats: u32,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let name = checked(name, &mut sections, &drawing, max_seats)?;
        let capacity = sections.iter().map(SectionPlan::capacity).sum();
        let head = LayoutHead {
            id: LayoutId::new(),
            venue_id: venue.id(),
            organization_id: venue.organization_id(),
            name,
            capacity,
            created_at: now,
            focal_point: drawing.focal_point,
            frame: Some(drawing.frame(&sections)),
        };
        let defined = LayoutDefined {
            layout_id: head.id,
            venue_id: head.venue_id,
            organization_id: head.organization_id,
            name: head.name.clone(),
            sections,
            focal_point: head.focal_point.map(|point| (point.x, point.y)),
        };
        let pending = vec![Announcement::of(&defined)];
        Ok(Self { head, sections: defined.sections, drawing, pending })
    }

    /// All that is wrong with a plan of which something was `unread`: what that is, and what is wrong with the rest. Parts
    /// that were not read are missing in it, or stand there as nothing that is wrong by itself.
    pub fn wrong(
        unread: Refusal,
        name: &str,
        mut sections: Vec<SectionPlan>,
        drawing: &Drawing,
        max_seats: u32,
    ) -> Refusal {
        let rest = checked(name, &mut sections, drawing, max_seats);
        beside(unread, rest.err())
    }

    /// What is known of it without its sections.
    pub fn head(&self) -> &LayoutHead {
        &self.head
    }

    /// Its sections, in the order they were drawn.
    pub fn sections(&self) -> &[SectionPlan] {
        &self.sections
    }

    /// What it looks like besides its seats.
    pub fn drawing(&self) -> &Drawing {
        &self.drawing
    }

    /// What is to be told once it is saved; for stores only.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }
}

/// The name in order, and the sections too; or all that is wrong with them.
fn checked(
    name: &str,
    sections: &mut [SectionPlan],
    drawing: &Drawing,
    max_seats: u32,
) -> Result<String, Refusal> {
    let size = check_size(sections, max_seats);
    let (name, (), ()) =
        together((line("name", name, 200), size.and_then(|()| check_sections(sections)), drawing.check()))?;
    Ok(name)
}

/// What was told first, and what is found besides. Nothing is told twice of one place, and no row is called empty that has
/// a run which was not read.
fn beside(told: Refusal, found: Option<Refusal>) -> Refusal {
    let Some(mut found) = found else { return told };
    let told_of = |field: &str| {
        let runs = field.strip_suffix(".seats").map(|row| format!("{row}.runs["));
        let same = |told: &str| told == field || runs.as_ref().is_some_and(|runs| told.starts_with(runs));
        told.problems.iter().any(|told| same(&told.field))
    };
    found.problems.retain(|problem| !told_of(&problem.field));
    let mut all = Problems::default();
    all.add(told);
    all.add(found);
    all.refuse().expect_err("something was told first")
}

fn check_size(sections: &[SectionPlan], max_seats: u32) -> Result<(), Refusal> {
    if sections.is_empty() {
        return Err(Refusal::bad_input("sections", "must have at least one section with a place in it")
            .because(kernel::reasons::REQUIRED));
    }
    if sections.len() > MAX_SECTIONS {
        let message = format!("must be at most {MAX_SECTIONS}; these are {}", sections.len());
        return Err(Refusal::bad_input("sections", message).because(kernel::reasons::WRONG_COUNT));
    }
    let rows = sections.iter().filter_map(|section| match &section.places {
        Places::Seated { rows } => Some(rows),
        Places::GeneralAdmission { .. } => None,
    });
    let seats: usize = rows.flatten().map(|row| row.seats.len()).sum();
    if seats > max_seats as usize {
        let message = format!("must have at most {max_seats} seats in all; these have {seats}");
        return Err(Refusal::bad_input("sections", message).because(kernel::reasons::WRONG_COUNT));
    }
    Ok(())
}

fn check_sections(sections: &mut [SectionPlan]) -> Result<(), Refusal> {
    // Keys are compared as they will be kept: trimming comes first.
    let tidied = each(sections.iter_mut().enumerate().map(|(at, section)| tidy_section(section, at)));
    let sound = together((check_differences(sections), check_capacity(sections))).map(drop);
    match tidied {
        Ok(_) => sound,
        Err(untidy) => Err(beside(untidy, sound.err())),
    }
}

/// Refuses more places than a layout may have; areas that are too large by themselves are told as such.
fn check_capacity(sections: &[SectionPlan]) -> Result<(), Refusal> {
    let areas_in_bounds = sections.iter().filter(|section| match section.places {
        Places::GeneralAdmission { capacity } => capacity <= MAX_AREA,
        Places::Seated { .. } => true,
    });
    if areas_in_bounds.map(|section| u64::from(section.capacity())).sum::<u64>() > u64::from(MAX_CAPACITY) {
        let message = format!("must have at most {MAX_CAPACITY} places in all");
        return Err(Refusal::bad_input("sections", message).because(kernel::reasons::WRONG_COUNT));
    }
    Ok(())
}

/// Refuses what has to be unique and is not.
fn check_differences(sections: &[SectionPlan]) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    let mut section_keys = HashSet::with_capacity(sections.len());
    let mut seat_keys = HashSet::new();
    for (at, section) in sections.iter().enumerate() {
        if problems.are_enough() {
            break;
        }
        if !section_keys.insert(section.key.as_str()) {
            problems.add(twice(&format!("sections[{at}].key"), &section.key));
        }
        let Places::Seated { rows } = &section.places else { continue };
        let mut labels = HashSet::with_capacity(rows.len());
        for (row_at, row) in rows.iter().enumerate() {
            if !labels.insert(row.label.as_str()) {
                problems.add(twice(&format!("sections[{at}].rows[{row_at}].label"), &row.label));
            }
            check_seats_differ(row, &mut seat_keys, &mut problems, || {
                format!("sections[{at}].rows[{row_at}]")
            });
        }
    }
    problems.refuse()
}

fn tidy_section(section: &mut SectionPlan, at: usize) -> Result<(), Refusal> {
    let (key, name) = (
        tidy(&mut section.key, 40, || format!("sections[{at}].key")),
        tidy(&mut section.name, 100, || format!("sections[{at}].name")),
    );
    let places = match &mut section.places {
        Places::GeneralAdmission { capacity } if !(1..=MAX_AREA).contains(capacity) => {
            let message = format!("must be from 1 to {MAX_AREA}");
            Err(Refusal::bad_input(&format!("sections[{at}].capacity"), message)
                .because(kernel::reasons::OUT_OF_RANGE))
        }
        Places::GeneralAdmission { .. } => Ok(()),
        Places::Seated { rows } => tidy_rows(rows, at, key.is_ok().then_some(section.key.as_str())),
    };
    together((key, name, places)).map(drop)
}

fn check_seats_differ<'a>(
    row: &'a RowPlan,
    keys: &mut HashSet<&'a str>,
    problems: &mut Problems,
    path: impl Fn() -> String,
) {
    let mut labels = HashSet::with_capacity(row.seats.len());
    for (at, seat) in row.seats.iter().enumerate() {
        if !labels.insert(seat.label.as_str()) {
            problems.add(twice(&format!("{}.seats[{at}].label", path()), &seat.label));
        }
        // A seat has none yet when something that its key is made of is wrong.
        if !seat.key.is_empty() && !keys.insert(seat.key.as_str()) {
            problems.add(twice(&format!("{}.seats[{at}].key", path()), &seat.key));
        }
        if problems.are_enough() {
            return;
        }
    }
}

fn tidy_rows(rows: &mut [RowPlan], section: usize, section_key: Option<&str>) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Err(Refusal::bad_input(&format!("sections[{section}].rows"), "must have at least one row")
            .because(kernel::reasons::REQUIRED));
    }
    each(rows.iter_mut().enumerate().map(|(row_at, row)| {
        let path = || format!("sections[{section}].rows[{row_at}]");
        let label = tidy(&mut row.label, 20, || format!("{}.label", path()));
        if row.seats.is_empty() {
            let none = Refusal::bad_input(&format!("{}.seats", path()), "must have at least one seat");
            return together((label, Err::<(), _>(none.because(kernel::reasons::REQUIRED)))).map(drop);
        }
        let section_key = section_key.filter(|_| label.is_ok());
        let seats = row.seats.iter_mut().enumerate().map(|(at, seat)| {
            tidy_seat(seat, || format!("{}.seats[{at}]", path()))?;
            if let Some(section_key) = section_key.filter(|_| seat.key.is_empty()) {
                seat.key = format!("{section_key}-{}-{}", row.label, seat.label);
            }
            Ok(())
        });
        together((label, each(seats))).map(drop)
    }))
    .map(drop)
}

fn tidy_seat(seat: &mut SeatPlan, path: impl Fn() -> String) -> Result<(), Refusal> {
    let key = match seat.key.as_str() {
        "" => Ok(()),
        _ => tidy(&mut seat.key, 100, || format!("{}.key", path())),
    };
    let label = tidy(&mut seat.label, 20, || format!("{}.label", path()));
    together((key, label, Point { x: seat.x, y: seat.y }.check(path))).map(drop)
}

/// [`line`], in place, and at no cost for the plain short labels that nearly all seats have.
fn tidy(text: &mut String, max: usize, field: impl Fn() -> String) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let plain = (1..=max).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if !plain {
        let tidied = line(&field(), text, max)?;
        if tidied != *text {
            *text = tidied;
        }
    }
    Ok(())
}

fn twice(field: &str, key: &str) -> Refusal {
    let mut shown = Cow::Borrowed(key);
    if shown.chars().count() > 40 {
        shown = key.chars().take(40).chain(['…']).collect::<String>().into();
    }
    Refusal::bad_input(field, format!("\"{shown}\" stands here for the second time"))
        .because(kernel::reasons::DUPLICATE)
}

#[cfg(test)]
mod tests;
