use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{ImageId, Public, Result, kinds};
use printing::Language;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::graphql::enums::{EventCategory, EventStatus},
    images::{Image, PublicUrl},
};
use crate::domain::{self, EventAtVenue, EventDetails, Events};

/// Something to buy tickets for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    /// Its id.
    #[schema(value_type = String, example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Event>,
    /// Its name in addresses; no two events have the same, and it never changes.
    slug: String,
    /// Its title.
    title: String,
    /// What awaits the visitor, as plain text.
    description: String,
    /// What kind of event.
    category: EventCategory,
    /// Free words to find it by.
    tags: Vec<String>,
    /// Who performs, the most important first.
    performers: Vec<String>,
    /// Who sells the tickets.
    #[schema(value_type = String, example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    organization_id: Public<kinds::Organization>,
    /// Where it takes place.
    venue: Venue,
    /// When it begins.
    #[serde(serialize_with = "service::rest::instant")]
    starts_at: DateTime<Utc>,
    /// When it ends.
    #[serde(serialize_with = "service::rest::instant")]
    ends_at: DateTime<Utc>,
    /// When doors open, where that is known.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    doors_at: Option<DateTime<Utc>>,
    /// The venue's time zone of the IANA database, in which times are to be shown.
    timezone: String,
    /// Where it stands.
    status: EventStatus,
    /// Why it was called off.
    cancel_reason: Option<String>,
    /// The currency of ISO 4217 in which prices are.
    #[schema(pattern = "^[A-Z]{3}$", example = "EUR")]
    currency: String,
    /// The first of its pictures, where it has one.
    image: Option<Image>,
    /// Its pictures, at most 12, in their order.
    images: Vec<Image>,
    /// A picture's address. Use image. Goes away with 2.0.
    #[schema(deprecated)]
    image_url: Option<String>,
    /// True when everybody is told how many places are left. If not, the public is told only whether there are plenty, few or
    /// none.
    shows_stock: bool,
}

/// A place where events happen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Venue {
    /// Its id.
    #[schema(value_type = String, example = "ven_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Venue>,
    /// Its name.
    name: String,
    /// Its address.
    address: Address,
    /// Its place on the map, where that is known.
    location: Option<GeoPoint>,
    /// The zone of its clocks, a name of the IANA database.
    timezone: String,
}

/// A postal address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    /// Street and number, where there are any.
    street: Option<String>,
    /// Postal code, where there are any.
    postal_code: Option<String>,
    /// City.
    city: String,
    /// State or province, where addresses name it.
    region: Option<String>,
    /// Country, by its two letters of ISO 3166-1.
    #[schema(pattern = "^[A-Z]{2}$", example = "AT")]
    country_code: String,
    /// Lines in the country's own order, as on an envelope; the last one is the country's name, in English.
    formatted: Vec<String>,
}

/// A place on the globe, in degrees.
#[derive(Serialize, ToSchema)]
pub(super) struct GeoPoint {
    /// Latitude, north positive.
    #[schema(minimum = -90, maximum = 90)]
    lat: f64,
    /// Longitude, east positive.
    #[schema(minimum = -180, maximum = 180)]
    lon: f64,
}

/// The pictures of events that are about to be shown.
pub(super) struct Pictures<'a> {
    read: HashMap<ImageId, domain::Image>,
    base: &'a PublicUrl,
}

impl<'a> Pictures<'a> {
    /// Reads those of these events, all by one statement; by none where no event has a picture.
    pub(super) async fn of(
        shown: impl IntoIterator<Item = &EventAtVenue>,
        events: &Events,
        base: &'a PublicUrl,
    ) -> Result<Self> {
        let ids: Vec<ImageId> =
            shown.into_iter().flat_map(|found| &found.event.snapshot().images).copied().collect();
        let read = if ids.is_empty() { Vec::new() } else { events.reads.images(&ids).await? };
        Ok(Self { read: read.into_iter().map(|image| (image.id, image)).collect(), base })
    }

    /// The picture with this id. It is given away.
    fn take(&mut self, id: ImageId) -> Option<Image> {
        Some(Image::of(self.read.remove(&id)?, self.base))
    }
}

impl Event {
    /// An event with its pictures, which are among these.
    pub(super) fn with(EventAtVenue { event, venue }: EventAtVenue, pictures: &mut Pictures<'_>) -> Self {
        let found = event.snapshot();
        let images: Vec<Image> = found.images.iter().filter_map(|id| pictures.take(*id)).collect();
        let details: &EventDetails = event.details();
        Self {
            id: found.id.public(),
            slug: found.slug.clone(),
            title: details.title.clone(),
            description: details.description.clone(),
            category: details.category.into(),
            tags: details.tags.clone(),
            performers: details.performers.clone(),
            organization_id: found.organization_id.public(),
            starts_at: details.starts_at,
            ends_at: details.ends_at,
            doors_at: details.doors_at,
            timezone: venue.timezone().name().to_owned(),
            status: found.status.into(),
            cancel_reason: found.cancel_reason.clone(),
            currency: details.currency.code().to_owned(),
            image: images.first().cloned(),
            images,
            image_url: details.image_url.clone(),
            shows_stock: details.shows_stock,
            venue: Venue::from(&venue),
        }
    }
}

impl From<&domain::Venue> for Venue {
    fn from(venue: &domain::Venue) -> Self {
        Self {
            id: venue.id().public(),
            name: venue.name().to_owned(),
            address: Address::from(venue.address()),
            location: venue.location().map(|point| GeoPoint { lat: point.lat, lon: point.lon }),
            timezone: venue.timezone().name().to_owned(),
        }
    }
}

impl From<&domain::Address> for Address {
    fn from(address: &domain::Address) -> Self {
        Self {
            street: address.street().map(str::to_owned),
            postal_code: address.postal_code.clone(),
            city: address.city.clone(),
            region: address.region.clone(),
            country_code: address.country.clone(),
            formatted: address.formatted(Some(Language::English)),
        }
    }
}
