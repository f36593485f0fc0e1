//! What clients send about seating plans.

use async_graphql::{ID, InputObject};
use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use kernel::{Id, Problems, Refusal, each, idempotency_key, together};

use super::{enums::SectionKind, plan::PointInput, seat_run::SeatRunInput};
use crate::domain::{DefineLayout, Drawing, Shape};

/// A seating plan to be drawn up. It never changes afterwards.
#[derive(InputObject)]
pub(crate) struct CreateVenueLayoutInput {
    /// Of which venue; the caller is owner or manager of its organization.
    venue_id: ID,
    /// Its name, up to 200 characters.
    name: String,
    /// Its sections, in the order in which they are to be shown. At most 500, with at most 100,000 seats
    /// in all.
    sections: Vec<LayoutSectionInput>,
    /// What everybody looks at: the middle of the stage.
    focal_point: Option<PointInput>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is refused.
    idempotency_key: Option<String>,
}

/// A part of a venue.
#[derive(InputObject)]
pub(crate) struct LayoutSectionInput {
    /// Unique in the layout, up to 40 characters.
    key: String,
    /// As on the ticket, up to 100 characters.
    name: String,
    /// Numbered seats, or places without numbers.
    kind: SectionKind,
    /// How many places; for `GENERAL_ADMISSION` only, up to 250,000.
    capacity: Option<i64>,
    /// Rows of seats, from front to back; for `SEATED` only.
    rows: Option<Vec<LayoutRowInput>>,
    /// Its corners on the plan, one after another: 3 to 200, or none.
    #[graphql(default)]
    outline: Vec<PointInput>,
    /// Where its name is to stand on the plan.
    label_at: Option<PointInput>,
}

/// A row of seats.
#[derive(InputObject)]
pub(crate) struct LayoutRowInput {
    /// As on the ticket, up to 20 characters, unique in the section.
    label: String,
    /// Its seats, from left to right.
    #[graphql(default)]
    seats: Vec<LayoutSeatInput>,
    /// Seats that are numbered on and stand in a line, to the right of the others: a large house is told in a
    /// few kilobytes.
    #[graphql(default)]
    runs: Vec<SeatRunInput>,
}

/// A seat.
#[derive(InputObject)]
pub(crate) struct LayoutSeatInput {
    /// Unique in the layout, up to 100 characters; `<section>-<row>-<label>` when left out.
    key: Option<String>,
    /// The seat's number, as on the ticket, up to 20 characters, unique in the row.
    label: String,
    /// Where it stands on the plan, in the plan's own units, up to a million from the origin.
    x: f64,
    /// Where it stands on the plan, in the plan's own units; downwards.
    y: f64,
    /// Fit for a wheelchair.
    #[graphql(default)]
    accessible: bool,
    /// A pillar or a rail is in the way.
    #[graphql(default)]
    restricted_view: bool,
}

impl CreateVenueLayoutInput {
    /// What is to be drawn up; runs make at most `max_seats` seats.
    pub(super) fn read(self, max_seats: u32) -> Result<DefineLayout, Refusal> {
        let mut left = max_seats;
        let mut sections = Vec::with_capacity(self.sections.len());
        let mut shapes = Vec::with_capacity(self.sections.len());
        let mut problems = Problems::default();
        let venue_id = Id::parse("venueId", &self.venue_id);
        for (at, mut section) in self.sections.into_iter().enumerate() {
            let outline = std::mem::take(&mut section.outline).iter().map(PointInput::read).collect();
            shapes.push(Shape { outline, label_at: section.label_at.as_ref().map(PointInput::read) });
            sections.extend(problems.note(section.read(at, &mut left)));
            if problems.are_enough() {
                break;
            }
        }
        let key = self.idempotency_key.as_deref().map(idempotency_key).transpose();
        let (venue_id, (), _) = together((venue_id, problems.refuse(), key))?;
        Ok(DefineLayout {
            venue_id,
            name: self.name,
            sections,
            drawing: Drawing { focal_point: self.focal_point.as_ref().map(PointInput::read), shapes },
            idempotency_key: self.idempotency_key,
        })
    }
}

impl LayoutSectionInput {
    fn read(self, at: usize, left: &mut u32) -> Result<SectionPlan, Refusal> {
        let wrong = |field: &str, message: &str| {
            Refusal::bad_input(&format!("sections[{at}].{field}"), message)
                .because(kernel::reasons::INCONSISTENT)
        };
        let places = match (self.kind, self.capacity, self.rows) {
            (SectionKind::GeneralAdmission, _, Some(_)) => {
                return Err(wrong("rows", "must be left out for GENERAL_ADMISSION, which has a capacity"));
            }
            (SectionKind::Seated, Some(_), _) => {
                return Err(wrong("capacity", "must be left out for SEATED: its seats are counted"));
            }
            (SectionKind::GeneralAdmission, None, None) => {
                return Err(wrong("capacity", "must be given for GENERAL_ADMISSION"));
            }
            (SectionKind::Seated, None, None) => return Err(wrong("rows", "must be given for SEATED")),
            (SectionKind::GeneralAdmission, Some(capacity), None) => {
                // What no area can have is none at all here; the layout refuses it, naming the limit.
                Places::GeneralAdmission { capacity: u32::try_from(capacity).unwrap_or(0) }
            }
            (SectionKind::Seated, None, Some(rows)) => {
                let rows = rows.into_iter().enumerate().map(|(row_at, row)| row.read(at, row_at, left));
                Places::Seated { rows: each(rows)? }
            }
        };
        Ok(SectionPlan { key: self.key, name: self.name, places })
    }
}

impl LayoutRowInput {
    fn read(self, section: usize, row: usize, left: &mut u32) -> Result<RowPlan, Refusal> {
        let path = || format!("sections[{section}].rows[{row}]");
        let seats = each(self.seats.into_iter().enumerate().map(|(at, seat)| {
            if seat.key.as_deref().is_some_and(|key| key.trim().is_empty()) {
                let field = format!("{}.seats[{at}].key", path());
                return Err(Refusal::bad_input(&field, "must not be empty; leave it out for the usual one")
                    .because(kernel::reasons::REQUIRED));
            }
            Ok(seat.read())
        }));
        let mut behind = Vec::new();
        let runs = each(
            self.runs
                .into_iter()
                .enumerate()
                .map(|(at, run)| run.seat(&mut behind, left, || format!("{}.runs[{at}]", path()))),
        );
        let (mut seats, _) = together((seats, runs))?;
        seats.append(&mut behind);
        Ok(RowPlan { label: self.label, seats })
    }
}

impl LayoutSeatInput {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a plan needs no more digits; what is too large becomes infinite, which the layout refuses"
    )]
    fn read(self) -> SeatPlan {
        SeatPlan {
            key: self.key.unwrap_or_default(),
            label: self.label,
            x: self.x as f32,
            y: self.y as f32,
            accessible: self.accessible,
            restricted_view: self.restricted_view,
        }
    }
}
