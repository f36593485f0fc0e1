use std::collections::HashMap;

use kernel::{EventId, LayoutId, OrganizationId, Page, PageAsk, Result, UserId, VenueId, Viewer};

use super::{EventAtVenue, EventBy, Events};
use crate::domain::{LayoutHead, Venue};

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
