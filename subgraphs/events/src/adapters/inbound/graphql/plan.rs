//! Points, rectangles and addresses of plans.

use async_graphql::{InputObject, SimpleObject};

use crate::domain;

/// The address under which clients reach the platform.
#[derive(Clone, Debug)]
pub(crate) struct PublicUrl(pub(crate) String);

/// A point of a plan, in the plan's own units.
#[derive(SimpleObject)]
pub(crate) struct Point {
    /// To the right.
    x: f32,
    /// Downwards.
    y: f32,
}

impl From<domain::Point> for Point {
    fn from(domain::Point { x, y }: domain::Point) -> Self {
        Self { x, y }
    }
}

/// A rectangle of a plan, as SVG's `viewBox`.
#[derive(SimpleObject)]
#[graphql(name = "Box")]
pub(crate) struct Frame {
    /// Its left side.
    pub(super) x: f32,
    /// Its upper side.
    pub(super) y: f32,
    /// How wide.
    pub(super) width: f32,
    /// How high.
    pub(super) height: f32,
}

/// A point of a plan, in the plan's own units, up to a million from the origin.
#[derive(InputObject)]
pub(crate) struct PointInput {
    /// To the right.
    x: f64,
    /// Downwards.
    y: f64,
}

impl PointInput {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a plan needs no more digits; what is too large becomes infinite, which the layout refuses"
    )]
    pub(super) fn read(&self) -> domain::Point {
        domain::Point { x: self.x as f32, y: self.y as f32 }
    }
}
