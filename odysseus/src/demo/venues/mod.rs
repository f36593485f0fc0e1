//! The seating plans of the demonstration: pure geometry, the same at every start.
//!
//! A plan's unit is 5 cm and `y` points down, so that a plan can be drawn as it is.

mod arena;
mod club;
mod theatre;

pub use arena::{arena, arena_stage, ends, sides};
pub use club::{cellar, club};
pub use theatre::{STAGE as THEATRE_STAGE, boxes, theatre};

use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};

/// From one seat to the next.
const SEAT_WIDTH: f32 = 10.0;
/// From one row to the next.
const ROW_DEPTH: f32 = 16.0;
/// Rows are lettered without I and O, which look like figures.
const ROW_LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ";

fn row_letter(index: u16) -> char {
    ROW_LETTERS.chars().nth(usize::from(index)).expect("no section here has more than 24 rows")
}

fn standing(key: &str, name: &str, capacity: u32) -> SectionPlan {
    SectionPlan { key: key.to_owned(), name: name.to_owned(), places: Places::GeneralAdmission { capacity } }
}

fn seated(key: &str, name: &str, rows: Vec<RowPlan>) -> SectionPlan {
    SectionPlan { key: key.to_owned(), name: name.to_owned(), places: Places::Seated { rows } }
}

/// A row of seats numbered from 1, made of where each stands and how it is marked.
fn row(section: &str, label: &str, seats: impl IntoIterator<Item = (f32, f32, Marks)>) -> RowPlan {
    let seats = (1..).zip(seats).map(|(number, (x, y, marks)): (u32, _)| SeatPlan {
        key: format!("{section}-{label}-{number}"),
        label: number.to_string(),
        x: (x * 10.0).round() / 10.0,
        y: (y * 10.0).round() / 10.0,
        accessible: marks.accessible,
        restricted_view: marks.restricted_view,
    });
    RowPlan { label: label.to_owned(), seats: seats.collect() }
}

/// What is special about a seat.
#[derive(Clone, Copy, Default)]
struct Marks {
    accessible: bool,
    restricted_view: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    /// Nearer than that, two seats would be drawn over each other.
    const NEAREST: f32 = SEAT_WIDTH * 0.95;

    fn seats(sections: &[SectionPlan]) -> Vec<&SeatPlan> {
        let rows = sections.iter().filter_map(|section| match &section.places {
            Places::Seated { rows } => Some(rows),
            Places::GeneralAdmission { .. } => None,
        });
        rows.flatten().flat_map(|row| &row.seats).collect()
    }

    fn capacity(sections: &[SectionPlan]) -> u32 {
        sections.iter().map(SectionPlan::capacity).sum()
    }

    fn check(sections: &[SectionPlan]) {
        let keys: HashSet<&str> = sections.iter().map(|section| section.key.as_str()).collect();
        assert_eq!(keys.len(), sections.len(), "sections have keys of their own");
        let seats = seats(sections);
        let keys: HashSet<&str> = seats.iter().map(|seat| seat.key.as_str()).collect();
        assert_eq!(keys.len(), seats.len(), "seats have keys of their own");
        assert!(seats.iter().all(|seat| seat.x >= 0.0 && seat.y >= 0.0), "a plan begins at 0, 0");
        // Neighbours are found in a grid, so that 20,000 seats are not compared with each other.
        #[expect(clippy::cast_possible_truncation, reason = "plans are a few thousand units wide")]
        let cell = |seat: &SeatPlan| ((seat.x / SEAT_WIDTH) as i32, (seat.y / SEAT_WIDTH) as i32);
        let mut grid: HashMap<(i32, i32), Vec<&SeatPlan>> = HashMap::new();
        for seat in seats {
            let (column, line) = cell(seat);
            for near in (column - 1..=column + 1).flat_map(|x| (line - 1..=line + 1).map(move |y| (x, y))) {
                for other in grid.get(&near).into_iter().flatten() {
                    let distance = (seat.x - other.x).hypot(seat.y - other.y);
                    assert!(distance >= NEAREST, "{} and {} are {distance} apart", seat.key, other.key);
                }
            }
            grid.entry((column, line)).or_default().push(seat);
        }
    }

    #[test]
    fn the_arena_has_about_20_000_seats_in_48_sections_and_two_places_to_stand() {
        let arena = arena();
        check(&arena);
        let count = seats(&arena).len();
        assert!((19_500..=20_500).contains(&count), "{count}");
        assert_eq!(arena.iter().filter(|s| matches!(s.places, Places::Seated { .. })).count(), 48);
        assert_eq!(arena.len(), 50);
        assert!(seats(&arena).iter().filter(|seat| seat.accessible).count() >= 90);
    }

    #[test]
    fn every_section_of_the_arena_is_at_a_side_or_at_an_end() {
        for tier in [100, 200] {
            let mut parted: Vec<String> = [sides(tier), ends(tier)].concat();
            parted.sort();
            assert_eq!(parted, (1..=24).map(|n| (tier + n).to_string()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_theatre_has_1_200_seats_some_accessible_some_with_a_restricted_view() {
        let theatre = theatre();
        check(&theatre);
        assert_eq!(capacity(&theatre), 1_200);
        assert!(seats(&theatre).iter().any(|seat| seat.accessible));
        assert!(seats(&theatre).iter().any(|seat| seat.restricted_view));
        let known: HashSet<&str> = theatre.iter().map(|section| section.key.as_str()).collect();
        assert!(boxes().iter().all(|key| known.contains(key.as_str())));
    }

    #[test]
    fn the_club_has_no_seats() {
        for club in [club(), cellar()] {
            check(&club);
            assert!(seats(&club).is_empty());
            assert!(capacity(&club) > 0);
        }
    }
}
