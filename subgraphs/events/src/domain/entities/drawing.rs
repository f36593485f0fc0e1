//! What a plan looks like besides its seats.

use contracts::events::{Places, SectionPlan};
use kernel::{Refusal, each, together};
use serde::{Deserialize, Serialize};

use super::layout::MAX_COORDINATE;

/// The most corners that an outline may have.
const MAX_CORNERS: usize = 200;
/// How much of its larger side a plan gets as a margin, so that seats at its edge are seen whole.
const MARGIN: f32 = 0.025;

/// A point of a plan, in the plan's own units; y grows downwards. On the wire `[x, y]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f32, f32)", into = "(f32, f32)")]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl From<(f32, f32)> for Point {
    fn from((x, y): (f32, f32)) -> Self {
        Self { x, y }
    }
}

impl From<Point> for (f32, f32) {
    fn from(point: Point) -> Self {
        (point.x, point.y)
    }
}

impl Point {
    /// Refuses what is too far away to be drawn.
    pub(super) fn check(self, path: impl Fn() -> String) -> Result<(), Refusal> {
        let within = |name: &str, coordinate: f32| {
            if (-MAX_COORDINATE..=MAX_COORDINATE).contains(&coordinate) {
                return Ok(());
            }
            let message = format!("must be a number from -{MAX_COORDINATE} to {MAX_COORDINATE}");
            Err(Refusal::bad_input(&format!("{}.{name}", path()), message)
                .because(kernel::reasons::OUT_OF_RANGE))
        };
        together((within("x", self.x), within("y", self.y))).map(drop)
    }
}

/// A rectangle of a plan. On the wire `[x, y, width, height]`, as SVG's `viewBox`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f32, f32, f32, f32)", into = "(f32, f32, f32, f32)")]
pub struct Frame {
    /// Its left side.
    pub x: f32,
    /// Its upper side.
    pub y: f32,
    /// How wide.
    pub width: f32,
    /// How high.
    pub height: f32,
}

impl From<(f32, f32, f32, f32)> for Frame {
    fn from((x, y, width, height): (f32, f32, f32, f32)) -> Self {
        Self { x, y, width, height }
    }
}

impl From<Frame> for (f32, f32, f32, f32) {
    fn from(frame: Frame) -> Self {
        (frame.x, frame.y, frame.width, frame.height)
    }
}

impl Frame {
    /// What of a plan without any point is shown.
    const EMPTY: Self = Self { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };

    /// The rectangle around these points, with a margin.
    pub fn around(points: impl Iterator<Item = Point>) -> Self {
        let sides = points.fold(None, |sides: Option<(f32, f32, f32, f32)>, Point { x, y }| {
            let (left, up, right, down) = sides.unwrap_or((x, y, x, y));
            Some((left.min(x), up.min(y), right.max(x), down.max(y)))
        });
        let Some((left, up, right, down)) = sides else { return Self::EMPTY };
        let margin = ((right - left).max(down - up) * MARGIN).max(1.0);
        Self {
            x: left - margin,
            y: up - margin,
            width: right - left + 2.0 * margin,
            height: down - up + 2.0 * margin,
        }
    }
}

/// What a section looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Its corners, one after another; none where nobody drew it.
    pub outline: Vec<Point>,
    /// Where its name is to stand.
    pub label_at: Option<Point>,
}

impl Shape {
    fn check(&self, section: usize) -> Result<(), Refusal> {
        let corners = self.outline.len();
        let outline = if corners > MAX_CORNERS || (1..3).contains(&corners) {
            let message = format!("must have 3 to {MAX_CORNERS} points, or none");
            Err(Refusal::bad_input(&format!("sections[{section}].outline"), message)
                .because(kernel::reasons::WRONG_COUNT))
        } else {
            let points = self.outline.iter().enumerate();
            each(points.map(|(at, point)| point.check(|| format!("sections[{section}].outline[{at}]"))))
        };
        let label_at =
            self.label_at.map_or(Ok(()), |point| point.check(|| format!("sections[{section}].labelAt")));
        together((outline, label_at)).map(drop)
    }
}

/// What a plan looks like besides its seats.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// What everybody looks at: the middle of the stage.
    pub focal_point: Option<Point>,
    /// The sections' shapes, in their order; those at the end may be missing.
    pub shapes: Vec<Shape>,
}

impl Drawing {
    /// Refuses what is no drawing, naming the field.
    pub fn check(&self) -> Result<(), Refusal> {
        let focal_point = self.focal_point.map_or(Ok(()), |point| point.check(|| "focalPoint".to_owned()));
        let shapes = self.shapes.iter().enumerate().map(|(at, shape)| shape.check(at));
        together((focal_point, each(shapes))).map(drop)
    }

    /// The shape of a section.
    pub fn shape(&self, section: usize) -> Shape {
        self.shapes.get(section).cloned().unwrap_or_default()
    }

    /// The rectangle that holds the plan: seats, outlines, what everybody looks at.
    pub fn frame(&self, sections: &[SectionPlan]) -> Frame {
        let corners =
            self.shapes.iter().flat_map(|shape| shape.outline.iter().chain(&shape.label_at).copied());
        Frame::around(corners.chain(self.focal_point).chain(sections.iter().flat_map(seats)))
    }
}

fn seats(section: &SectionPlan) -> impl Iterator<Item = Point> + '_ {
    let rows = match &section.places {
        Places::Seated { rows } => rows.as_slice(),
        Places::GeneralAdmission { .. } => &[],
    };
    rows.iter().flat_map(|row| &row.seats).map(|seat| Point { x: seat.x, y: seat.y })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_frame_holds_every_point_with_a_margin() {
        let frame = Frame::around([at(-10.0, 5.0), at(90.0, 25.0)].into_iter());
        assert_eq!(frame, Frame { x: -12.5, y: 2.5, width: 105.0, height: 25.0 });
        assert_eq!(
            Frame::around([at(3.0, 4.0)].into_iter()),
            Frame { x: 2.0, y: 3.0, width: 2.0, height: 2.0 }
        );
        assert_eq!(Frame::around(std::iter::empty()), Frame::EMPTY);
    }

    #[test]
    fn what_is_no_drawing_is_refused_naming_the_field() {
        let outline = |outline: Vec<Point>| Drawing {
            shapes: vec![Shape::default(), Shape { outline, label_at: None }],
            ..Drawing::default()
        };
        let label = Shape { outline: Vec::new(), label_at: Some(at(0.0, f32::INFINITY)) };
        for (field, drawing) in [
            ("focalPoint.x", Drawing { focal_point: Some(at(f32::NAN, 0.0)), shapes: Vec::new() }),
            ("sections[1].outline", outline(vec![at(0.0, 0.0), at(1.0, 1.0)])),
            ("sections[1].outline", outline(vec![at(0.0, 0.0); 201])),
            ("sections[1].outline[2].y", outline(vec![at(0.0, 0.0), at(1.0, 1.0), at(1.0, -1e7)])),
            ("sections[0].labelAt.y", Drawing { focal_point: None, shapes: vec![label] }),
        ] {
            assert_eq!(drawing.check().unwrap_err().details["field"], field);
        }
        assert_eq!(outline(vec![at(0.0, 0.0); 3]).check(), Ok(()));
    }
}
