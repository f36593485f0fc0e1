use std::collections::HashMap;

use kernel::{EventId, LayoutId, OrganizationId, Page, PageAsk, Result, UserId, VenueId, Viewer};

use super::{EventAtVenue, EventBy, Events};
use crate::domain::{EventSearch, EventSort, LayoutHead, Venue};

impl Events {
    /// One event, if the viewer may see it.
    pub async fn event(&self, viewer: Viewer, by: EventBy) -> Result<Option<EventAtVenue>> {
        let Some(found) = self.reads.event(by).await? else { return Ok(None) };
        let organization = found.event.snapshot().organization_id;
        let seen = found.event.is_public() || self.sees_all_of(viewer, organization).await?;
        Ok(seen.then_some(found))
    }

    /// Those of these events that the viewers may see, in no order.
    pub async fn events(&self, asked: &[(Viewer, EventId)]) -> Result<Vec<(Viewer, EventAtVenue)>> {
        let ids: Vec<EventId> = asked.iter().map(|(_, id)| *id).collect();
        let found = self.reads.events(&ids).await?;
        let drafts = found.iter().any(|found| !found.event.is_public());
        let people: Vec<UserId> = asked.iter().filter_map(|(viewer, _)| viewer.user()).collect();
        let organizations =
            if drafts { self.members.organizations_of(&people).await? } else { HashMap::new() };
        let mut seen = Vec::with_capacity(asked.len());
        for (viewer, id) in asked {
            let Some(found) = found.iter().find(|found| found.event.id() == *id) else { continue };
            let own = viewer.user().and_then(|viewer| organizations.get(&viewer));
            let own = own.is_some_and(|own| own.contains(&found.event.snapshot().organization_id));
            if own || viewer.is_operator() || found.event.is_public() {
                seen.push((*viewer, found.clone()));
            }
        }
        Ok(seen)
    }

    /// The events of a search, as far as the viewer may see them. Drafts are only listed where their
    /// status is asked for, and what is over where that is. How many there are in all is 0 unless it is to be counted.
    pub async fn search(
        &self,
        viewer: Viewer,
        search: EventSearch,
        sort: Option<EventSort>,
        page: &PageAsk,
        counted: bool,
    ) -> Result<Page<EventAtVenue>> {
        let listing = search.listed(sort, self.clock.now())?;
        if listing.search.query.as_deref().is_some_and(|query| !query.trim().is_empty()) {
            self.limits.looks_for_words()?;
        }
        self.reads.search(&listing, viewer, page, counted).await
    }

    /// A page of each of these organizations' events by start, those that are over too, and drafts for their members.
    pub async fn programmes(
        &self,
        viewer: Viewer,
        organizations: &[OrganizationId],
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<EventAtVenue>>> {
        self.reads.programmes(organizations, viewer, page, counted).await
    }

    /// One venue, if the viewer may see it: members of its organization do, and everybody once an event
    /// there was published.
    pub async fn venue(&self, viewer: Viewer, id: VenueId) -> Result<Option<Venue>> {
        let Some(venue) = self.reads.venue(id).await? else { return Ok(None) };
        let seen = self.sees_all_of(viewer, venue.organization_id()).await?
            || self.reads.is_public_venue(id).await?;
        Ok(seen.then_some(venue))
    }

    /// Layouts of venues that the viewer may see.
    pub async fn layouts_of(&self, viewer: Viewer, venues: &[VenueId]) -> Result<Vec<LayoutHead>> {
        self.reads.layouts_of(venues, viewer).await
    }

    /// True when everybody may see the layout; nothing where the viewer may not or there is none.
    pub async fn layout_is_public(&self, viewer: Viewer, id: LayoutId) -> Result<Option<bool>> {
        let Some(layout) = self.reads.layouts(&[id]).await?.pop() else { return Ok(None) };
        if self.reads.is_public_layout(id).await? {
            return Ok(Some(true));
        }
        Ok(self.sees_all_of(viewer, layout.organization_id).await?.then_some(false))
    }

    /// True for members of the organization, and for operators.
    async fn sees_all_of(&self, viewer: Viewer, organization: OrganizationId) -> Result<bool> {
        match viewer.user() {
            Some(_) if viewer.is_operator() => Ok(true),
            Some(user) => self.members.is_member(organization, user).await,
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::PageAsk;

    use super::*;
    use crate::test_stage::{Stage, now};

    async fn titles(stage: &Stage, over: bool) -> Vec<String> {
        let page = PageAsk::parse(None, None, 20).unwrap();
        let search = EventSearch { over, ..EventSearch::default() };
        let found = stage.events.search(Viewer::default(), search, None, &page, true).await.unwrap();
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
