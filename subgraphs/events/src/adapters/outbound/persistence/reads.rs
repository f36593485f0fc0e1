use std::collections::HashMap;

use async_trait::async_trait;
use contracts::events::RowPlan;
use kernel::{EventId, Fault, ImageId, LayoutId, OrganizationId, Page, PageAsk, Result, VenueId, Viewer};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::Query,
};
use service::{Database, database::fault};

use super::{
    images,
    json_columns::read,
    motifs,
    rows::{event, layout, section, venue},
    searching::{self, organizations_of},
};
use crate::domain::{
    EventAtVenue, EventBy, Image, ImageFormat, LayoutHead, Listing, Motif, Shape, Venue,
    ports::{Plan, Reads, SectionHead},
};

/// Queries of a database.
pub struct SeaReads {
    database: Database,
}

impl SeaReads {
    /// Queries of this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Reads for SeaReads {
    async fn event(&self, by: EventBy) -> Result<Option<EventAtVenue>> {
        let query = match by {
            EventBy::Id(id) => event::Entity::find_by_id(id.uuid()),
            EventBy::Slug(slug) => event::Entity::find().filter(event::Column::Slug.eq(slug)),
        };
        let row = query.find_also_related(venue::Entity).one(&self.database.reads).await;
        Ok(row.map_err(fault("reading an event"))?.map(at_venue).transpose()?)
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventAtVenue>> {
        let query = event::Entity::find().filter(event::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = query.find_also_related(venue::Entity).all(&self.database.reads).await;
        Ok(rows.map_err(fault("reading events"))?.into_iter().map(at_venue).collect::<Result<_, _>>()?)
    }

    async fn search(&self, listing: &Listing, viewer: Viewer) -> Result<Page<EventAtVenue>> {
        searching::search(&self.database, listing, viewer).await
    }

    async fn programmes(
        &self,
        organizations: &[OrganizationId],
        viewer: Viewer,
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<EventAtVenue>>> {
        searching::programmes(&self.database, organizations, viewer, page, counted).await
    }

    async fn images(&self, ids: &[ImageId]) -> Result<Vec<Image>> {
        Ok(images::of(&self.database.reads, ids).await?)
    }

    async fn motifs(&self, motifs: &[Motif]) -> Result<HashMap<Motif, Image>> {
        Ok(motifs::of(&self.database.reads, motifs).await?)
    }

    async fn image_file(&self, id: ImageId, width: u32, format: ImageFormat) -> Result<Option<Vec<u8>>> {
        Ok(images::file(&self.database.reads, id, width, format).await?)
    }

    async fn venue(&self, id: VenueId) -> Result<Option<Venue>> {
        let row = venue::Entity::find_by_id(id.uuid()).one(&self.database.reads).await;
        Ok(row.map_err(fault("reading a venue"))?.map(venue::Model::restore).transpose()?)
    }

    async fn is_public_venue(&self, id: VenueId) -> Result<bool> {
        let query = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::VenueId.eq(id.uuid()))
            .filter(event::Column::PublishedAt.is_not_null());
        let row = query.into_tuple::<Uuid>().one(&self.database.reads).await;
        Ok(row.map_err(fault("reading a venue"))?.is_some())
    }

    async fn layouts(&self, ids: &[LayoutId]) -> Result<Vec<LayoutHead>> {
        let query = layout::Entity::find().filter(layout::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = query.all(&self.database.reads).await.map_err(fault("reading layouts"))?;
        Ok(rows.into_iter().map(layout::Model::head).collect::<Result<_, _>>()?)
    }

    async fn layouts_of(&self, venues: &[VenueId], viewer: Viewer) -> Result<Vec<LayoutHead>> {
        let shown = Query::select()
            .column(event::Column::LayoutId)
            .from(event::Entity)
            .and_where(event::Column::PublishedAt.is_not_null())
            .to_owned();
        let mut seen = Condition::any().add(layout::Column::Id.in_subquery(shown));
        if viewer.is_operator() {
            seen = Condition::all();
        } else if let Some(viewer) = viewer.user() {
            seen = seen.add(layout::Column::OrganizationId.in_subquery(organizations_of(viewer)));
        }
        let rows = layout::Entity::find()
            .filter(layout::Column::VenueId.is_in(venues.iter().map(|id| id.uuid())))
            .filter(seen)
            .order_by_asc(layout::Column::Id)
            .all(&self.database.reads)
            .await
            .map_err(fault("reading layouts"))?;
        Ok(rows.into_iter().map(layout::Model::head).collect::<Result<_, _>>()?)
    }

    async fn sections(&self, layouts: &[LayoutId]) -> Result<HashMap<LayoutId, Vec<SectionHead>>> {
        type Row = (Uuid, i32, String, String, String, i64, Option<String>, Option<String>);
        let rows: Vec<Row> = section::Entity::find()
            .select_only()
            .columns([
                section::Column::LayoutId,
                section::Column::Position,
                section::Column::Key,
                section::Column::Name,
                section::Column::Kind,
                section::Column::Capacity,
                section::Column::Outline,
                section::Column::LabelAt,
            ])
            .filter(section::Column::LayoutId.is_in(layouts.iter().map(|id| id.uuid())))
            .order_by_asc(section::Column::LayoutId)
            .order_by_asc(section::Column::Position)
            .into_tuple()
            .all(&self.database.reads)
            .await
            .map_err(fault("reading sections"))?;
        let mut sections: HashMap<LayoutId, Vec<SectionHead>> = HashMap::new();
        for (layout, position, key, name, kind, capacity, outline, label_at) in rows {
            let layout_id = LayoutId::from_uuid(layout);
            let capacity = super::rows::count(capacity)?;
            let (position, seated) = (at(position)?, kind == "SEATED");
            let shape = shape(outline.as_deref(), label_at.as_deref())?;
            let head = SectionHead { layout_id, position, key, name, seated, capacity, shape };
            sections.entry(layout_id).or_default().push(head);
        }
        Ok(sections)
    }

    async fn plan(&self, id: LayoutId) -> Result<Option<Plan>> {
        let Some(head) = self.layouts(&[id]).await?.pop() else { return Ok(None) };
        let found = section::Entity::find()
            .filter(section::Column::LayoutId.eq(id.uuid()))
            .order_by_asc(section::Column::Position)
            .all(&self.database.reads)
            .await
            .map_err(fault("reading a plan"))?;
        let mut sections = Vec::with_capacity(found.len());
        for row in found {
            let head = SectionHead {
                layout_id: id,
                position: at(row.position)?,
                seated: row.kind == "SEATED",
                capacity: super::rows::count(row.capacity)?,
                shape: shape(row.outline.as_deref(), row.label_at.as_deref())?,
                key: row.key,
                name: row.name,
            };
            sections.push((head, read(row.rows.as_deref())?.unwrap_or_default()));
        }
        Ok(Some(Plan { head, sections }))
    }

    async fn is_public_layout(&self, id: LayoutId) -> Result<bool> {
        let query = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::LayoutId.eq(id.uuid()))
            .filter(event::Column::PublishedAt.is_not_null());
        let row = query.into_tuple::<Uuid>().one(&self.database.reads).await;
        Ok(row.map_err(fault("reading a layout"))?.is_some())
    }

    async fn rows(&self, sections: &[(LayoutId, u32)]) -> Result<HashMap<(LayoutId, u32), Vec<RowPlan>>> {
        let mut asked: HashMap<LayoutId, Vec<u32>> = HashMap::new();
        for (layout, position) in sections {
            asked.entry(*layout).or_default().push(*position);
        }
        let of_layout = |(layout, positions): (LayoutId, Vec<u32>)| {
            section::Column::LayoutId.eq(layout.uuid()).and(section::Column::Position.is_in(positions))
        };
        let wanted = asked.into_iter().map(of_layout).fold(Condition::any(), Condition::add);
        let found = section::Entity::find()
            .filter(wanted)
            .all(&self.database.reads)
            .await
            .map_err(fault("reading rows of seats"))?;
        let mut rows = HashMap::with_capacity(found.len());
        for section in found {
            let seats = section.rows.as_deref().map(serde_json::from_str).transpose();
            let seats = seats.map_err(|cause| Fault::new("reading rows of seats", cause))?;
            let key = (LayoutId::from_uuid(section.layout_id), at(section.position)?);
            rows.insert(key, seats.unwrap_or_default());
        }
        Ok(rows)
    }
}

fn shape(outline: Option<&str>, label_at: Option<&str>) -> Result<Shape, Fault> {
    Ok(Shape { outline: read(outline)?.unwrap_or_default(), label_at: read(label_at)? })
}

fn at(position: i32) -> Result<u32, Fault> {
    u32::try_from(position).map_err(|cause| Fault::new("reading a section's position", cause))
}

pub(super) fn at_venue((event, venue): (event::Model, Option<venue::Model>)) -> Result<EventAtVenue, Fault> {
    let venue = venue.ok_or_else(|| Fault::broken_rule(format!("event {} has no venue", event.id)))?;
    Ok(EventAtVenue { event: event.restore()?, venue: venue.restore()? })
}
