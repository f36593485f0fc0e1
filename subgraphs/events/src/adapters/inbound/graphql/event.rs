//! Events, and the lists of them.

use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use kernel::{Cursor, OrganizationId, PageAsk};
use service::graphql::{
    CurrencyCode, IntoGraph, Url,
    Who::{BoxOffice, Manager, Operator, Owner, Public, Scanner},
    access, viewer,
};

use super::{
    discovery::{EventConnection, Performer, events},
    enums::{EventCategory, EventStatus},
    image::Image,
    loaders::{Loaders, ProgrammeOf},
    plan::PublicUrl,
    settings::{EventSettings, manages},
    venue::{Venue, VenueLayout},
};
use crate::domain::{
    self, EventAtVenue, EventOrder, EventSearch, GeoPoint,
    search::{ProgrammeAsk, SimilarAsk},
    use_cases::at_most,
};

/// Something to buy tickets for.
pub(crate) struct Event(pub(crate) EventAtVenue, pub(super) Option<GeoPoint>);

/// Something to buy tickets for.
#[Object(directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
impl Event {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.event.id().public().into()
    }

    /// Its page.
    async fn url(&self, context: &Context<'_>) -> Result<Url> {
        let base = &context.data::<PublicUrl>()?.0;
        Ok(Url(format!("{base}/events/{}", self.0.event.snapshot().slug)))
    }

    /// Its date as a file for calendars (iCalendar, RFC 5545). That of a draft is for members of its organization.
    async fn calendar_url(&self, context: &Context<'_>) -> Result<Url> {
        let base = &context.data::<PublicUrl>()?.0;
        Ok(Url(format!("{base}/api/events/v1/events/{}/calendar.ics", self.0.event.id().public())))
    }

    /// Its name in addresses; no two events have the same, and it never changes.
    async fn slug(&self) -> &str {
        &self.0.event.snapshot().slug
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.details().title
    }

    /// What awaits the visitor, as plain text.
    async fn description(&self) -> &str {
        &self.details().description
    }

    /// What kind of event.
    async fn category(&self) -> EventCategory {
        self.details().category.into()
    }

    /// Free words to find it by.
    async fn tags(&self) -> &[String] {
        &self.details().tags
    }

    /// Who performs, the most important first.
    async fn performers(&self) -> Vec<Performer> {
        let organization = self.0.event.snapshot().organization_id;
        self.details().performers.iter().map(|name| Performer::of(organization, name)).collect()
    }

    /// How far it is from the point that the list was filtered by (`near`), in kilometres as the crow flies. Null elsewhere, and
    /// where the venue's place is not known.
    async fn distance_km(&self) -> Option<f64> {
        self.1.zip(self.0.venue.location()).map(|(from, to)| from.km_to(to))
    }

    /// Events that are like it and not over, the most alike first: what shares performers before what shares tags, its kind and
    /// its city. Everybody sees the same. Empty in the moments after a start.
    #[graphql(complexity = "page_cost(first, child_complexity)", directive = access::apply([Public].into(), None))]
    async fn similar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 20.", default_with = "Some(6)")] first: Option<i32>,
    ) -> Result<Option<Vec<Event>>> {
        let ask = SimilarAsk { to: self.0.event.id(), first: at_most(first.unwrap_or(6)).graph()? };
        let found = context.data::<DataLoader<Loaders>>()?.load_one(ask).await?;
        Ok(Some(found.unwrap_or_default().into_iter().map(Event::of).collect()))
    }

    /// Who sells the tickets.
    async fn organization(&self) -> Option<Organization> {
        Some(Organization(self.0.event.snapshot().organization_id))
    }

    /// Where it takes place.
    async fn venue(&self) -> Venue {
        Venue(self.0.venue.clone())
    }

    /// The seating plan; null as long as there is none.
    async fn layout(&self, context: &Context<'_>) -> Result<Option<VenueLayout>> {
        let Some(id) = self.0.event.snapshot().layout_id else { return Ok(None) };
        let loader = context.data::<DataLoader<Loaders>>()?;
        Ok(loader.load_one(id).await?.map(VenueLayout))
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.details().starts_at
    }

    /// When it ends.
    async fn ends_at(&self) -> DateTime<Utc> {
        self.details().ends_at
    }

    /// When doors open, where that is known.
    async fn doors_at(&self) -> Option<DateTime<Utc>> {
        self.details().doors_at
    }

    /// The venue's time zone of the IANA database, in which times are to be shown.
    async fn timezone(&self) -> &'static str {
        self.0.venue.timezone().name()
    }

    /// Where it stands.
    async fn status(&self) -> EventStatus {
        self.0.event.snapshot().status.into()
    }

    /// Why it was called off.
    async fn cancel_reason(&self) -> Option<&str> {
        self.0.event.snapshot().cancel_reason.as_deref()
    }

    /// In which prices are.
    async fn currency(&self) -> CurrencyCode {
        self.details().currency.into()
    }

    /// The first of its pictures; null as long as there is none. `setEventImage` of the REST interface sets it.
    async fn image(&self, context: &Context<'_>) -> Result<Option<Image>> {
        let Some(id) = self.0.event.snapshot().images.first().copied() else { return Ok(None) };
        let loader = context.data::<DataLoader<Loaders>>()?;
        Ok(loader.load_one(id).await?.map(Image))
    }

    /// Its pictures, at most 12, in their order. `addEventImage` of the REST interface adds one.
    async fn images(&self, context: &Context<'_>) -> Result<Vec<Image>> {
        let ids = &self.0.event.snapshot().images;
        let loader = context.data::<DataLoader<Loaders>>()?;
        let mut read = loader.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| read.remove(id)).map(Image).collect())
    }

    /// A picture's address.
    #[graphql(deprecation = "Use image. Goes away with 2.0.")]
    async fn image_url(&self) -> Option<&str> {
        self.details().image_url.as_deref()
    }

    /// True when everybody is told how many places are left. If not, the public is told only whether there are plenty, few or
    /// none.
    async fn shows_stock(&self) -> bool {
        self.details().shows_stock
    }

    /// What of its terms is its own. For owners and managers; null for others. Everybody reads in `refundPolicy` what buyers get
    /// back.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn settings(&self, context: &Context<'_>) -> Result<Option<EventSettings>> {
        let sees_them = manages(context, self.0.event.snapshot().organization_id).await?;
        Ok(sees_them.then(|| self.details().terms.clone().into()))
    }
}

impl Event {
    /// An event that was found wherever it is.
    pub(crate) fn of(found: EventAtVenue) -> Self {
        Self(found, None)
    }

    fn details(&self) -> &domain::EventDetails {
        self.0.event.details()
    }
}

/// Who sells tickets.
pub(crate) struct Organization(pub(crate) OrganizationId);

/// Who sells tickets.
#[Object(directive = access::apply([Public].into(), None))]
impl Organization {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.public().into()
    }

    /// All its events by start, those that are over too. Members see drafts as well.
    #[graphql(complexity = "page_cost(first, child_complexity)", directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
    async fn events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which: endCursor of the page before.")] after: Option<String>,
    ) -> Result<Option<EventConnection>> {
        let viewer = viewer(context);
        let by_start = |cursor: &Cursor| EventOrder::StartsAt.read(cursor).map(drop);
        let ask = PageAsk::parse_in(first, after.as_deref(), 20, by_start).graph()?;
        let from_start = ask.after.is_none();
        let key = ProgrammeOf { organization: self.0, viewer, ask: programme(context, &ask) };
        let page = context.data::<DataLoader<Loaders>>()?.load_one(key).await?;
        // Whether they are over does not matter here.
        let search = EventSearch { organization_id: Some(self.0), whenever: true, ..EventSearch::default() };
        Ok(page.map(|page| events(page, from_start, search, None)))
    }
}

/// What a page may cost against the limit: fewer pages of much, more of little.
pub(super) fn page_cost(first: Option<i32>, child_complexity: usize) -> usize {
    let first = usize::try_from(first.unwrap_or(20)).unwrap_or(0);
    child_complexity.saturating_mul((first / 5).clamp(1, 20))
}

/// True when the operation asks how many there are in all.
pub(super) fn is_counted(context: &Context<'_>) -> bool {
    context.look_ahead().field("totalCount").exists()
}

fn programme(context: &Context<'_>, ask: &PageAsk) -> ProgrammeAsk {
    let after = ask.after.as_ref().map(|cursor| cursor.key().to_owned());
    ProgrammeAsk { first: ask.first, after, counted: is_counted(context) }
}
