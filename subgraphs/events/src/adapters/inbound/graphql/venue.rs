//! Venues and their seating plans.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use contracts::events::{RowPlan, SeatPlan};
use service::graphql::{
    IntoGraph, Url,
    Who::{BoxOffice, Manager, Operator, Owner, Public, Scanner},
    access, viewer,
};

use super::{
    address::{Address, GeoPoint},
    enums::SectionKind,
    image::{Image, of_motif},
    loaders::{Loaders, RowsOf, SectionsOf},
    plan::{Frame, Point, PublicUrl},
};
use crate::domain::{self, Events, LayoutHead, Motif, ports::SectionHead};

/// A place where events happen.
pub(crate) struct Venue(pub(crate) domain::Venue);

/// A place where events happen.
#[Object]
impl Venue {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id().public().into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Its address.
    async fn address(&self) -> Address {
        Address(self.0.address().clone())
    }

    /// Its place on the map, where that is known.
    async fn location(&self) -> Option<GeoPoint> {
        self.0.location().map(GeoPoint::from)
    }

    /// The zone of its clocks, a name of the IANA database.
    async fn timezone(&self) -> &'static str {
        self.0.timezone().name()
    }

    /// Its seating plans, as far as the caller may see them: those of published events, and all of one's
    /// own organization.
    #[graphql(directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
    async fn layouts(&self, context: &Context<'_>) -> Result<Vec<VenueLayout>> {
        let viewer = viewer(context);
        let loader = context.data::<DataLoader<Loaders>>()?;
        let layouts = loader.load_one((viewer, self.0.id())).await?;
        Ok(layouts.unwrap_or_default().into_iter().map(VenueLayout).collect())
    }
}

/// A seating plan of a venue. It never changes.
pub(crate) struct VenueLayout(pub(crate) LayoutHead);

/// A seating plan of a venue. It never changes.
#[Object]
impl VenueLayout {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many people fit in.
    async fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// The whole plan as JSON, its seats in columns; it never changes and may be cached for a year. What is in
    /// it says the REST document, under `getLayoutPlan`.
    async fn url(&self, context: &Context<'_>) -> Result<Url> {
        let base = &context.data::<PublicUrl>()?.0;
        Ok(Url(format!("{base}/api/events/v1/layouts/{}/plan.json", self.0.id.public())))
    }

    /// The rectangle of the plan that holds every seat, in the plan's own units.
    async fn view_box(&self, context: &Context<'_>) -> Result<Frame> {
        let frame = if let Some(frame) = self.0.frame {
            frame
        } else {
            let plan = context.data::<Events>()?.reads.plan(self.0.id).await.graph()?;
            plan.map_or_else(|| domain::Frame::around(std::iter::empty()), |plan| plan.frame())
        };
        let domain::Frame { x, y, width, height } = frame;
        Ok(Frame { x, y, width, height })
    }

    /// What everybody looks at, where that is known: the middle of the stage.
    async fn focal_point(&self) -> Option<Point> {
        self.0.focal_point.map(Point::from)
    }

    /// When it was drawn up.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Its sections, in the order they were drawn.
    async fn sections(&self, context: &Context<'_>) -> Result<Vec<LayoutSection>> {
        let loader = context.data::<DataLoader<Loaders>>()?;
        let sections = loader.load_one(SectionsOf(self.0.id)).await?;
        Ok(sections.unwrap_or_default().into_iter().map(LayoutSection).collect())
    }
}

/// A part of a venue.
pub(crate) struct LayoutSection(SectionHead);

/// A part of a venue.
#[Object]
impl LayoutSection {
    /// Unique in the layout.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// As on the ticket.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Numbered seats, or places without numbers.
    async fn kind(&self) -> SectionKind {
        if self.0.seated { SectionKind::Seated } else { SectionKind::GeneralAdmission }
    }

    /// How many people fit in.
    async fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// Its corners on the plan, one after another; none where nobody drew it.
    async fn outline(&self) -> Vec<Point> {
        self.0.shape.outline.iter().copied().map(Point::from).collect()
    }

    /// Where its name is to stand on the plan, where that was said.
    async fn label_at(&self) -> Option<Point> {
        self.0.shape.label_at.map(Point::from)
    }

    /// What is seen from there; null where nobody has sent a picture. It is kept beside the layout, which never changes.
    /// `setSectionView` of the REST interface sets it.
    async fn view(&self, context: &Context<'_>) -> Result<Option<Image>> {
        of_motif(context, Motif::view(self.0.layout_id, &self.0.key)).await
    }

    /// Its rows, from front to back; none where places have no numbers.
    // A large house has tens of thousands of seats: not for every event of a list.
    #[graphql(complexity = "500 + child_complexity")]
    async fn rows(&self, context: &Context<'_>) -> Result<Vec<LayoutRow>> {
        if !self.0.seated {
            return Ok(Vec::new());
        }
        let loader = context.data::<DataLoader<Loaders>>()?;
        let rows = loader.load_one(RowsOf(self.0.layout_id, self.0.position)).await?.unwrap_or_default();
        Ok((0..rows.len()).map(|at| LayoutRow { rows: rows.clone(), at }).collect())
    }
}

/// A row of seats.
pub(crate) struct LayoutRow {
    rows: Arc<Vec<RowPlan>>,
    at: usize,
}

/// A row of seats.
#[Object]
impl LayoutRow {
    /// As on the ticket.
    async fn label(&self) -> &str {
        &self.rows[self.at].label
    }

    /// Its seats, from left to right.
    async fn seats(&self) -> Vec<LayoutSeat> {
        self.rows[self.at].seats.iter().map(LayoutSeat::from).collect()
    }
}

/// A seat of a seating plan.
#[derive(SimpleObject)]
pub(crate) struct LayoutSeat {
    /// Unique in the layout.
    key: String,
    /// The seat's number, as on the ticket.
    label: String,
    /// Where it stands on the plan, in the plan's own units.
    x: f32,
    /// Where it stands on the plan, in the plan's own units; downwards.
    y: f32,
    /// Fit for a wheelchair.
    accessible: bool,
    /// A pillar or a rail is in the way.
    restricted_view: bool,
}

impl From<&SeatPlan> for LayoutSeat {
    fn from(seat: &SeatPlan) -> Self {
        Self {
            key: seat.key.clone(),
            label: seat.label.clone(),
            x: seat.x,
            y: seat.y,
            accessible: seat.accessible,
            restricted_view: seat.restricted_view,
        }
    }
}
