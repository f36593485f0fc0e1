use contracts::events::SectionPlan;
use kernel::{LayoutId, Refusal, Result, UserId, VenueId};
use serde::Serialize;

use super::Events;
use crate::domain::{Drawing, IdempotencyKey, Layout, LayoutHead};

/// Draw up a seating plan of a venue.
#[derive(Clone, Debug, Serialize)]
pub struct DefineLayout {
    /// Of which venue.
    pub venue_id: VenueId,
    /// Its name.
    pub name: String,
    /// In the order in which they are to be shown; a seat with an empty key gets
    /// `<section>-<row>-<label>`.
    pub sections: Vec<SectionPlan>,
    /// What it looks like besides its seats.
    pub drawing: Drawing,
    /// Makes a repeated call give the first answer.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Events {
    /// Draws up a layout. It never changes afterwards.
    #[tracing::instrument(skip_all)]
    pub async fn define_layout(&self, by: UserId, ask: DefineLayout) -> Result<LayoutHead> {
        let key = IdempotencyKey::read(by, "createVenueLayout", ask.idempotency_key.as_deref(), &ask)?;
        let venue = self.reads.venue(ask.venue_id).await?.ok_or_else(no_such_venue)?;
        if let Err(refused) = self.require_organizer(venue.organization_id(), by).await {
            // Whoever cannot see the venue must not learn that it exists.
            let seen = self.reads.is_public_venue(venue.id()).await?
                || self.members.is_member(venue.organization_id(), by).await?;
            return Err(if seen { refused } else { no_such_venue().into() });
        }
        let now = self.clock.now();
        let mut layout =
            Layout::new(&venue, &ask.name, ask.sections, ask.drawing, self.layout_max_seats, now)?;
        let mut tx = self.store.begin().await?;
        if let Some(key) = &key
            && let Some(made_before) = tx.remember(key, layout.head().id.uuid()).await?
        {
            let layout = tx.layout(LayoutId::from_uuid(made_before)).await?;
            return Ok(layout.ok_or_else(|| Refusal::not_found("layout"))?);
        }
        tx.add_layout(&mut layout).await?;
        tx.commit().await?;
        Ok(layout.head().clone())
    }
}

fn no_such_venue() -> Refusal {
    Refusal::not_found("venue").with("field", "venueId")
}
