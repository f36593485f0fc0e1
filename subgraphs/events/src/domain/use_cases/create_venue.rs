use kernel::{OrganizationId, Refusal, Result, TimeZone, UserId, VenueId};
use serde::Serialize;

use super::Events;
use crate::domain::{Address, GeoPoint, IdempotencyKey, Venue};

/// Enter a place where an organization's events happen.
#[derive(Clone, Debug, Serialize)]
pub struct CreateVenue {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// Its place on the map.
    pub location: Option<GeoPoint>,
    /// The zone of its clocks.
    pub timezone: TimeZone,
    /// Makes a repeated call give the first answer.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Events {
    /// Enters a venue.
    #[tracing::instrument(skip_all)]
    pub async fn create_venue(&self, by: UserId, ask: CreateVenue) -> Result<Venue> {
        let key = IdempotencyKey::read(by, "createVenue", ask.idempotency_key.as_deref(), &ask)?;
        let now = self.clock.now();
        let venue = Venue::new(ask.organization_id, &ask.name, ask.address, ask.location, ask.timezone, now)?;
        self.require_organizer(ask.organization_id, by).await?;
        let mut tx = self.store.begin().await?;
        if let Some(key) = &key
            && let Some(made_before) = tx.remember(key, venue.id().uuid()).await?
        {
            let venue = tx.venue(VenueId::from_uuid(made_before)).await?;
            return Ok(venue.ok_or_else(|| Refusal::not_found("venue"))?);
        }
        tx.add_venue(&venue).await?;
        tx.commit().await?;
        Ok(venue)
    }
}
