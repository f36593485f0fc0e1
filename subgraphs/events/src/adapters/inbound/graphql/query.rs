use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use kernel::{EventId, Refusal};
use service::graphql::{
    IntoGraph,
    Who::{BoxOffice, Manager, Operator, Owner, Public, Scanner},
    access, id as read_id, viewer,
};

use super::{
    discovery::{EventConnection, events as page_of_events},
    enums::EventSort,
    event::{Event, Organization, is_counted, page_cost},
    filter::EventFilter,
    loaders::Loaders,
    venue::Venue,
};
use crate::domain::{EventBy, Events, SearchEvents};

/// What can be asked.
#[derive(Default)]
pub(super) struct EventQuery;

/// What can be asked.
#[Object]
impl EventQuery {
    /// One event, by its id or by its slug; null where there is none that the caller may see.
    #[graphql(directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
    async fn event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Its name in addresses.")] slug: Option<String>,
    ) -> Result<Option<Event>> {
        let by = match (id, slug) {
            (Some(id), None) => EventBy::Id(read_id("id", &id)?),
            (None, Some(slug)) if slug.len() <= 200 => EventBy::Slug(slug),
            (None, Some(_)) => {
                return Err(Refusal::bad_input("slug", "must have at most 200 characters")
                    .because(kernel::reasons::TOO_LONG))
                .graph();
            }
            _ => {
                return Err(Refusal::bad_input("id", "must be given, or slug, but not both")
                    .because(kernel::reasons::REQUIRED))
                .graph();
            }
        };
        let viewer = viewer(context);
        Ok(context.data::<Events>()?.event(viewer, by).await.graph()?.map(Event::of))
    }

    /// Events that meet a filter.
    #[graphql(complexity = "page_cost(first, child_complexity)", directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
    async fn events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Conditions that they meet; without any they are those that are not over.")]
        filter: Option<EventFilter>,
        #[graphql(desc = "In which order; when left out by `RELEVANCE` with a query, else by `STARTS_AT`.")]
        sort: Option<EventSort>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which: endCursor of the page before.")] after: Option<String>,
    ) -> Result<Option<EventConnection>> {
        let found = filter.unwrap_or_default().read();
        let search = found.search.clone();
        let ask =
            SearchEvents { sort: sort.map(Into::into), first, after, counted: is_counted(context), ..found };
        let from_start = ask.after.is_none();
        let page = context.data::<Events>()?.search(viewer(context), ask).await.graph()?;
        let near = search.near.map(|near| near.point);
        Ok(Some(page_of_events(page, from_start, search, near)))
    }

    /// One venue; null where there is none that the caller may see. Everybody sees a venue once an event
    /// there was published.
    #[graphql(directive = access::apply([Public].into(), Some([Scanner, BoxOffice, Manager, Owner, Operator].into())))]
    async fn venue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Venue>> {
        let viewer = viewer(context);
        let venue = context.data::<Events>()?.venue(viewer, read_id("id", &id)?).await.graph()?;
        Ok(venue.map(Venue))
    }

    #[graphql(entity)]
    async fn find_event_by_id(&self, context: &Context<'_>, id: ID) -> Result<Option<Event>> {
        let viewer = viewer(context);
        let Ok(id) = id.parse::<EventId>() else { return Ok(None) };
        Ok(context.data::<DataLoader<Loaders>>()?.load_one((viewer, id)).await?.map(Event::of))
    }

    #[graphql(entity)]
    async fn find_organization_by_id(&self, id: ID) -> Option<Organization> {
        id.parse().ok().map(Organization)
    }
}
