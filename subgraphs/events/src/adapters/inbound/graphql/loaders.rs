//! Reading for many objects at once, so that a list costs as many queries as one of its items.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use contracts::{events::RowPlan, users::Role};
use kernel::{Cursor, EventId, ImageId, LayoutId, OrganizationId, Page, PageAsk, UserId, VenueId, Viewer};
use service::graphql::IntoGraph;

use crate::domain::{
    EventAtVenue, Events, Image, LayoutHead, Motif,
    ports::SectionHead,
    search::{ProgrammeAsk, SimilarAsk},
};

/// What resolvers read in batches.
#[derive(Clone)]
pub(crate) struct Loaders(pub(crate) Events);

/// The sections of a layout.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SectionsOf(pub(crate) LayoutId);

/// The rows of a section, by its layout and position.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowsOf(pub(crate) LayoutId, pub(crate) u32);

/// A page of an organization's events, as a person may see them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ProgrammeOf {
    pub(crate) organization: OrganizationId,
    pub(crate) viewer: Viewer,
    pub(crate) ask: ProgrammeAsk,
}

impl Loader<ProgrammeOf> for Loaders {
    type Value = Page<EventAtVenue>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[ProgrammeOf],
    ) -> Result<HashMap<ProgrammeOf, Page<EventAtVenue>>, Self::Error> {
        // One operation asks alike for all organizations of a list.
        let mut alike: HashMap<(Viewer, &ProgrammeAsk), Vec<OrganizationId>> = HashMap::new();
        for key in keys {
            alike.entry((key.viewer, &key.ask)).or_default().push(key.organization);
        }
        let mut pages = HashMap::with_capacity(keys.len());
        for ((viewer, ask), organizations) in alike {
            let page = PageAsk { first: ask.first, after: ask.after.clone().map(Cursor::after) };
            let found = self.0.programmes(viewer, &organizations, &page, ask.counted).await.graph()?;
            for (organization, page) in found {
                pages.insert(ProgrammeOf { organization, viewer, ask: ask.clone() }, page);
            }
        }
        Ok(pages)
    }
}

impl Loader<(Viewer, EventId)> for Loaders {
    type Value = EventAtVenue;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[(Viewer, EventId)],
    ) -> Result<HashMap<(Viewer, EventId), EventAtVenue>, Self::Error> {
        let seen = self.0.events(keys).await.graph()?;
        Ok(seen.into_iter().map(|(viewer, found)| ((viewer, found.event.id()), found)).collect())
    }
}

impl Loader<SimilarAsk> for Loaders {
    type Value = Vec<EventAtVenue>;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[SimilarAsk]) -> Result<HashMap<SimilarAsk, Vec<EventAtVenue>>, Self::Error> {
        self.0.similar(keys).await.graph()
    }
}

impl Loader<(OrganizationId, UserId)> for Loaders {
    type Value = Role;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Self::Error> {
        self.0.members.roles(keys).await.graph()
    }
}

impl Loader<ImageId> for Loaders {
    type Value = Image;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[ImageId]) -> Result<HashMap<ImageId, Image>, Self::Error> {
        let images = self.0.reads.images(keys).await.graph()?;
        Ok(images.into_iter().map(|image| (image.id, image)).collect())
    }
}

impl Loader<Motif> for Loaders {
    type Value = Image;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[Motif]) -> Result<HashMap<Motif, Image>, Self::Error> {
        self.0.reads.motifs(keys).await.graph()
    }
}

impl Loader<LayoutId> for Loaders {
    type Value = LayoutHead;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[LayoutId]) -> Result<HashMap<LayoutId, LayoutHead>, Self::Error> {
        let heads = self.0.reads.layouts(keys).await.graph()?;
        Ok(heads.into_iter().map(|head| (head.id, head)).collect())
    }
}

impl Loader<(Viewer, VenueId)> for Loaders {
    type Value = Vec<LayoutHead>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[(Viewer, VenueId)],
    ) -> Result<HashMap<(Viewer, VenueId), Vec<LayoutHead>>, Self::Error> {
        let mut venues: HashMap<Viewer, Vec<VenueId>> = HashMap::new();
        for (viewer, venue) in keys {
            venues.entry(*viewer).or_default().push(*venue);
        }
        let mut layouts: HashMap<_, Vec<_>> = HashMap::new();
        for (viewer, venues) in venues {
            for head in self.0.layouts_of(viewer, &venues).await.graph()? {
                layouts.entry((viewer, head.venue_id)).or_default().push(head);
            }
        }
        Ok(layouts)
    }
}

impl Loader<SectionsOf> for Loaders {
    type Value = Vec<SectionHead>;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[SectionsOf]) -> Result<HashMap<SectionsOf, Vec<SectionHead>>, Self::Error> {
        let layouts: Vec<LayoutId> = keys.iter().map(|key| key.0).collect();
        let sections = self.0.reads.sections(&layouts).await.graph()?;
        Ok(sections.into_iter().map(|(layout, sections)| (SectionsOf(layout), sections)).collect())
    }
}

impl Loader<RowsOf> for Loaders {
    type Value = Arc<Vec<RowPlan>>;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[RowsOf]) -> Result<HashMap<RowsOf, Arc<Vec<RowPlan>>>, Self::Error> {
        let sections: Vec<(LayoutId, u32)> = keys.iter().map(|key| (key.0, key.1)).collect();
        let rows = self.0.reads.rows(&sections).await.graph()?;
        Ok(rows.into_iter().map(|((layout, at), rows)| (RowsOf(layout, at), Arc::new(rows))).collect())
    }
}
