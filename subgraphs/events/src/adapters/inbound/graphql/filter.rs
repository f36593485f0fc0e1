//! What clients look for among events.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use kernel::{Id, Problems};
use service::graphql::Decimal;

use super::enums::{EventCategory, EventStatus};
use crate::domain::{EventSearch, GeoPoint, Near, SearchEvents, price};

/// Conditions that an event meets, all of them; what is left out does not matter, but for `upcoming`.
#[derive(Default, InputObject)]
pub(crate) struct EventFilter {
    /// Up to 12 words that all occur in title, performers, tags, venue, city or the first 3,000 letters or so of the
    /// description, in any case and form, with or without accents; the beginning of a word is enough. In words of four letters
    /// or more one typing error is forgiven, in words of eight or more two, but in descriptions.
    query: Option<String>,
    /// One of these kinds.
    categories: Option<Vec<EventCategory>>,
    /// With one of these tags.
    tags: Option<Vec<String>>,
    /// In this city.
    city: Option<String>,
    /// Not farther away than this.
    near: Option<NearInput>,
    /// Begins then or later.
    starts_after: Option<DateTime<Utc>>,
    /// Begins before then.
    starts_before: Option<DateTime<Utc>>,
    /// Of this organization.
    organization_id: Option<ID>,
    /// Stands so. All but drafts when left out; drafts are shown to members of their organization only.
    statuses: Option<Vec<EventStatus>>,
    /// True, also when left out: is not over. False: is over.
    #[graphql(default_with = "Some(true)")]
    upcoming: Option<bool>,
    /// Has tickets for this or less, fees and taxes in it: a number of its own currency, whichever that is.
    price_max: Option<Decimal>,
    /// True: is published, and not sold out as far as is known; what is sold out is told within seconds.
    only_available: Option<bool>,
    /// The language of `query`, such as de or de-AT, by whose rules forms of words are compared. By those of any language that is
    /// known when left out.
    locale: Option<String>,
}

/// A circle on the globe.
#[derive(InputObject)]
pub(crate) struct NearInput {
    /// Latitude of its middle, -90 to 90, north positive.
    lat: f64,
    /// Longitude of its middle, -180 to 180, east positive.
    lon: f64,
    /// Its radius in kilometres.
    km: f64,
}

impl EventFilter {
    /// The events that meet it, in the usual order, from the first on.
    pub(super) fn read(self) -> SearchEvents {
        let mut unread = Problems::default();
        let organization = self.organization_id.map(|id| Id::parse("organizationId", &id)).transpose();
        let price_max = self.price_max.map(|most| price::read("priceMax", &most.0)).transpose();
        let near = self.near.map(|near| {
            let point = GeoPoint { lat: near.lat, lon: near.lon };
            Near { point, km: near.km }
        });
        let search = EventSearch {
            query: self.query,
            categories: self.categories.unwrap_or_default().into_iter().map(Into::into).collect(),
            tags: self.tags.unwrap_or_default(),
            city: self.city,
            near,
            starts_after: self.starts_after,
            starts_before: self.starts_before,
            organization_id: unread.note(organization).flatten(),
            statuses: self.statuses.unwrap_or_default().into_iter().map(Into::into).collect(),
            over: self.upcoming == Some(false),
            whenever: false,
            price_max: unread.note(price_max).flatten(),
            only_available: self.only_available == Some(true),
            locale: self.locale,
        };
        SearchEvents { search, unread, ..SearchEvents::default() }
    }
}
