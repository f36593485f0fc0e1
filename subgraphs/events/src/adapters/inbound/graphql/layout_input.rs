//! What clients send about seating plans.

use async_graphql::{ID, InputObject};
use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use kernel::{Id, Problems, Refusal, idempotency_key, together};

use super::{enums::SectionKind, plan::PointInput, seat_run::SeatRunInput};
use crate::domain::{DefineLayout, Drawing, Layout, Shape};

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
            sections.push(section.read(at, &mut left, &mut problems));
            if problems.are_enough() {
                break;
            }
        }
        let drawing = Drawing { focal_point: self.focal_point.as_ref().map(PointInput::read), shapes };
        let key = self.idempotency_key.as_deref().map(idempotency_key).transpose();
        match together((venue_id, problems.refuse(), key)) {
            Ok((venue_id, (), _)) => Ok(DefineLayout {
                venue_id,
                name: self.name,
                sections,
                drawing,
                idempotency_key: self.idempotency_key,
            }),
            Err(unread) => Err(Layout::wrong(unread, &self.name, sections, &drawing, max_seats)),
        }
    }
}

impl LayoutSectionInput {
    /// The section without what could not be read of it.
    fn read(self, at: usize, left: &mut u32, problems: &mut Problems) -> SectionPlan {
        let wrong = |field: &str, message: &str| {
            Refusal::bad_input(&format!("sections[{at}].{field}"), message)
                .because(kernel::reasons::INCONSISTENT)
        };
        let places = match self.kind {
            SectionKind::GeneralAdmission => {
                if self.rows.is_some() {
                    problems
                        .add(wrong("rows", "must be left out for GENERAL_ADMISSION, which has a capacity"));
                }
                let capacity = self.capacity.unwrap_or_else(|| {
                    problems.add(wrong("capacity", "must be given for GENERAL_ADMISSION"));
                    1
                });
                // What no area can have is none at all here; the layout refuses it, naming the limit.
                Places::GeneralAdmission { capacity: u32::try_from(capacity).unwrap_or(0) }
            }
            SectionKind::Seated => {
                if self.capacity.is_some() {
                    problems.add(wrong("capacity", "must be left out for SEATED: its seats are counted"));
                }
                let rows = self.rows.unwrap_or_else(|| {
                    problems.add(wrong("rows", "must be given for SEATED"));
                    Vec::new()
                });
                let rows = rows.into_iter().enumerate();
                let rows = rows
                    .map(|(row_at, row)| row.read(&format!("sections[{at}].rows[{row_at}]"), left, problems));
                Places::Seated { rows: rows.collect() }
            }
        };
        SectionPlan { key: self.key, name: self.name, places }
    }
}

impl LayoutRowInput {
    /// The row without what could not be read of it; nobody knows which seats stand behind a run that was not read.
    fn read(self, path: &str, left: &mut u32, problems: &mut Problems) -> RowPlan {
        let mut seats = Vec::with_capacity(self.seats.len());
        for (at, seat) in self.seats.into_iter().enumerate() {
            let empty = seat.key.as_deref().is_some_and(|key| key.trim().is_empty());
            if empty && !problems.are_enough() {
                let field = format!("{path}.seats[{at}].key");
                let none = Refusal::bad_input(&field, "must not be empty; leave it out for the usual one");
                problems.add(none.because(kernel::reasons::REQUIRED));
            }
            seats.push(seat.read());
        }
        let mut known = seats.len();
        let mut all_read = true;
        for (at, run) in self.runs.into_iter().enumerate() {
            let read = run.seat(&mut seats, left, || format!("{path}.runs[{at}]"));
            all_read &= problems.note(read).is_some();
            if all_read {
                known = seats.len();
            }
        }
        seats.truncate(known);
        RowPlan { label: self.label, seats }
    }
}

impl LayoutSeatInput {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a plan needs no more digits; what is too large becomes infinite, which the layout refuses"
    )]
    fn read(self) -> SeatPlan {
        SeatPlan {
            // An empty one is told where it was sent; the usual one stands for it.
            key: self.key.filter(|key| !key.trim().is_empty()).unwrap_or_default(),
            label: self.label,
            x: self.x as f32,
            y: self.y as f32,
            accessible: self.accessible,
            restricted_view: self.restricted_view,
        }
    }
}
