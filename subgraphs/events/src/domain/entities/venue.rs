//! A place where events happen.

use chrono::{DateTime, Utc};
use kernel::{OrganizationId, Refusal, TimeZone, VenueId, line, together};

use super::address::{Address, GeoPoint};

/// A place where events happen. It belongs to an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Venue(VenueSnapshot);

/// A venue as a row keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct VenueSnapshot {
    /// Which.
    pub id: VenueId,
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
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

impl Venue {
    /// A new venue of an organization.
    pub fn new(
        organization_id: OrganizationId,
        name: &str,
        address: Address,
        location: Option<GeoPoint>,
        timezone: TimeZone,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let (name, address, location) = Self::checked(name, address, location)?;
        Ok(Self(VenueSnapshot {
            id: VenueId::new(),
            organization_id,
            name,
            address,
            location,
            timezone,
            created_at: now,
        }))
    }

    /// What is said of a venue, with its texts in order; or all that is wrong with it.
    pub fn checked(
        name: &str,
        address: Address,
        location: Option<GeoPoint>,
    ) -> Result<(String, Address, Option<GeoPoint>), Refusal> {
        together((
            line("name", name, 200),
            address.checked(),
            location.map(|point| point.checked("location.")).transpose(),
        ))
    }

    /// The venue of a row; for stores only.
    pub fn restore(snapshot: VenueSnapshot) -> Self {
        Self(snapshot)
    }

    /// What a row keeps of it.
    pub fn snapshot(&self) -> &VenueSnapshot {
        &self.0
    }

    /// Which.
    pub fn id(&self) -> VenueId {
        self.0.id
    }

    /// Whose.
    pub fn organization_id(&self) -> OrganizationId {
        self.0.organization_id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its address.
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// Its place on the map.
    pub fn location(&self) -> Option<GeoPoint> {
        self.0.location
    }

    /// The zone of its clocks.
    pub fn timezone(&self) -> TimeZone {
        self.0.timezone
    }
}
