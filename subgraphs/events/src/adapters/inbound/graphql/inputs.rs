//! What clients send about venues and events.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};
use contracts::settings::{EventTerms, RefundPolicyAsk, TaxAsk};
use kernel::{Change, Currency, EventId, Id, Problems, Refusal, TimeZone, idempotency_key, together};
use service::graphql::{
    CurrencyCode, change,
    terms::{RefundPolicyInput, TaxInput},
    unless_null,
};

use super::{
    address::{AddressInput, GeoPointInput},
    enums::EventCategory,
};
use crate::domain::{
    Address, CancelEvent, CreateEvent, CreateVenue, EventChanges, EventDetails, GeoPoint, NewTimes,
    RescheduleEvent, UpdateEvent, Venue, checked_reason,
};

/// A place where events are to happen.
#[derive(InputObject)]
pub(crate) struct CreateVenueInput {
    /// Whose it is; the caller is its owner or a manager.
    organization_id: ID,
    /// Its name, up to 200 characters.
    name: String,
    /// Its address.
    address: AddressInput,
    /// Its place on the map.
    location: Option<GeoPointInput>,
    /// The zone of its clocks, a name of the IANA database such as Europe/Vienna.
    timezone: String,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is refused.
    idempotency_key: Option<String>,
}

impl CreateVenueInput {
    pub(super) fn read(self) -> Result<CreateVenue, Refusal> {
        let (address, location) = (Address::from(self.address), self.location.map(GeoPoint::from));
        // What the venue will say of itself is told beside what cannot be read here.
        let (organization_id, timezone, _, _) = together((
            Id::parse("organizationId", &self.organization_id),
            TimeZone::parse("timezone", &self.timezone),
            Venue::checked(&self.name, address.clone(), location),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ))?;
        Ok(CreateVenue {
            organization_id,
            name: self.name,
            address,
            location,
            timezone,
            idempotency_key: self.idempotency_key,
        })
    }
}

/// An event to be made, as a draft.
#[derive(InputObject)]
pub(crate) struct CreateEventInput {
    /// Whose it is; the caller is its owner or a manager.
    organization_id: ID,
    /// Where it takes place; a venue of the organization.
    venue_id: ID,
    /// The seating plan, one of the venue's. It can come later, but before publication.
    layout_id: Option<ID>,
    /// Its title, up to 200 characters.
    title: String,
    /// What awaits the visitor, as plain text, up to 20,000 characters.
    #[graphql(default)]
    description: String,
    /// What kind of event.
    category: EventCategory,
    /// Up to 20 free words to find it by, each up to 40 characters.
    #[graphql(default)]
    tags: Vec<String>,
    /// Who performs, the most important first: up to 50 names, each up to 200 characters.
    #[graphql(default)]
    performers: Vec<String>,
    /// When it begins; in the future, within five years.
    starts_at: DateTime<Utc>,
    /// When it ends; after its start, within 31 days.
    ends_at: DateTime<Utc>,
    /// When doors open; not after the start.
    doors_at: Option<DateTime<Utc>>,
    /// In which prices are to be.
    currency: CurrencyCode,
    /// A picture's address, which begins with https://.
    #[graphql(deprecation = "Set a picture with setEventImage of the REST interface. Goes away with 2.0.")]
    image_url: Option<String>,
    /// True, also when null: everybody is told how many places are left. False: the public is told only whether there are
    /// plenty, few or none, and those who organize the event are told all.
    #[graphql(default_with = "Some(true)")]
    shows_stock: Option<bool>,
    /// How its tickets are taxed, with the fees on them, but for ticket types that have a tax of their own. Left out, it is as
    /// its organization says. A rate of 0 is for an event that is not taxed.
    tax: Option<TaxInput>,
    /// What buyers get back who return a ticket themselves. Left out, it is as its organization says.
    refund_policy: Option<RefundPolicyInput>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is refused.
    idempotency_key: Option<String>,
}

impl CreateEventInput {
    pub(super) fn read(self, now: DateTime<Utc>) -> Result<CreateEvent, Refusal> {
        let currency = self.currency.read("currency");
        let tax = self.tax.map(|tax| TaxAsk::from(tax).read()).transpose();
        let refund_policy = self.refund_policy.map(|policy| RefundPolicyAsk::from(policy).read()).transpose();
        let details = EventDetails {
            title: self.title,
            description: self.description,
            category: self.category.into(),
            tags: self.tags,
            performers: self.performers,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            doors_at: self.doors_at,
            // Where there is none, the rest is looked at all the same: nothing of it depends on the currency, nor on the terms.
            currency: *currency.as_ref().unwrap_or(&Currency::EUR),
            image_url: self.image_url,
            shows_stock: self.shows_stock.unwrap_or(true),
            terms: EventTerms {
                tax: tax.as_ref().ok().cloned().flatten(),
                refund_policy: refund_policy.as_ref().ok().cloned().flatten(),
            },
        };
        let read = together((
            Id::parse("organizationId", &self.organization_id),
            Id::parse("venueId", &self.venue_id),
            self.layout_id.map(|id| Id::parse("layoutId", &id)).transpose(),
            currency,
            tax,
            refund_policy,
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ));
        // Where all was read, the details are looked at beside the layout, and not at all when the call is a repeated one.
        let said = match &read {
            Ok(_) => Ok(()),
            Err(_) => together((details.clone().checked(), details.check_start(now))).map(drop),
        };
        let ((organization_id, venue_id, layout_id, ..), ()) = together((read, said))?;
        let idempotency_key = self.idempotency_key;
        Ok(CreateEvent { organization_id, venue_id, layout_id, details, idempotency_key })
    }
}

/// What is to change in an event; what is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateEventInput {
    /// Which event.
    event_id: ID,
    /// Its title, up to 200 characters. Its slug stays.
    title: MaybeUndefined<String>,
    /// What awaits the visitor, as plain text, up to 20,000 characters.
    description: MaybeUndefined<String>,
    /// What kind of event.
    category: MaybeUndefined<EventCategory>,
    /// Up to 20 free words to find it by, each up to 40 characters.
    tags: MaybeUndefined<Vec<String>>,
    /// Who performs, the most important first: up to 50 names, each up to 200 characters.
    performers: MaybeUndefined<Vec<String>>,
    /// The seating plan, one of the venue's; only before publication. Null takes it away.
    layout_id: MaybeUndefined<ID>,
    /// When it begins; only before publication. Afterwards it is moved with rescheduleEvent.
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// When it ends; only before publication. Afterwards it is moved with rescheduleEvent.
    ends_at: MaybeUndefined<DateTime<Utc>>,
    /// When doors open; not after the start. Null takes it away.
    doors_at: MaybeUndefined<DateTime<Utc>>,
    /// A picture's address, which begins with https://. Null takes it away.
    #[graphql(deprecation = "Set a picture with setEventImage of the REST interface. Goes away with 2.0.")]
    image_url: MaybeUndefined<String>,
    /// True: everybody is told how many places are left. False: the public is told only whether there are plenty, few or none,
    /// and those who organize the event are told all.
    shows_stock: MaybeUndefined<bool>,
    /// How its tickets are taxed, with the fees on them, but for ticket types that have a tax of their own. It holds for what is
    /// put into a cart from then on. Null makes it as its organization says again.
    tax: MaybeUndefined<TaxInput>,
    /// What buyers get back who return a ticket themselves. It holds for what is bought from then on. Null makes it as its
    /// organization says again.
    refund_policy: MaybeUndefined<RefundPolicyInput>,
}

impl UpdateEventInput {
    pub(super) fn read(self, now: DateTime<Utc>) -> Result<(EventId, UpdateEvent), Refusal> {
        let mut unread = Problems::default();
        let id = unread.note(Id::parse("eventId", &self.event_id));
        let layout_id = match change(self.layout_id) {
            Change::Set(id) => unread.note(Id::parse("layoutId", &id)).map_or(Change::Keep, Change::Set),
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
        };
        let title = unread.note(unless_null("title", self.title)).flatten();
        let description = unread.note(unless_null("description", self.description)).flatten();
        let category = unread.note(unless_null("category", self.category)).flatten();
        let tags = unread.note(unless_null("tags", self.tags)).flatten();
        let performers = unread.note(unless_null("performers", self.performers)).flatten();
        let starts_at = unread.note(unless_null("startsAt", self.starts_at));
        let ends_at = unread.note(unless_null("endsAt", self.ends_at)).flatten();
        let shows_stock = unread.note(unless_null("showsStock", self.shows_stock)).flatten();
        let tax = change(self.tax).read(|tax| TaxAsk::from(tax).read().map(Some));
        let tax = unread.note(tax).unwrap_or_default();
        let refund_policy = change(self.refund_policy);
        let refund_policy = refund_policy.read(|policy| RefundPolicyAsk::from(policy).read().map(Some));
        let refund_policy = unread.note(refund_policy).unwrap_or_default();
        // Where nobody knows the start, nobody can tell whether the other instants go with it.
        let (ends_at, doors_at) =
            if starts_at.is_some() { (ends_at, change(self.doors_at)) } else { (None, Change::Keep) };
        let changes = EventChanges {
            title,
            description,
            category: category.map(Into::into),
            tags,
            performers,
            starts_at: starts_at.flatten(),
            ends_at,
            doors_at,
            image_url: change(self.image_url),
            shows_stock,
            tax,
            refund_policy,
        };
        let Some(id) = id else {
            unread.note(changes.check(now));
            return Err(unread.refuse().expect_err("the event's id was not read"));
        };
        Ok((id, UpdateEvent { changes, layout_id, unread }))
    }
}

/// An event to be called off.
#[derive(InputObject)]
pub(crate) struct CancelEventInput {
    /// Which event.
    event_id: ID,
    /// Why, for those who have tickets; up to 500 characters.
    reason: String,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is refused.
    idempotency_key: Option<String>,
}

impl CancelEventInput {
    pub(super) fn read(self) -> Result<(EventId, CancelEvent), Refusal> {
        let (id, reason, _) = together((
            Id::parse("eventId", &self.event_id),
            checked_reason(&self.reason),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ))?;
        Ok((id, CancelEvent { reason, idempotency_key: self.idempotency_key }))
    }
}

/// An event to be moved to another time.
#[derive(InputObject)]
pub(crate) struct RescheduleEventInput {
    /// Which event.
    event_id: ID,
    /// When it begins now; in the future, within five years.
    starts_at: DateTime<Utc>,
    /// When it ends now; after its start, within 31 days.
    ends_at: DateTime<Utc>,
    /// When doors open now; not after the start. Left out, no time is told.
    doors_at: Option<DateTime<Utc>>,
    /// Why, for those who have tickets; up to 500 characters.
    reason: String,
    /// Until when those who had ordered before may give their tickets back for all of their money, whatever the refund policy
    /// says; in the future, not after the new start. Left out, the policy alone counts.
    refundable_until: Option<DateTime<Utc>>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is refused.
    idempotency_key: Option<String>,
}

impl RescheduleEventInput {
    pub(super) fn read(self, now: DateTime<Utc>) -> Result<(EventId, RescheduleEvent), Refusal> {
        let to = NewTimes {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            doors_at: self.doors_at,
            reason: self.reason,
            refundable_until: self.refundable_until,
        };
        let read = together((
            Id::parse("eventId", &self.event_id),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ));
        // Where all was read, the times are looked at when the event is moved, and not at all when the call is a repeated one.
        let said = if read.is_ok() { Ok(()) } else { to.clone().checked(now).map(drop) };
        let ((id, _), ()) = together((read, said))?;
        Ok((id, RescheduleEvent { to, idempotency_key: self.idempotency_key }))
    }
}
