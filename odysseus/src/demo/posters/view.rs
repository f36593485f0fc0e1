//! What is seen from a section: the stage, as near, as much from the side and from as high up as one sits there.

use super::motif::{Drawing, Palette};
use crate::demo::programme::{House, Stage};

/// How wide a view is, in pixels.
pub(super) const WIDTH: u32 = 640;
/// How high a view is, in pixels.
pub(super) const HEIGHT: u32 = 360;

/// What is seen from a section.
pub(super) struct View {
    /// The section's key.
    pub(super) section: &'static str,
    /// How the section is called in a sentence.
    called: &'static str,
    /// How far from the stage, from 0 at its edge to 100 at the last row.
    far: f32,
    /// From which side, from −100 at the left wall to 100 at the right one.
    side: f32,
    /// From how high up, from 0 at the floor to 100 under the roof.
    high: f32,
}

const fn view(section: &'static str, called: &'static str, far: f32, side: f32, high: f32) -> View {
    View { section, called, far, side, high }
}

static ARENA: [View; 3] = [
    view("FLOOR", "the standing floor", 38.0, 0.0, 0.0),
    view("101", "section 101", 42.0, -20.0, 34.0),
    view("207", "section 207", 95.0, 60.0, 82.0),
];

static THEATRE: [View; 4] = [
    view("STALLS", "the stalls", 30.0, 0.0, 6.0),
    view("CIRCLE", "the circle", 68.0, 0.0, 62.0),
    view("BOX-1", "box 1", 16.0, -92.0, 40.0),
    view("BOX-2", "box 2", 16.0, 92.0, 40.0),
];

static CLUB: [View; 2] =
    [view("FLOOR", "the floor", 18.0, 0.0, 0.0), view("GALLERY", "the gallery", 45.0, -35.0, 48.0)];

static CELLAR: [View; 1] = [view("VAULT", "the vault", 6.0, 0.0, 0.0)];

/// Which houses show what is seen: one of each kind, as each kind is built alike.
pub(super) const STAGES: [Stage; 4] =
    [Stage::SpreebogenArena, Stage::AldermanTheatre, Stage::BlueAgave, Stage::GewoelbeNeun];

/// What is seen from sections of a house.
pub(super) fn of(house: House) -> &'static [View] {
    match house {
        House::Arena => &ARENA,
        House::Theatre => &THEATRE,
        House::Club => &CLUB,
        House::Cellar => &CELLAR,
    }
}

fn colours(house: House) -> Palette {
    match house {
        House::Arena => {
            Palette { named: "", above: "#05070f", below: "#1b2a52", dark: "#03050b", light: "#9fd0ff" }
        }
        House::Theatre => {
            Palette { named: "", above: "#170a0c", below: "#4d1a20", dark: "#0c0506", light: "#ffe0a8" }
        }
        House::Club | House::Cellar => {
            Palette { named: "", above: "#0a0613", below: "#39195c", dark: "#050309", light: "#ffb3ec" }
        }
    }
}

impl View {
    /// What is seen, in words.
    pub(super) fn alt_text(&self) -> String {
        let distance = match self.far {
            far if far < 20.0 => "close by",
            far if far < 60.0 => "some rows ahead",
            _ => "far ahead",
        };
        let side = match self.side {
            side if side < -25.0 => ", from the left",
            side if side > 25.0 => ", from the right",
            _ => "",
        };
        let height = match self.high {
            high if high < 15.0 => "over the heads of those in front",
            high if high < 70.0 => "from above the floor",
            _ => "from high up under the roof",
        };
        format!("Drawing of what is seen from {}: the lit stage {distance}{side}, {height}.", self.called)
    }

    /// The drawing.
    pub(super) fn svg(&self, house: House) -> String {
        let colours = colours(house);
        let Palette { dark, light, below, .. } = &colours;
        let mut drawing = Drawing::on(&colours, WIDTH, HEIGHT);
        // The stage is as wide as it is near, and the more from the side it is seen, the narrower.
        let half = (280.0 - 2.1 * self.far) * (1.0 - 0.0035 * self.side.abs());
        let middle = 320.0 + 0.4 * self.side;
        let floor = 205.0 + 0.55 * self.high - 0.15 * self.far;
        let depth = half * (0.16 + 0.004 * self.high);
        let lean = -0.5 * self.side;
        let top = floor - half * 0.95;
        let (left, right) = (middle - half, middle + half);
        for share in [-0.7, 0.0, 0.7_f32] {
            let from = middle + half * share;
            let at = middle + half * share * 0.35 + lean * 0.5;
            let wide = half * 0.42;
            drawing.shape(
                &format!("M{from:.0} {top:.0}L{:.0} {floor:.0}H{:.0}Z", at - wide, at + wide),
                light,
                0.2,
            );
        }
        let back = half * 0.86;
        drawing.shape(
            &format!(
                "M{:.0} {:.0}H{:.0}L{right:.0} {floor:.0}L{:.0} {:.0}H{:.0}L{left:.0} {floor:.0}Z",
                middle - back - lean * 0.3,
                floor - depth,
                middle + back - lean * 0.3,
                right + lean * 0.4,
                floor + depth * 0.35,
                left + lean * 0.4,
            ),
            light,
            0.9,
        );
        drawing.shape(&format!("M{left:.0} {top:.0}H{right:.0}V{:.0}H{left:.0}Z", top + 8.0), light, 0.5);
        for (place, tall) in [(-0.45, 0.3), (0.0, 0.36), (0.4, 0.31_f32)] {
            let (x, foot, tall) = (middle + half * place, floor - depth * 0.35, half * tall);
            let wide = tall * 0.17;
            drawing.shape(
                &format!(
                    "M{:.1} {foot:.1}L{:.1} {:.1}H{:.1}L{:.1} {foot:.1}Z",
                    x - wide,
                    x - wide * 0.8,
                    foot - tall * 0.76,
                    x + wide * 0.8,
                    x + wide
                ),
                dark,
                1.0,
            );
            drawing.round(x, foot - tall * 0.86, tall * 0.13, dark, 1.0);
        }
        self.audience(&mut drawing, floor + depth * 0.5, dark, below);
        drawing.done()
    }

    /// Who sits or stands in front, the nearest the largest; behind a rail where one looks down.
    fn audience(&self, drawing: &mut Drawing, from: f32, dark: &str, below: &str) {
        let rows = [0.15, 0.4, 0.7, 1.0_f32];
        let room = 360.0 - from;
        for (at, near) in (0_u8..).zip(rows) {
            let radius = (6.0 + 16.0 * near) * (1.0 - 0.006 * self.high);
            let y = from + room * near;
            let shift = if at % 2 == 0 { 0.0 } else { radius };
            let mut x = -radius + shift;
            while x < 660.0 {
                drawing.round(x, y, radius, dark, 0.55 + 0.4 * near);
                x += radius * 2.4;
            }
        }
        if self.high >= 15.0 {
            drawing.shape("M0 322H640V360H0Z", dark, 1.0);
            drawing.line("M0 322H640", below, 5, 1.0);
        }
    }
}
