use std::collections::BTreeMap;

use contracts::events::RowPlan;
use kernel::{Public, kinds};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    Frame, Point,
    ports::{self, SectionHead},
};

/// A seating plan with its seats in columns. It never changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayoutPlan {
    /// Its id.
    #[schema(value_type = String, example = "lay_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Layout>,
    /// Its name.
    name: String,
    /// How many people fit in.
    capacity: u32,
    /// `[x, y, width, height]` of the rectangle that holds every seat.
    #[schema(value_type = Vec<f32>)]
    view_box: Frame,
    /// `[x, y]` of what everybody looks at, where that is known.
    #[schema(value_type = Option<Vec<f32>>)]
    focal_point: Option<Point>,
    /// Its sections, in the order they were drawn.
    sections: Vec<PlanSection>,
}

/// A part of a venue.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanSection {
    /// Unique in the layout.
    key: String,
    /// As on the ticket.
    name: String,
    /// How many people fit in.
    capacity: u32,
    /// `[x, y]` of each corner; left out where nobody drew it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<f32>>, required = false)]
    outline: Vec<Point>,
    /// `[x, y]` of where its name is to stand; left out where that was not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<f32>>)]
    label_at: Option<Point>,
    /// Its rows, from front to back; left out where places have no numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<PlanRow>>,
}

/// A row of seats: columns of equal length, from left to right.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanRow {
    /// As on the ticket.
    label: String,
    /// The seats' numbers, as on the ticket.
    labels: Vec<String>,
    /// Where they stand on the plan.
    x: Vec<f32>,
    /// Where they stand on the plan; downwards.
    y: Vec<f32>,
    /// Which of them, counted from 0, are fit for a wheelchair; left out where none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    accessible: Vec<usize>,
    /// Which of them, counted from 0, have a pillar or a rail in the way; left out where none has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    restricted_view: Vec<usize>,
    /// Keys of seats, by their place counted from 0, that are not `<section>-<row>-<label>` as all others'; left out
    /// where there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    keys: BTreeMap<usize, String>,
}

impl From<ports::Plan> for LayoutPlan {
    fn from(plan: ports::Plan) -> Self {
        let view_box = plan.frame();
        let ports::Plan { head, sections } = plan;
        Self {
            id: head.id.public(),
            name: head.name,
            capacity: head.capacity,
            view_box,
            focal_point: head.focal_point,
            sections: sections.into_iter().map(PlanSection::from).collect(),
        }
    }
}

impl From<(SectionHead, Vec<RowPlan>)> for PlanSection {
    fn from((head, rows): (SectionHead, Vec<RowPlan>)) -> Self {
        let rows = head.seated.then(|| rows.into_iter().map(|row| PlanRow::of(&head.key, row)).collect());
        Self {
            key: head.key,
            name: head.name,
            capacity: head.capacity,
            outline: head.shape.outline,
            label_at: head.shape.label_at,
            rows,
        }
    }
}

impl PlanRow {
    fn of(section: &str, row: RowPlan) -> Self {
        let which = |has: fn(&contracts::events::SeatPlan) -> bool| {
            row.seats.iter().enumerate().filter(|(_, seat)| has(seat)).map(|(at, _)| at).collect()
        };
        let (accessible, restricted_view) =
            (which(|seat| seat.accessible), which(|seat| seat.restricted_view));
        let x = row.seats.iter().map(|seat| seat.x).collect();
        let y = row.seats.iter().map(|seat| seat.y).collect();
        let mut keys = BTreeMap::new();
        let mut labels = Vec::with_capacity(row.seats.len());
        for (at, seat) in row.seats.into_iter().enumerate() {
            if seat.key != format!("{section}-{}-{}", row.label, seat.label) {
                keys.insert(at, seat.key);
            }
            labels.push(seat.label);
        }
        Self { label: row.label, labels, x, y, accessible, restricted_view, keys }
    }
}
