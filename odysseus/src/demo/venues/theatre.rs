//! A theatre of 1,200 seats: stalls, circle, and boxes along both walls.

use contracts::events::{RowPlan, SectionPlan};

use super::{Marks, ROW_DEPTH, SEAT_WIDTH, row, row_letter, seated};

/// The middle of the stage's edge, around which rows bend.
pub const STAGE: (f32, f32) = (500.0, 40.0);
/// How far the stalls' first row is from it, and the circle's.
const STALLS: f32 = 260.0;
const CIRCLE: f32 = 680.0;
/// Boxes on each side.
const BOXES: u16 = 6;

/// The sections: stalls, circle, boxes 1 to 12.
pub fn theatre() -> Vec<SectionPlan> {
    let mut sections = vec![stalls(), circle()];
    sections.extend((1..=2 * BOXES).map(wall_box));
    sections
}

/// The keys of the boxes.
pub fn boxes() -> Vec<String> {
    (1..=2 * BOXES).map(|number| format!("BOX-{number}")).collect()
}

/// 21 rows, each a seat longer than the one before, and a shorter one with wheelchair places at its
/// ends: 660 seats.
fn stalls() -> SectionPlan {
    let rows = (0..22_u16).map(|number| {
        let last = number == 21;
        let count = if last { 30 } else { 20 + number };
        let radius = STALLS + ROW_DEPTH * f32::from(number);
        bent("STALLS", number, radius, count, |seat| Marks {
            accessible: last && (seat < 4 || seat >= count - 4),
            restricted_view: false,
        })
    });
    seated("STALLS", "Stalls", rows.collect())
}

/// 13 rows over the back of the stalls; two pillars stand in the last three: 468 seats.
fn circle() -> SectionPlan {
    let rows = (0..13_u16).map(|number| {
        let count = 30 + number;
        let radius = CIRCLE + ROW_DEPTH * f32::from(number);
        bent("CIRCLE", number, radius, count, |seat| Marks {
            accessible: false,
            restricted_view: number >= 10 && (seat == 8 || seat == count - 9),
        })
    });
    seated("CIRCLE", "Circle", rows.collect())
}

/// Three chairs at the rail and three behind them, who see a part of the stage only. Odd numbers are
/// at the left wall: 72 seats in all.
fn wall_box(number: u16) -> SectionPlan {
    let key = format!("BOX-{number}");
    let (depth, left) = (f32::from((number - 1) / 2), number % 2 == 1);
    let rows = ["1", "2"].into_iter().zip([0.0, 1.0]).map(|(label, behind)| {
        let away = 380.0 + ROW_DEPTH * behind;
        let x = if left { STAGE.0 - away } else { STAGE.0 + away };
        let seats = [0.0, 1.0, 2.0].map(|seat| {
            let y = STAGE.1 + 120.0 + 60.0 * depth + 12.0 * seat;
            (x, y, Marks { accessible: false, restricted_view: behind > 0.0 })
        });
        row(&key, label, seats)
    });
    seated(&key, &format!("Box {number}"), rows.collect())
}

/// A row on a circle around the stage, seats numbered from the left.
fn bent(section: &str, number: u16, radius: f32, count: u16, marks: impl Fn(u16) -> Marks) -> RowPlan {
    let seats = (0..count).map(|seat| {
        let from_the_middle = f32::from(seat) - f32::from(count - 1) / 2.0;
        let angle = from_the_middle * SEAT_WIDTH / radius;
        (STAGE.0 + radius * angle.sin(), STAGE.1 + radius * angle.cos(), marks(seat))
    });
    row(section, &row_letter(number).to_string(), seats)
}
