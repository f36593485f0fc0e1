use chrono::{DateTime, Utc};
use contracts::events::EventStatus;

use super::{KnownEvent, SalesStatus, TicketType};

/// Where the sale of an event stands, all its ticket types together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaleStatus {
    /// The event is a draft.
    NotPublished,
    /// Nothing can be bought yet.
    Scheduled,
    /// Something can be bought.
    OnSale,
    /// Nothing is left just now.
    SoldOut,
    /// The event was put off, and has no new date yet.
    Paused,
    /// Sales are over.
    Closed,
    /// The event was called off.
    Cancelled,
}

impl SaleStatus {
    /// Of an event whose ticket types, those that everybody sees, stand so. What comes on sale later counts for more than
    /// what is sold out: there is still something to wait for.
    pub fn of(event: &KnownEvent, now: DateTime<Utc>, types: &[SalesStatus]) -> Self {
        let any = |wanted| types.contains(&wanted);
        match event.facts.status {
            EventStatus::Cancelled => Self::Cancelled,
            EventStatus::Draft => Self::NotPublished,
            _ if event.is_over(now) => Self::Closed,
            EventStatus::Postponed => Self::Paused,
            _ if any(SalesStatus::OnSale) => Self::OnSale,
            _ if any(SalesStatus::Scheduled) || types.is_empty() => Self::Scheduled,
            _ if any(SalesStatus::SoldOut) => Self::SoldOut,
            _ => Self::Closed,
        }
    }
}

/// When the first of these comes on sale; none when one of them is from the start, or there are none.
pub fn sale_starts_at<'t>(types: impl IntoIterator<Item = &'t TicketType>) -> Option<DateTime<Utc>> {
    // None is before every instant.
    types.into_iter().map(TicketType::opens_at).min().flatten()
}

/// How much is left, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvailabilityLevel {
    /// More than a tenth.
    Plenty,
    /// A tenth of all places, or less.
    Few,
    /// Nothing.
    None,
}

impl AvailabilityLevel {
    /// Of so many places so many are left.
    pub fn of(total: u32, available: u32) -> Self {
        match available {
            0 => Self::None,
            left if u64::from(left) * 10 <= u64::from(total) => Self::Few,
            _ => Self::Plenty,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use contracts::{events::EventFacts, settings::EventTerms};
    use kernel::{Currency, EventId, OrganizationId, TimeZone, VenueId};

    use super::*;

    pub(in crate::domain::entities) fn an_event(status: EventStatus, now: DateTime<Utc>) -> KnownEvent {
        let facts = EventFacts {
            organization_id: OrganizationId::new(),
            slug: "songs".to_owned(),
            title: "Songs".to_owned(),
            status,
            public: None,
            venue_id: VenueId::new(),
            venue_name: "Hall".to_owned(),
            venue_address: "1 Road\nTown".to_owned(),
            city: "Town".to_owned(),
            layout_id: None,
            starts_at: now + TimeDelta::hours(1),
            ends_at: now + TimeDelta::hours(3),
            doors_at: None,
            timezone: TimeZone::UTC,
            currency: Currency::EUR,
            shows_stock: true,
        };
        KnownEvent {
            id: EventId::new(),
            version: 1,
            facts,
            opened: true,
            moved_at: None,
            refundable_until: None,
            settings_version: 0,
            settings: Arc::default(),
            own_terms: EventTerms::default(),
            taxed_since: 0,
            orphan_seat_rule: false,
        }
    }

    #[test]
    fn an_events_sale_stands_where_its_best_ticket_type_does() {
        use SalesStatus::{Closed, OnSale, Scheduled, SoldOut};
        let now = DateTime::UNIX_EPOCH;
        let published = an_event(EventStatus::Published, now);
        for (types, expected) in [
            (&[SoldOut, OnSale, Closed][..], SaleStatus::OnSale),
            (&[SoldOut, Scheduled], SaleStatus::Scheduled),
            (&[Closed, SoldOut], SaleStatus::SoldOut),
            (&[Closed], SaleStatus::Closed),
            (&[], SaleStatus::Scheduled),
        ] {
            assert_eq!(SaleStatus::of(&published, now, types), expected, "{types:?}");
        }
        assert_eq!(SaleStatus::of(&published, now + TimeDelta::hours(3), &[OnSale]), SaleStatus::Closed);
        for (status, expected) in [
            (EventStatus::Draft, SaleStatus::NotPublished),
            (EventStatus::Postponed, SaleStatus::Paused),
            (EventStatus::Cancelled, SaleStatus::Cancelled),
            (EventStatus::Completed, SaleStatus::Closed),
        ] {
            assert_eq!(SaleStatus::of(&an_event(status, now), now, &[OnSale]), expected, "{status:?}");
        }
    }

    #[test]
    fn what_is_left_is_little_from_a_tenth_downwards() {
        for (total, available, expected) in [
            (100, 100, AvailabilityLevel::Plenty),
            (100, 11, AvailabilityLevel::Plenty),
            (100, 10, AvailabilityLevel::Few),
            (3, 1, AvailabilityLevel::Plenty),
            (u32::MAX, 1, AvailabilityLevel::Few),
            (100, 0, AvailabilityLevel::None),
            (0, 0, AvailabilityLevel::None),
        ] {
            assert_eq!(AvailabilityLevel::of(total, available), expected, "{available} of {total}");
        }
    }
}
