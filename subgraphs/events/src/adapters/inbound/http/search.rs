use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::{Id, Problems, Refusal, Viewer};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Caching, Page, Query},
};

use super::{
    super::graphql::enums::{EventCategory, EventSort, EventStatus},
    FRESH,
    images::PublicUrl,
    objects::{Event, Pictures},
};
use crate::domain::{EventSearch, Events, GeoPoint, Near, SearchEvents, price};

/// Conditions that events meet, all of them; what is left out does not matter, but for `upcoming`.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventFilter {
    /// Words that all occur in title, performers, tags, venue, city or description, in any form; the beginning of a word is enough,
    /// and typing errors are forgiven in words of four letters or more.
    #[param(max_length = 200, example = "gig")]
    query: Option<String>,
    /// One of these kinds.
    #[serde(default)]
    #[param(inline, required = false, max_items = 12)]
    categories: Vec<EventCategory>,
    /// With one of these tags, each up to 40 characters.
    #[serde(default)]
    #[param(required = false, max_items = 20)]
    tags: Vec<String>,
    /// In this city.
    #[param(max_length = 100)]
    city: Option<String>,
    /// With `lon` and `km`: not farther than that from this latitude, north positive.
    #[param(minimum = -90, maximum = 90)]
    lat: Option<f64>,
    /// With `lat` and `km`: not farther than that from this longitude, east positive.
    #[param(minimum = -180, maximum = 180)]
    lon: Option<f64>,
    /// With `lat` and `lon`: not farther away than that many kilometres.
    #[param(exclusive_minimum = 0, maximum = 20_100)]
    km: Option<f64>,
    /// Begins then or later.
    starts_after: Option<DateTime<Utc>>,
    /// Begins before then.
    starts_before: Option<DateTime<Utc>>,
    /// Of this organization.
    #[param(
        pattern = "^(org_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "org_0190163d-8694-739b-aea5-966c26f8ad90"
    )]
    organization_id: Option<String>,
    /// Stands so. All but drafts when left out; drafts are shown to members of their organization only.
    #[serde(default)]
    #[param(inline, required = false, max_items = 10)]
    statuses: Vec<EventStatus>,
    /// True, also when left out: is not over. False: is over.
    #[param(default = true)]
    upcoming: Option<bool>,
    /// Has tickets for this or less, fees and taxes in it: a number of its own currency, whichever that is.
    #[param(pattern = "^[0-9]+(\\.[0-9]{1,4})?$", example = "49.50")]
    price_max: Option<String>,
    /// True: is published, and not sold out as far as is known.
    #[param(default = false)]
    only_available: Option<bool>,
    /// The language of `query`, by whose rules forms of words are compared.
    #[param(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", max_length = 35, example = "de-AT")]
    locale: Option<String>,
    /// In which order; when left out by `RELEVANCE` with a query, else by `STARTS_AT`. `DISTANCE` needs `lat`, `lon`, `km`.
    #[param(inline)]
    sort: Option<EventSort>,
    /// How many events, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, example = 20)]
    first: Option<i32>,
    /// After which event: `pageInfo.endCursor` of the page before, in the same order.
    after: Option<String>,
}

impl EventFilter {
    fn read(self) -> SearchEvents {
        let mut unread = Problems::default();
        let organization_id = self.organization_id.map(|id| Id::parse("organizationId", &id)).transpose();
        let organization_id = unread.note(organization_id).flatten();
        let price_max = self.price_max.as_deref().map(|most| price::read("priceMax", most)).transpose();
        let near = match (self.lat, self.lon, self.km) {
            (None, None, None) => Some(None),
            (Some(lat), Some(lon), Some(km)) => {
                let near = Near { point: GeoPoint { lat, lon }, km };
                unread.note(near.checked("")).map(Some)
            }
            (lat, lon, km) => {
                for (field, told) in [("lat", lat), ("lon", lon), ("km", km)] {
                    if told.is_none() {
                        let wrong = Refusal::bad_input(field, "goes with the other two of lat, lon and km");
                        unread.add(wrong.because(kernel::reasons::INCONSISTENT));
                    }
                }
                None
            }
        };
        let search = EventSearch {
            query: self.query,
            categories: self.categories.into_iter().map(Into::into).collect(),
            tags: self.tags,
            city: self.city,
            near: near.flatten(),
            starts_after: self.starts_after,
            starts_before: self.starts_before,
            organization_id,
            statuses: self.statuses.into_iter().map(Into::into).collect(),
            over: self.upcoming == Some(false),
            whenever: false,
            price_max: unread.note(price_max).flatten(),
            only_available: self.only_available == Some(true),
            locale: self.locale,
        };
        // Where nobody knows near what, nobody can tell whether events can be sorted by it.
        let sort = self.sort.filter(|_| near.is_some()).map(Into::into);
        SearchEvents { search, sort, first: self.first, after: self.after, counted: true, unread }
    }
}

/// Events that meet a filter, a page at a time.
///
/// A page asked for without a token may be kept for a few seconds by whoever is on the way.
#[utoipa::path(get, path = "/events", operation_id = "listEvents", tag = "events", params(EventFilter),
    security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "A page of events.", body = Page<Event>),
        (status = 304, description = "It is what the client has.")))]
pub(super) async fn search_events(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Option<Caller>,
    Query(filter): Query<EventFilter>,
) -> Answer<(Caching, Page<Event>)> {
    let caching = Caching::by_caller(caller.as_ref(), FRESH);
    let viewer = caller.map(Viewer::from).unwrap_or_default();
    let page = events.search(viewer, filter.read()).await?;
    let shown = page.items.iter().map(|(_, found)| found);
    let mut pictures = Pictures::of(shown, &events, &base).await?;
    Ok((caching, page.map(|found| Event::with(found, &mut pictures)).into()))
}
