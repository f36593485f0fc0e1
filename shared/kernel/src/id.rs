use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::{Refusal, reasons};

/// The id of a `T`: a UUID, version 7, so that ids sort by the time they were made.
///
/// The type parameter keeps an order's id from being passed for a ticket's.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// Why a text is not the id that was looked for; it goes on after the name of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongId {
    /// It is none at all.
    #[error("is not an id that this API gave out")]
    NotOurs,
    /// It points at something else.
    #[error("is the id of {of}, and must be that of {wanted}: {prefix}_…")]
    Other {
        /// At what, with its article.
        of: &'static str,
        /// At what it should.
        wanted: &'static str,
        /// What it should begin with.
        prefix: &'static str,
    },
}

/// What ids point at.
pub trait Kind {
    /// What such an id begins with where clients see it, before an underscore.
    const PREFIX: &'static str;
    /// What it is, with its article: "an order".
    const NAME: &'static str;
}

/// An id as clients see it: it says what it points at, as `ord_0190163d-8694-739b-aea5-966c26f8ad90` does. Databases, tokens
/// and messages keep the UUID alone, which is also read from clients.
pub struct Public<T>(pub Id<T>);

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

    /// As clients see it.
    pub const fn public(self) -> Public<T> {
        Public(self)
    }
}

impl<T: Kind> Id<T> {
    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        Self::read(text).map_err(|wrong| {
            let reason = match wrong {
                WrongId::NotOurs => reasons::MALFORMED,
                WrongId::Other { .. } => reasons::WRONG_KIND,
            };
            Refusal::bad_input(field, wrong.to_string()).because(reason)
        })
    }

    /// Reads an id as clients see it, or its UUID alone; or says what is wrong with it.
    fn read(text: &str) -> Result<Self, WrongId> {
        let (prefix, uuid) = text.split_once('_').unwrap_or((T::PREFIX, text));
        let uuid = Uuid::from_str(uuid).map_err(|_| WrongId::NotOurs)?;
        if prefix == T::PREFIX {
            return Ok(Self::from_uuid(uuid));
        }
        let (_, of) = kinds::NAMES.iter().find(|(known, _)| *known == prefix).ok_or(WrongId::NotOurs)?;
        Err(WrongId::Other { of, wanted: T::NAME, prefix: T::PREFIX })
    }
}

impl<T> Clone for Public<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Public<T> {}
impl<T: Kind> fmt::Display for Public<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", T::PREFIX, self.0)
    }
}
impl<T: Kind> fmt::Debug for Public<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<T: Kind> Serialize for Public<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, T: Kind> Deserialize<'de> for Public<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<fn() -> T>);
        impl<T: Kind> de::Visitor<'_> for Text<T> {
            type Value = Public<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of an id")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Public<T>, E> {
                Id::read(text).map(Public).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
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
impl<T: Kind> FromStr for Id<T> {
    type Err = WrongId;
    fn from_str(text: &str) -> Result<Self, WrongId> {
        Self::read(text)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T: Kind> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Public::deserialize(deserializer).map(|Public(id)| id)
    }
}

/// What ids may point at.
pub mod kinds {
    use super::Kind;

    macro_rules! kinds {
        ($($(#[$doc:meta])* $kind:ident => $alias:ident, $prefix:literal, $name:literal;)*) => {
            $($(#[$doc])* #[derive(Debug)] pub enum $kind {}
            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
                const NAME: &'static str = $name;
            })*
            /// The prefix and the name of each.
            pub(super) const NAMES: &[(&str, &str)] = &[$(($prefix, $name)),*];
            pub(super) mod aliases {
                $($(#[$doc])* pub type $alias = crate::Id<super::$kind>;)*
            }
        };
    }
    kinds! {
        /// An account.
        User => UserId, "usr", "an account";
        /// A login on one device, with its chain of refresh tokens.
        Session => SessionId, "ses", "a session";
        /// What somebody shows at a login besides the password.
        SecondFactor => SecondFactorId, "fac", "a second factor";
        /// An account elsewhere, by which somebody signs in here.
        ForeignAccount => ForeignAccountId, "fga", "a foreign account";
        /// Who sells tickets.
        Organization => OrganizationId, "org", "an organization";
        /// A question to somebody whether they join an organization.
        Invitation => InvitationId, "inv", "an invitation";
        /// A place where events happen.
        Venue => VenueId, "ven", "a venue";
        /// A seating plan of a venue.
        Layout => LayoutId, "lay", "a layout";
        /// An event.
        Event => EventId, "evt", "an event";
        /// A picture of an event.
        Image => ImageId, "img", "an image";
        /// A kind of ticket of an event.
        TicketType => TicketTypeId, "typ", "a ticket type";
        /// A price of a ticket type, for a time or a quantity.
        Tier => TierId, "tier", "a price tier";
        /// A code that takes something off the price of an event's tickets.
        PromoCode => PromoCodeId, "prm", "a promo code";
        /// Seats and places set aside for a buyer.
        Reservation => ReservationId, "res", "a reservation";
        /// Places of one type and price in a reservation, or in the order that it became.
        LineItem => LineItemId, "itm", "a line item";
        /// What a buyer is buying.
        Order => OrderId, "ord", "an order";
        /// A right to enter.
        Ticket => TicketId, "tkt", "a ticket";
        /// A payment of an order.
        Payment => PaymentId, "pay", "a payment";
        /// Money given back.
        Refund => RefundId, "rfd", "a refund";
        /// An invoice or a credit note.
        Invoice => InvoiceId, "ivc", "an invoice";
        /// A business transaction over several services.
        Saga => SagaId, "sga", "a saga";
        /// A wish that waits for places of an event that is sold out.
        WaitlistEntry => WaitlistEntryId, "wle", "an entry of a waiting list";
        /// A message to a person.
        Notification => NotificationId, "ntf", "a notification";
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
        let id = EventId::new();
        for text in
            ["1 OR 1=1", "", "evt_", "evt_x", "_", "EVT_", &format!("xyz_{id}"), &format!("evt_evt_{id}")]
        {
            let refusal = EventId::parse("eventId", text).unwrap_err();
            assert_eq!(refusal.details["field"], "eventId");
            assert!(
                refusal.message.contains("is not an id that this API gave out"),
                "{text}: {}",
                refusal.message
            );
        }
    }

    #[test]
    fn an_id_says_what_it_is_and_is_read_with_or_without_that() {
        let id: OrderId = serde_json::from_str("\"0190163d-8694-739b-aea5-966c26f8ad90\"").unwrap();
        let shown = "ord_0190163d-8694-739b-aea5-966c26f8ad90";
        assert_eq!(id.public().to_string(), shown);
        assert_eq!(serde_json::to_value(id.public()).unwrap(), shown);
        assert_eq!(serde_json::from_value::<Public<kinds::Order>>(shown.into()).unwrap().0, id);
        assert_eq!(OrderId::parse("orderId", shown).unwrap(), id);
        assert_eq!(OrderId::parse("orderId", &id.to_string()).unwrap(), id);
        assert_eq!(serde_json::to_value(id).unwrap(), &shown[4..], "messages keep the UUID");
    }

    #[test]
    fn the_id_of_something_else_is_told_from_nonsense() {
        let refusal = EventId::parse("eventId", &OrderId::new().public().to_string()).unwrap_err();
        assert_eq!(refusal.code, crate::ErrorCode::BadUserInput);
        assert!(refusal.message.contains("is the id of an order, and must be that of an event: evt_…"));
    }
}
