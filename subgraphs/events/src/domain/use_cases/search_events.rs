use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, Page, PageAsk, Problems, Refusal, Result, Viewer, together};

use super::{EventAtVenue, Events};
use crate::domain::{EventSearch, EventSort, Facet, Hits, Listing, ordering::EventPlace};

/// How many events a page has where nobody said it.
const PAGE: u32 = 20;

/// Look for events, and read a page of what is found.
#[derive(Debug, Default)]
pub struct SearchEvents {
    /// What is looked for.
    pub search: EventSearch,
    /// In which order.
    pub sort: Option<EventSort>,
    /// How many events; 20 when left out.
    pub first: Option<i32>,
    /// After which: a cursor of a page before, in the same order.
    pub after: Option<String>,
    /// True when it is to be told how many there are in all.
    pub counted: bool,
    /// What could not be read; it is left out above, and is refused beside what is wrong with the rest.
    pub unread: Problems,
}

impl Events {
    /// The events of a search, as far as the viewer may see them. Drafts are only listed where their
    /// status is asked for, and what is over where that is. How many there are in all is 0 unless it is to be counted.
    pub async fn search(&self, viewer: Viewer, ask: SearchEvents) -> Result<Page<EventAtVenue>> {
        let listing = ask.listing(self.clock.now())?;
        if listing.search.query.as_deref().is_some_and(|query| !query.trim().is_empty()) {
            self.limits.looks_for_words()?;
        }
        let Some(hits) = self.looked_up(&listing, viewer).await? else {
            return self.reads.search(&listing, viewer).await;
        };
        let ids: Vec<EventId> = hits.places.iter().map(EventPlace::id).collect();
        let mut found: HashMap<EventId, EventAtVenue> =
            self.reads.events(&ids).await?.into_iter().map(|found| (found.event.id(), found)).collect();
        let page = Page::of(&listing.page, hits.places, hits.total, |place| listing.order.write(place));
        let Page { items, has_next, total } = page;
        let read = |(cursor, place): (_, EventPlace)| Some((cursor, found.remove(&place.id())?));
        Ok(Page { items: items.into_iter().filter_map(read).collect(), has_next, total })
    }

    /// What an index finds. Lists without words are the database's, and so is what not everybody may see: the index knows
    /// nothing of it.
    async fn looked_up(&self, listing: &Listing, viewer: Viewer) -> Result<Option<Hits>> {
        let words = listing.search.words().is_some_and(|words| !words.is_empty());
        let own = |status| listing.search.statuses.contains(&status) && viewer.user().is_some();
        if !words || own(EventStatus::Draft) || own(EventStatus::Cancelled) {
            return Ok(None);
        }
        self.index.search(listing).await
    }

    /// What a search finds, all its pages together, counted by each property, as far as everybody may see it. Nothing in the
    /// moments after a start, while the index is still being made.
    pub async fn facets(&self, search: EventSearch) -> Result<Vec<Facet>> {
        let listing = SearchEvents { search, ..SearchEvents::default() }.listing(self.clock.now())?;
        Ok(self.index.facets(&listing).await?.unwrap_or_default())
    }
}

impl SearchEvents {
    /// What is to be listed, or all that is wrong with what was asked.
    fn listing(self, now: DateTime<Utc>) -> Result<Listing, Refusal> {
        let Self { search, sort, first, after, counted, unread } = self;
        let order = together((unread.refuse(), search.order(sort, now))).map(|((), order)| order);
        let page = PageAsk::parse_in(first, after.as_deref(), PAGE, |cursor| {
            // Where nobody knows the order, nobody can tell whether the cursor is one of it.
            order.as_ref().map_or(Ok(()), |order| order.read(cursor).map(drop))
        });
        let (order, page) = together((order, page))?;
        Ok(Listing { search, order, page, counted, now })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::Cursor;

    use super::*;
    use crate::{
        domain::{GeoPoint, Near},
        test_stage::{Stage, now},
    };

    fn refused(ask: SearchEvents) -> Vec<String> {
        let refusal = ask.listing(now()).unwrap_err();
        refusal.problems.into_iter().map(|problem| problem.field).collect()
    }

    fn everything_wrong() -> SearchEvents {
        let mut unread = Problems::default();
        unread.add(Refusal::bad_input("organizationId", "must be an id"));
        let search = EventSearch {
            query: Some("x ".repeat(100)),
            tags: vec!["fine".to_owned(), " ".to_owned()],
            city: Some("x".repeat(101)),
            near: Some(Near { point: GeoPoint { lat: 91.0, lon: 181.0 }, km: 0.0 }),
            starts_after: Some(now()),
            starts_before: Some(now()),
            ..EventSearch::default()
        };
        SearchEvents {
            search,
            first: Some(0),
            after: Some("%".to_owned()),
            unread,
            ..SearchEvents::default()
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_search_is_told_at_once() {
        let wrong = [
            "organizationId",
            "query",
            "tags[1]",
            "city",
            "near.lat",
            "near.lon",
            "near.km",
            "startsBefore",
            "first",
            "after",
        ];
        assert_eq!(refused(everything_wrong()), wrong);
    }

    #[test]
    fn a_cursor_of_another_list_is_told_beside_a_wrong_number_and_only_where_the_order_is_known() {
        let of_another_list = Some(Cursor::after("Title|1|hamlet").encode());
        let first = Some(101);
        let by_start = SearchEvents { first, after: of_another_list.clone(), ..SearchEvents::default() };
        assert_eq!(refused(by_start), ["first", "after"]);
        let nowhere = SearchEvents {
            sort: Some(EventSort::Distance),
            first,
            after: of_another_list,
            ..SearchEvents::default()
        };
        assert_eq!(refused(nowhere), ["sort", "first"]);
    }

    async fn titles(stage: &Stage, over: bool) -> Vec<String> {
        let search = EventSearch { over, ..EventSearch::default() };
        let ask = SearchEvents { search, counted: true, ..SearchEvents::default() };
        let found = stage.events.search(Viewer::default(), ask).await.unwrap();
        let titles: Vec<_> =
            found.items.into_iter().map(|(_, found)| found.event.details().title.clone()).collect();
        assert_eq!(found.total, u64::try_from(titles.len()).unwrap());
        titles
    }

    #[tokio::test]
    async fn an_event_is_listed_until_it_is_over_and_then_where_past_ones_are_asked_for() {
        let stage = Stage::set().await;
        let layout = stage.layout().await;
        let mut later = stage.create_event("Later", Some(layout));
        later.details.starts_at += TimeDelta::days(100);
        later.details.ends_at += TimeDelta::days(100);
        let hamlet = stage.event("Hamlet", Some(layout)).await;
        let later = stage.events.create_event(stage.organizer, later).await.unwrap();
        for event in [&hamlet, &later] {
            stage.events.publish_event(stage.organizer, event.event.id()).await.unwrap();
        }
        let a_moment = TimeDelta::milliseconds(1);
        stage.clock.advance(hamlet.event.details().ends_at - now() - a_moment);
        assert_eq!(titles(&stage, false).await, ["Hamlet", "Later"]);
        assert_eq!(titles(&stage, true).await, Vec::<String>::new());
        stage.clock.advance(a_moment);
        assert_eq!(titles(&stage, false).await, ["Later"]);
        assert_eq!(titles(&stage, true).await, ["Hamlet"]);
        let page = PageAsk::parse(None, None, 20).unwrap();
        let programme = stage.events.programmes(Viewer::default(), &[stage.organization], &page, true).await;
        assert_eq!(
            programme.unwrap()[&stage.organization].total,
            2,
            "an organization's own list has all of them"
        );
    }
}
