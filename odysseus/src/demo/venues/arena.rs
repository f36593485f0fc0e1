//! A large arena: two tiers around an oval, and the floor for standing.

use std::f32::consts::FRAC_PI_2;

use contracts::events::{RowPlan, SectionPlan};

use super::{Marks, ROW_DEPTH, SEAT_WIDTH, row, row_letter, seated, standing};

/// Sections of one tier.
const SECTIONS: u16 = 24;
/// Rows of one tier.
const ROWS: u16 = 16;
/// Between two sections.
const AISLE: f32 = 18.0;
/// The oval is a rectangle with round corners: its straight sides.
const LONG_SIDE: f32 = 1_160.0;
const SHORT_SIDE: f32 = 520.0;
/// The corners' radius at the first row of each tier.
const LOWER_RADIUS: f32 = 280.0;
const UPPER_RADIUS: f32 = 590.0;
/// Around the outermost row.
const MARGIN: f32 = 40.0;
/// Wheelchair places on each platform.
const PLATFORM: u16 = 8;

/// The sections: the two parts of the floor, 101 to 124, 201 to 224, clockwise from the top.
pub fn arena() -> Vec<SectionPlan> {
    let mut sections =
        vec![standing("FRONT", "Front of stage", 900), standing("FLOOR", "Floor, standing", 2_100)];
    sections.extend((0..SECTIONS).map(|index| section(100, LOWER_RADIUS, index)));
    sections.extend((0..SECTIONS).map(|index| section(200, UPPER_RADIUS, index)));
    sections
}

/// The sections along the long sides of a tier, 100 or 200.
pub fn sides(tier: u16) -> Vec<String> {
    (1..=SECTIONS).filter(|number| at_a_side(*number)).map(|number| (tier + number).to_string()).collect()
}

/// The sections of a tier, 100 or 200, at the ends and in the corners.
pub fn ends(tier: u16) -> Vec<String> {
    (1..=SECTIONS).filter(|number| !at_a_side(*number)).map(|number| (tier + number).to_string()).collect()
}

fn at_a_side(number: u16) -> bool {
    matches!(number, 1..=3 | 10..=15 | 22..=24)
}

fn section(tier: u16, first_radius: f32, index: u16) -> SectionPlan {
    let key = (tier + 1 + index).to_string();
    let middle = Oval { radius: first_radius + ROW_DEPTH * f32::from(ROWS) / 2.0 };
    let share = middle.length() / f32::from(SECTIONS);
    let (begin, end) = (share * f32::from(index), share * f32::from(index + 1));
    let rows = (0..ROWS).map(|number| {
        let oval = Oval { radius: first_radius + ROW_DEPTH * f32::from(number) };
        let (begin, end) = (oval.beside(&middle, begin), oval.beside(&middle, end));
        let platform = tier == 100 && number == ROWS - 1 && index.is_multiple_of(2);
        let rails = tier == 200 && number == 0;
        seats_between(&key, number, &oval, begin, end, platform, rails)
    });
    let name = if tier == 100 { "Lower tier" } else { "Upper tier" };
    seated(&key, &format!("{name} {key}"), rows.collect())
}

/// As many seats as fit between two aisles. On a platform the first ones are wheelchair places, twice
/// as wide; rails at the stairs are in the way of the outermost.
fn seats_between(
    section: &str,
    number: u16,
    oval: &Oval,
    begin: f32,
    end: f32,
    platform: bool,
    rails: bool,
) -> RowPlan {
    let wide = if platform { PLATFORM } else { 0 };
    let room = (end - begin - AISLE - SEAT_WIDTH * f32::from(wide)) / SEAT_WIDTH;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thirty seats")]
    let count = room as u16;
    let width = SEAT_WIDTH * f32::from(count + wide);
    let first = f32::midpoint(begin, end) - width / 2.0 + SEAT_WIDTH / 2.0;
    let seats = (0..count).map(|seat| {
        let (x, y) = oval.point(first + SEAT_WIDTH * f32::from(seat + seat.min(wide)));
        let at_an_aisle = seat == 0 || seat + 1 == count;
        (x, y, Marks { accessible: seat < wide, restricted_view: rails && at_an_aisle })
    });
    row(section, &row_letter(number).to_string(), seats)
}

/// A rectangle with round corners, measured clockwise from the middle of its upper side.
struct Oval {
    radius: f32,
}

/// The parts of an oval: straight pieces with their lengths, and corners between them.
const PIECES: [f32; 5] = [LONG_SIDE / 2.0, SHORT_SIDE, LONG_SIDE, SHORT_SIDE, LONG_SIDE / 2.0];

impl Oval {
    fn corner(&self) -> f32 {
        self.radius * FRAC_PI_2
    }

    fn length(&self) -> f32 {
        PIECES.iter().sum::<f32>() + 4.0 * self.corner()
    }

    /// Where one is on this oval when standing beside `at` on `other`, which has the same middle.
    fn beside(&self, other: &Self, at: f32) -> f32 {
        let (piece, into, round) = other.piece(at);
        let before = PIECES[..piece].iter().sum::<f32>() + self.corner() * steps(piece);
        before + if round { PIECES[piece] + into * self.radius / other.radius } else { into }
    }

    /// The straight piece `at` lies on, or after which its corner comes, and how far into either.
    fn piece(&self, at: f32) -> (usize, f32, bool) {
        let mut left = at;
        for (piece, straight) in PIECES.into_iter().enumerate() {
            if left <= straight || piece + 1 == PIECES.len() {
                return (piece, left, false);
            }
            left -= straight;
            if left <= self.corner() {
                return (piece, left, true);
            }
            left -= self.corner();
        }
        (0, 0.0, false)
    }

    /// The place on the plan of `at`.
    fn point(&self, at: f32) -> (f32, f32) {
        let (piece, into, round) = self.piece(at);
        // In the frame of a side that lies above the middle, to be turned a quarter for each corner.
        let (along, across) = if piece % 2 == 0 { (LONG_SIDE, SHORT_SIDE) } else { (SHORT_SIDE, LONG_SIDE) };
        let (along, across) = (along / 2.0, across / 2.0);
        let (x, y) = if round {
            let angle = into / self.radius;
            (along + self.radius * angle.sin(), -across - self.radius * angle.cos())
        } else {
            let begin = if piece == 0 { 0.0 } else { -along };
            (begin + into, -across - self.radius)
        };
        let (x, y) = match piece % 4 {
            0 => (x, y),
            1 => (-y, x),
            2 => (-x, -y),
            _ => (y, -x),
        };
        let (middle_x, middle_y) = arena_stage();
        (x + middle_x, y + middle_y)
    }
}

/// What everybody looks at: the stage, or the pitch, in the middle.
pub fn arena_stage() -> (f32, f32) {
    let outermost = UPPER_RADIUS + ROW_DEPTH * f32::from(ROWS) + MARGIN;
    (LONG_SIDE / 2.0 + outermost, SHORT_SIDE / 2.0 + outermost)
}

fn steps(piece: usize) -> f32 {
    [0.0, 1.0, 2.0, 3.0, 4.0][piece]
}
