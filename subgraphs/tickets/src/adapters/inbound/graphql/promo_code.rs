use std::collections::HashMap;

use async_graphql::{Context, Error, ID, InputObject, MaybeUndefined, Object, Result, dataloader::Loader};
use chrono::{DateTime, Utc};
use kernel::{
    Cursor, EventId, Fault, Id, Page, PageAsk, PromoCodeId, Rate, Refusal, TicketTypeId, UserId,
    idempotency_key, line, together,
};
use service::graphql::{
    Decimal, IntoGraph, Money, MoneyInput,
    Who::{Manager, Owner},
    access, unless_null,
};

use super::{
    input::{each_at, positive},
    loaders::{Loaders, load},
    ticket_type::TicketType,
};
use crate::domain::{
    entities::{self, Change, PromoCodeChange},
    pricing::Off,
    use_cases::{CreatePromoCode, UpdatePromoCode},
};

/// The most ticket types one code may name.
const MOST_TYPES: usize = 100;
/// The longest code that is read, in characters; none is so long.
const LONGEST: usize = 100;

/// A code that takes something off the price of an event's tickets.
pub(crate) struct PromoCode(pub(crate) entities::PromoCode);

/// A code that takes something off the price of an event's tickets.
#[Object(directive = access::apply([Manager, Owner].into(), None))]
impl PromoCode {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.state().id.public().into()
    }

    /// What buyers type, in capital letters or not.
    async fn code(&self) -> &str {
        &self.0.state().promo.code
    }

    /// Which part it takes off the base price of each ticket, in percent: with 100 tickets are free. Null where it takes off
    /// an amount.
    async fn percent_off(&self) -> Option<Decimal> {
        match self.0.state().promo.off {
            Off::Percent(part) => Some(Decimal(part.to_string())),
            Off::Everything => Some(Decimal(Rate::WHOLE.to_string())),
            Off::Amount(_) => None,
        }
    }

    /// How much it takes off the base prices of all its tickets in an order together, and never more than they are. Null where
    /// it takes off a part.
    async fn amount_off(&self) -> Option<Money> {
        match self.0.state().promo.off {
            Off::Amount(amount) => Some(amount.into()),
            Off::Percent(_) | Off::Everything => None,
        }
    }

    /// For tickets of which types; of all when empty.
    async fn ticket_types(&self, context: &Context<'_>) -> Result<Vec<TicketType>> {
        let named = self.0.state().promo.ticket_types.iter().flatten();
        let types = named.map(|id| load(context, *id));
        let types = futures::future::try_join_all(types).await?;
        let known = |found: Option<entities::TicketType>| {
            found
                .map(TicketType::alone)
                .ok_or_else(|| Fault::broken_rule("a promo code of an unknown ticket type"))
        };
        types.into_iter().map(known).collect::<Result<_, _>>().graph()
    }

    /// How many orders may have it; any number when null.
    async fn max_redemptions(&self) -> Option<u32> {
        self.0.state().max_redemptions
    }

    /// How many orders have it at this moment, and reservations that wait for their buyers. Those that ended without tickets
    /// do not count.
    async fn redemptions(&self, context: &Context<'_>) -> Result<u32> {
        Ok(load(context, RedemptionsOf(self.0.state().id)).await?.unwrap_or_default())
    }

    /// From when it can be used; at once when null.
    async fn valid_from(&self) -> Option<DateTime<Utc>> {
        self.0.state().valid_from
    }

    /// Until when it can be used; as long as tickets are sold when null.
    async fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.0.state().valid_until
    }

    /// False while it is switched off.
    async fn active(&self) -> bool {
        self.0.state().active
    }
}

/// A code to give away. It takes off either a part or an amount.
#[derive(InputObject)]
pub(crate) struct CreatePromoCodeInput {
    /// Of which event.
    event_id: ID,
    /// What buyers type: 3 to 32 letters from A to Z, digits, hyphens and underscores. Capital letters or not are the same;
    /// an event has one code of a name.
    code: String,
    /// Which part it takes off the base price of each ticket, in percent, with at most 4 decimals; 100 makes tickets free.
    percent_off: Option<Decimal>,
    /// How much it takes off the base prices of all its tickets in an order together, in the event's currency.
    amount_off: Option<MoneyInput>,
    /// For tickets of which types; of all when left out.
    ticket_type_ids: Option<Vec<ID>>,
    /// How many orders may have it; any number when left out.
    max_redemptions: Option<i32>,
    /// How many orders of one buyer may have it; any number when left out.
    max_per_buyer: Option<i32>,
    /// From when it can be used; at once when left out.
    valid_from: Option<DateTime<Utc>>,
    /// Until when it can be used; as long as tickets are sold when left out.
    valid_until: Option<DateTime<Utc>>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: Option<String>,
}

/// A change of a code. What is left out stays as it is. Whoever has applied the code keeps what it took off.
#[derive(InputObject)]
pub(crate) struct UpdatePromoCodeInput {
    /// Which.
    promo_code_id: ID,
    /// How many orders may have it; null: any number. When more have it already, no further one can.
    max_redemptions: MaybeUndefined<i32>,
    /// Until when it can be used; null: as long as tickets are sold.
    valid_until: MaybeUndefined<DateTime<Utc>>,
    /// False switches it off, true on again.
    active: MaybeUndefined<bool>,
}

/// A code for a reservation.
#[derive(InputObject)]
pub(crate) struct ApplyPromoCodeInput {
    /// Which reservation.
    reservation_id: ID,
    /// The code, in capital letters or not.
    code: String,
}

impl CreatePromoCodeInput {
    pub(crate) fn read(self, by: UserId) -> Result<CreatePromoCode, Refusal> {
        let limit = |field, limit: Option<i32>| limit.map(|limit| positive(field, limit)).transpose();
        let (
            event,
            code,
            percent_off,
            amount_off,
            ticket_types,
            max_redemptions,
            max_per_buyer,
            idempotency_key,
        ) = together((
            Id::parse("eventId", &self.event_id),
            line("code", &self.code, LONGEST),
            self.percent_off.map(|percent| Rate::parse("percentOff", &percent.0)).transpose(),
            self.amount_off.map(|amount| amount.read("amountOff")).transpose(),
            self.ticket_type_ids.as_deref().map(types).transpose(),
            limit("maxRedemptions", self.max_redemptions),
            limit("maxPerBuyer", self.max_per_buyer),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ))?;
        let (valid_from, valid_until) = (self.valid_from, self.valid_until);
        Ok(CreatePromoCode {
            by,
            event,
            code,
            percent_off,
            amount_off,
            ticket_types,
            max_redemptions,
            max_per_buyer,
            valid_from,
            valid_until,
            idempotency_key,
        })
    }
}

impl UpdatePromoCodeInput {
    pub(crate) fn read(self, by: UserId) -> Result<UpdatePromoCode, Refusal> {
        let max_redemptions = match self.max_redemptions {
            MaybeUndefined::Undefined => Ok(Change::Keep),
            MaybeUndefined::Null => Ok(Change::Clear),
            MaybeUndefined::Value(most) => positive("maxRedemptions", most).map(Change::Set),
        };
        let valid_until = match self.valid_until {
            MaybeUndefined::Undefined => Change::Keep,
            MaybeUndefined::Null => Change::Clear,
            MaybeUndefined::Value(until) => Change::Set(until),
        };
        let (code, max_redemptions, active) = together((
            Id::parse("promoCodeId", &self.promo_code_id),
            max_redemptions,
            unless_null("active", self.active),
        ))?;
        Ok(UpdatePromoCode { by, code, change: PromoCodeChange { max_redemptions, valid_until, active } })
    }
}

impl ApplyPromoCodeInput {
    /// Which reservation, and which code.
    pub(crate) fn read(&self) -> Result<(kernel::ReservationId, String), Refusal> {
        together((Id::parse("reservationId", &self.reservation_id), line("code", &self.code, LONGEST)))
    }
}

fn types(named: &[ID]) -> Result<Vec<TicketTypeId>, Refusal> {
    if named.is_empty() || named.len() > MOST_TYPES {
        let why = format!("must be from 1 to {MOST_TYPES}; leave them out for all ticket types");
        return Err(Refusal::bad_input("ticketTypeIds", why).because(kernel::reasons::WRONG_COUNT));
    }
    each_at("ticketTypeIds", named, |id| Id::parse("ticketTypeIds", id))
}

/// A page of an event's promo codes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PromoCodesOf {
    event: EventId,
    page: AskedPage,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct AskedPage {
    first: u32,
    after: Option<String>,
    counted: bool,
}

impl PromoCodesOf {
    pub(super) fn page(context: &Context<'_>, event: EventId, ask: &PageAsk) -> Self {
        let page = AskedPage {
            first: ask.first,
            after: ask.after.as_ref().map(|cursor| cursor.key().to_owned()),
            counted: context.look_ahead().field("totalCount").exists(),
        };
        Self { event, page }
    }
}

/// How often a promo code is redeemed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RedemptionsOf(PromoCodeId);

/// Of many events one statement reads the same page: mostly all pages are alike.
impl Loader<PromoCodesOf> for Loaders {
    type Value = Page<entities::PromoCode>;
    type Error = Error;

    async fn load(&self, asked: &[PromoCodesOf]) -> Result<HashMap<PromoCodesOf, Self::Value>> {
        let mut alike: HashMap<&AskedPage, Vec<EventId>> = HashMap::new();
        for of in asked {
            alike.entry(&of.page).or_default().push(of.event);
        }
        let mut found = HashMap::new();
        for (page, events) in alike {
            let ask = PageAsk { first: page.first, after: page.after.clone().map(Cursor::after) };
            let pages = self.0.reads().promo_codes_of(&events, &ask, page.counted).await.graph()?;
            let of = |event| PromoCodesOf { event, page: page.clone() };
            found.extend(pages.into_iter().map(|(event, codes)| (of(event), codes)));
        }
        Ok(found)
    }
}

impl Loader<RedemptionsOf> for Loaders {
    type Value = u32;
    type Error = Error;

    async fn load(&self, codes: &[RedemptionsOf]) -> Result<HashMap<RedemptionsOf, u32>> {
        let codes: Vec<PromoCodeId> = codes.iter().map(|of| of.0).collect();
        let found = self.0.reads().redemptions(&codes).await.graph()?;
        Ok(found.into_iter().map(|(code, times)| (RedemptionsOf(code), times)).collect())
    }
}

impl Loader<(UserId, PromoCodeId)> for Loaders {
    type Value = entities::PromoCode;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(UserId, PromoCodeId)],
    ) -> Result<HashMap<(UserId, PromoCodeId), entities::PromoCode>> {
        self.0.managed_promo_codes(asked).await.graph()
    }
}
