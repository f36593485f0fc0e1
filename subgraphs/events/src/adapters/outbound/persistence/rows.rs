//! The tables, and what becomes of their rows.

use std::str::FromStr;

use contracts::{events::EventStatus, settings::EventTerms};
use kernel::{
    Currency, EventId, Fault, ImageId, LayoutId, OrganizationId, TimeZone, VenueId, from_millis, to_millis,
};
use sea_orm::ActiveValue::Set;

use super::json_columns::{read, written};
use crate::domain::{
    Address, Category, Event, EventDetails, EventSnapshot, GeoPoint, LayoutHead, Venue, VenueSnapshot,
    folded,
    ports::SectionHead,
    search::{search_text, title_key},
};

pub(crate) mod venue {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "venues")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organization_id: Uuid,
        pub name: String,
        pub street: String,
        pub postal_code: Option<String>,
        pub city: String,
        pub city_key: String,
        pub region: Option<String>,
        pub country: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub unit_x: Option<f64>,
        pub unit_y: Option<f64>,
        pub unit_z: Option<f64>,
        pub timezone: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod layout {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "layouts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub venue_id: Uuid,
        pub organization_id: Uuid,
        pub name: String,
        pub capacity: i64,
        pub created_at: i64,
        pub focal_point: Option<String>,
        pub view_box: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod section {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "layout_sections")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub layout_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub key: String,
        pub name: String,
        pub kind: String,
        pub capacity: i64,
        pub rows: Option<String>,
        pub outline: Option<String>,
        pub label_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organization_id: Uuid,
        pub venue_id: Uuid,
        pub layout_id: Option<Uuid>,
        pub slug: String,
        pub title: String,
        pub description: String,
        pub category: String,
        pub tags: String,
        pub starts_at: i64,
        pub ends_at: i64,
        pub doors_at: Option<i64>,
        pub status: String,
        pub currency: String,
        pub image_url: Option<String>,
        pub shows_stock: bool,
        pub cancel_reason: Option<String>,
        pub published_at: Option<i64>,
        pub created_at: i64,
        pub version: i64,
        pub search_text: String,
        pub title_key: String,
        pub tag_keys: String,
        pub image_id: Option<Uuid>,
        pub more_images: Option<String>,
        pub tax: Option<String>,
        pub refund_policy: Option<String>,
        pub performers: String,
        pub lowest_price: Option<i64>,
        pub availability: Option<String>,
        pub availability_version: i64,
        pub touched_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::venue::Entity",
            from = "Column::VenueId",
            to = "super::venue::Column::Id"
        )]
        Venue,
    }

    impl Related<super::venue::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Venue.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) fn venue_row(venue: &Venue) -> venue::ActiveModel {
    let it = venue.snapshot();
    let unit = it.location.map(GeoPoint::unit);
    venue::ActiveModel {
        id: Set(it.id.uuid()),
        organization_id: Set(it.organization_id.uuid()),
        name: Set(it.name.clone()),
        street: Set(it.address.street.clone()),
        postal_code: Set(it.address.postal_code.clone()),
        city: Set(it.address.city.clone()),
        city_key: Set(folded(&it.address.city)),
        region: Set(it.address.region.clone()),
        country: Set(it.address.country.clone()),
        latitude: Set(it.location.map(|point| point.lat)),
        longitude: Set(it.location.map(|point| point.lon)),
        unit_x: Set(unit.map(|[x, _, _]| x)),
        unit_y: Set(unit.map(|[_, y, _]| y)),
        unit_z: Set(unit.map(|[_, _, z]| z)),
        timezone: Set(it.timezone.name().to_owned()),
        created_at: Set(to_millis(it.created_at)),
    }
}

impl venue::Model {
    pub(crate) fn restore(self) -> Result<Venue, Fault> {
        Ok(Venue::restore(VenueSnapshot {
            id: VenueId::from_uuid(self.id),
            organization_id: OrganizationId::from_uuid(self.organization_id),
            name: self.name,
            address: Address {
                street: self.street,
                postal_code: self.postal_code,
                city: self.city,
                region: self.region,
                country: self.country,
            },
            location: self.latitude.zip(self.longitude).map(|(lat, lon)| GeoPoint { lat, lon }),
            timezone: TimeZone::from_str(&self.timezone)?,
            created_at: from_millis(self.created_at),
        }))
    }
}

impl layout::Model {
    pub(crate) fn head(self) -> Result<LayoutHead, Fault> {
        Ok(LayoutHead {
            id: LayoutId::from_uuid(self.id),
            venue_id: VenueId::from_uuid(self.venue_id),
            organization_id: OrganizationId::from_uuid(self.organization_id),
            name: self.name,
            capacity: count(self.capacity)?,
            created_at: from_millis(self.created_at),
            focal_point: read(self.focal_point.as_deref())?,
            frame: read(self.view_box.as_deref())?,
        })
    }
}

pub(crate) fn layout_row(head: &LayoutHead) -> Result<layout::ActiveModel, Fault> {
    Ok(layout::ActiveModel {
        id: Set(head.id.uuid()),
        venue_id: Set(head.venue_id.uuid()),
        organization_id: Set(head.organization_id.uuid()),
        name: Set(head.name.clone()),
        capacity: Set(i64::from(head.capacity)),
        created_at: Set(to_millis(head.created_at)),
        focal_point: Set(written(head.focal_point.as_ref())?),
        view_box: Set(written(head.frame.as_ref())?),
    })
}

pub(crate) fn section_row(head: SectionHead, rows: Option<String>) -> Result<section::ActiveModel, Fault> {
    let position = i32::try_from(head.position).map_err(|cause| Fault::new("numbering a section", cause))?;
    Ok(section::ActiveModel {
        layout_id: Set(head.layout_id.uuid()),
        position: Set(position),
        key: Set(head.key),
        name: Set(head.name),
        kind: Set(if head.seated { "SEATED" } else { "GENERAL_ADMISSION" }.to_owned()),
        capacity: Set(i64::from(head.capacity)),
        rows: Set(rows),
        outline: Set(written(Some(&head.shape.outline).filter(|outline| !outline.is_empty()))?),
        label_at: Set(written(head.shape.label_at.as_ref())?),
    })
}

pub(crate) fn event_row(event: &Event, venue: &Venue) -> Result<event::ActiveModel, Fault> {
    let it = event.snapshot();
    let details = &it.details;
    let keys: Vec<String> = details.tags.iter().map(|tag| folded(tag)).collect();
    let tags = serde_json::to_string(&details.tags).map_err(|cause| Fault::new("writing tags", cause))?;
    let more_images = it.images.get(1..).unwrap_or_default();
    let performers = serde_json::to_string(&details.performers)
        .map_err(|cause| Fault::new("writing performers", cause))?;
    Ok(event::ActiveModel {
        id: Set(it.id.uuid()),
        organization_id: Set(it.organization_id.uuid()),
        venue_id: Set(it.venue_id.uuid()),
        layout_id: Set(it.layout_id.map(LayoutId::uuid)),
        slug: Set(it.slug.clone()),
        title: Set(details.title.clone()),
        description: Set(details.description.clone()),
        category: Set(details.category.as_str().to_owned()),
        tags: Set(tags),
        starts_at: Set(to_millis(details.starts_at)),
        ends_at: Set(to_millis(details.ends_at)),
        doors_at: Set(details.doors_at.map(to_millis)),
        status: Set(it.status.as_str().to_owned()),
        currency: Set(details.currency.code().to_owned()),
        image_url: Set(details.image_url.clone()),
        shows_stock: Set(details.shows_stock),
        cancel_reason: Set(it.cancel_reason.clone()),
        published_at: Set(it.published_at.map(to_millis)),
        created_at: Set(to_millis(it.created_at)),
        version: Set(it.version),
        search_text: Set(search_text(details, venue)),
        title_key: Set(title_key(&details.title)),
        tag_keys: Set(format!("|{}|", keys.join("|"))),
        image_id: Set(it.images.first().copied().map(ImageId::uuid)),
        more_images: Set(written(Some(&more_images).filter(|more| !more.is_empty()))?),
        tax: Set(written(details.terms.tax.as_ref())?),
        refund_policy: Set(written(details.terms.refund_policy.as_ref())?),
        performers: Set(performers),
        // What others tell of it is noted elsewhere, and so is when it was touched.
        ..event::ActiveModel::default()
    })
}

impl event::Model {
    pub(crate) fn restore(self) -> Result<Event, Fault> {
        let broken = |what: &str| Fault::broken_rule(format!("event {} has the {what}", self.id));
        let tags = serde_json::from_str(&self.tags).map_err(|cause| Fault::new("reading tags", cause))?;
        let performers = serde_json::from_str(&self.performers)
            .map_err(|cause| Fault::new("reading performers", cause))?;
        let more_images: Vec<ImageId> = read(self.more_images.as_deref())?.unwrap_or_default();
        let category = Category::from_name(&self.category)
            .ok_or_else(|| broken(&format!("unknown category {}", self.category)))?;
        let status = EventStatus::from_name(&self.status)
            .ok_or_else(|| broken(&format!("unknown status {}", self.status)))?;
        Ok(Event::restore(EventSnapshot {
            id: EventId::from_uuid(self.id),
            organization_id: OrganizationId::from_uuid(self.organization_id),
            venue_id: VenueId::from_uuid(self.venue_id),
            layout_id: self.layout_id.map(LayoutId::from_uuid),
            slug: self.slug,
            details: EventDetails {
                title: self.title,
                description: self.description,
                category,
                tags,
                performers,
                starts_at: from_millis(self.starts_at),
                ends_at: from_millis(self.ends_at),
                doors_at: self.doors_at.map(from_millis),
                currency: Currency::from_str(&self.currency)?,
                image_url: self.image_url,
                shows_stock: self.shows_stock,
                terms: EventTerms {
                    tax: read(self.tax.as_deref())?,
                    refund_policy: read(self.refund_policy.as_deref())?,
                },
            },
            images: self.image_id.map(ImageId::from_uuid).into_iter().chain(more_images).collect(),
            status,
            cancel_reason: self.cancel_reason,
            published_at: self.published_at.map(from_millis),
            created_at: from_millis(self.created_at),
            version: self.version,
        }))
    }
}

pub(crate) fn count(column: i64) -> Result<u32, Fault> {
    u32::try_from(column).map_err(|cause| Fault::new("reading a capacity", cause))
}
