use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::Refusal;

/// The id of a `T`: a UUID, version 7, so that ids sort by the time they were made.
///
/// The type parameter keeps an order's id from being passed for a ticket's.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// What is said of a text that is no id.
const NOT_OURS: &str = "is not an id that this API gave out";

impl<T> Id<T> {
    /// A new id, made of the present millisecond and randomness.
    #[expect(clippy::new_without_default, reason = "a default id would be a different one each time")]
    #[expect(clippy::disallowed_methods, reason = "this is the one maker of ids")]
    pub fn new() -> Self {
        Self(Uuid::now_v7(), PhantomData)
    }

    /// The id with this value.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The value, as databases keep it.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// When it was made; none for what is no id of ours, whatever it looks like.
    pub fn made_at(self) -> Option<DateTime<Utc>> {
        let (seconds, nanos) = self.0.get_timestamp().filter(|_| self.0.get_version_num() == 7)?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    }

    /// True for an id that was made in this last `span`, by this machine's clock; one that comes from a clock that is
    /// as much ahead counts as well.
    pub fn was_made_within(self, span: Duration) -> bool {
        self.made_at().is_some_and(|made| {
            (crate::clock::when_ids_are_made() - made).abs().to_std().is_ok_and(|age| age <= span)
        })
    }

    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        Uuid::from_str(text).map(Self::from_uuid).map_err(|_| Refusal::bad_input(field, NOT_OURS))
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::from_str(text).map(Self::from_uuid)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Uuid;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of an id")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Uuid, E> {
                Uuid::from_str(text).map_err(|_| E::custom(NOT_OURS))
            }
        }
        deserializer.deserialize_str(Text).map(Self::from_uuid)
    }
}

/// What ids may point at.
pub mod kinds {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $kind:ident => $alias:ident),* $(,)?) => {
            $($(#[$doc])* #[derive(Debug)] pub enum $kind {})*
            pub(super) mod aliases {
                $($(#[$doc])* pub type $alias = crate::Id<super::$kind>;)*
            }
        };
    }
    kinds! {
        /// An account.
        User => UserId,
        /// A login on one device, with its chain of refresh tokens.
        Session => SessionId,
        /// Who sells tickets.
        Organization => OrganizationId,
        /// A place where events happen.
        Venue => VenueId,
        /// A seating plan of a venue.
        Layout => LayoutId,
        /// An event.
        Event => EventId,
        /// A kind of ticket of an event.
        TicketType => TicketTypeId,
        /// A price of a ticket type, for a time or a quantity.
        Tier => TierId,
        /// Seats and places set aside for a buyer.
        Reservation => ReservationId,
        /// What a buyer is buying.
        Order => OrderId,
        /// A right to enter.
        Ticket => TicketId,
        /// A payment of an order.
        Payment => PaymentId,
        /// Money given back.
        Refund => RefundId,
        /// A message to a person.
        Notification => NotificationId,
    }
}
pub use kinds::aliases::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let ids: Vec<OrderId> = (0..100).map(|_| OrderId::new()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_tells_when_it_was_made_and_any_other_uuid_does_not() {
        assert_eq!(OrderId::from_uuid(Uuid::nil()).made_at(), None);
        assert_eq!(OrderId::from_uuid(Uuid::from_u128(u128::MAX)).made_at(), None);
        let known: OrderId = serde_json::from_str("\"0190163d-8694-739b-aea5-966c26f8ad90\"").unwrap();
        assert_eq!(known.made_at().unwrap().to_rfc3339(), "2024-06-14T10:14:09.300+00:00");
    }

    #[test]
    fn a_malformed_id_is_refused_naming_its_field() {
        let refusal = EventId::parse("eventId", "1 OR 1=1").unwrap_err();
        assert_eq!(refusal.details["field"], "eventId");
    }
}
