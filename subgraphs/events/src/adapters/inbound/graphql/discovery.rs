//! What helps to find events: counts of what is found, suggestions while somebody types, performers.

use async_graphql::{
    Context, Enum, ID, Object, Result, SimpleObject,
    connection::{Connection, Edge, EmptyFields},
};
use kernel::{OrganizationId, Page};
use service::graphql::{IntoGraph, Who::Public, access};

use super::{
    event::Event,
    image::{Image, of_motif},
};
use crate::domain::{self, EventAtVenue, EventSearch, Events, GeoPoint, Motif, PerformerId, SuggestEvents};

/// What can be asked while somebody types.
#[derive(Default)]
pub(super) struct DiscoveryQuery;

/// What can be asked while somebody types.
#[Object]
impl DiscoveryQuery {
    /// What somebody who is typing may mean: performers, venues, cities and tags, what most events have first, then events that
    /// are not over, what sells most first. Each word may be unfinished; where nothing begins so, one typing error is forgiven
    /// in words of four letters or more. Empty in the moments after a start.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn event_suggestions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was typed so far, up to 100 characters.")] prefix: String,
        #[graphql(desc = "How many, 1 to 20.", default_with = "Some(8)")] first: Option<i32>,
    ) -> Result<Option<Vec<EventSuggestion>>> {
        let ask = SuggestEvents { typed: prefix, first: first.unwrap_or(8) };
        let found = context.data::<Events>()?.suggestions(ask).await.graph()?;
        Ok(Some(found.into_iter().map(EventSuggestion::from).collect()))
    }
}

/// What somebody who is typing may mean.
#[derive(SimpleObject)]
#[graphql(directive = access::apply([Public].into(), None))]
pub(crate) struct EventSuggestion {
    /// What is to be shown, and looked for.
    text: String,
    /// What that is.
    kind: EventSuggestionKind,
    /// The event, where it is one.
    event: Option<Event>,
}

impl From<domain::Suggestion> for EventSuggestion {
    fn from(found: domain::Suggestion) -> Self {
        Self { text: found.text, kind: found.kind.into(), event: found.event.map(Event::of) }
    }
}

/// What a suggestion is. More values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::SuggestionKind")]
pub(crate) enum EventSuggestionKind {
    /// One event.
    Event,
    /// A place where events happen.
    Venue,
    /// A city.
    City,
    /// Somebody who performs.
    Performer,
    /// A tag.
    Tag,
}

/// What a list finds, counted by one property.
#[derive(SimpleObject)]
pub(crate) struct Facet {
    /// By which.
    field: FacetField,
    /// Up to 20 values with how many events have them: months in their order, prices by currency from the cheapest on, and of the
    /// others the most frequent first.
    buckets: Vec<FacetBucket>,
}

/// How many events of a list have a value.
#[derive(SimpleObject)]
pub(crate) struct FacetBucket {
    /// The value, such as `THEATRE`, `vienna`, `2027-03` or `EUR:20-50`. Categories, cities and tags are what a filter takes.
    value: String,
    /// As people read it; months, prices and categories in English.
    label: String,
    /// How many events.
    count: u32,
}

/// By what a list is counted. More values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::FacetField")]
pub(crate) enum FacetField {
    /// By kind of event.
    Category,
    /// By city.
    City,
    /// By month of the start, in the venue's time zone.
    Month,
    /// By what the cheapest ticket costs; events whose prices are not known are not counted.
    PriceBand,
    /// By tag.
    Tag,
}

impl From<domain::Facet> for Facet {
    fn from(domain::Facet { field, buckets }: domain::Facet) -> Self {
        let bucket = |domain::Bucket { value, label, count }| FacetBucket { value, label, count };
        Self { field: field.into(), buckets: buckets.into_iter().map(bucket).collect() }
    }
}

/// Somebody who performs.
pub(crate) struct Performer {
    id: PerformerId,
    name: String,
    at: OrganizationId,
}

impl Performer {
    /// The one with this name, at an event of this organization.
    pub(super) fn of(at: OrganizationId, name: &str) -> Self {
        Self { id: PerformerId::of(name), name: name.to_owned(), at }
    }
}

/// Somebody who performs.
#[Object]
impl Performer {
    /// Its id: the same for whoever is called the same, in any spelling.
    async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.name
    }

    /// What the event's organization shows of it, at all its events; null where it shows nothing. `setPerformerImage` of the
    /// REST interface sets it.
    async fn image(&self, context: &Context<'_>) -> Result<Option<Image>> {
        of_motif(context, Motif::performer(self.at, &self.id)).await
    }
}

/// What a list of events tells besides its edges.
pub(crate) struct Whole {
    total: u64,
    search: EventSearch,
}

/// What a list of events tells besides its edges.
#[Object]
impl Whole {
    /// How many items the whole list has.
    async fn total_count(&self) -> u64 {
        self.total
    }

    /// What everybody may see of the whole list, counted by kind, city, month, price and tag: by all conditions, those of the same
    /// property included. Empty in the moments after a start.
    #[graphql(directive = access::apply([Public].into(), None), complexity = "10 + child_complexity")]
    async fn facets(&self, context: &Context<'_>) -> Result<Vec<Facet>> {
        let counted = context.data::<Events>()?.facets(self.search.clone()).await.graph()?;
        Ok(counted.into_iter().map(Facet::from).collect())
    }
}

/// A list of events in pages.
pub(crate) type EventConnection = Connection<String, Event, Whole>;

/// A page of what a search found, and with `near`, how far each event is from there.
pub(super) fn events(
    page: Page<EventAtVenue>,
    from_start: bool,
    search: EventSearch,
    near: Option<GeoPoint>,
) -> EventConnection {
    let whole = Whole { total: page.total, search };
    let mut connection = Connection::with_additional_fields(!from_start, page.has_next, whole);
    let edge = |(cursor, found): (kernel::Cursor, EventAtVenue)| {
        Edge::<_, _, EmptyFields>::new(cursor.encode(), Event(found, near))
    };
    connection.edges = page.items.into_iter().map(edge).collect();
    connection
}
