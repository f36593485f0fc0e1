mod items;

use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    tickets::{PlacesHeld, ReservationEnded, ReservationExtended},
};
use kernel::{EventId, Fault, Money, PromoCodeId, Refusal, ReservationId, TicketTypeId, TierId, UserId};
use serde::{Deserialize, Serialize};

use crate::domain::{
    errors,
    pricing::{CartLine, PriceBreakdown, Terms, TicketUnit, gather},
    reasons,
};

/// Where a claim is, within its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On this seat.
    Seat(u32),
    /// Anywhere in the section.
    Standing,
}

impl Place {
    /// The seat's number, where there is a seat.
    pub fn seat(self) -> Option<u32> {
        match self {
            Self::Seat(number) => Some(number),
            Self::Standing => None,
        }
    }
}

/// Places set aside, all of one type and price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Where.
    pub place: Place,
    /// In which section.
    pub section: String,
    /// As which ticket type.
    pub ticket_type: TicketTypeId,
    /// At which tier's price.
    pub tier: TierId,
    /// How many; one for a seat.
    pub quantity: u32,
    /// What each is listed for.
    pub unit_price: Money,
}

impl From<&Claim> for CartLine {
    fn from(claim: &Claim) -> Self {
        Self { ticket_type: claim.ticket_type, unit_price: claim.unit_price, quantity: claim.quantity }
    }
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReservationStatus {
    /// Its places wait for the buyer.
    Active,
    /// It became an order.
    CheckedOut,
    /// The buyer gave it up.
    Released,
    /// Time ran out.
    Expired,
}

/// Everything about a reservation; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationSnapshot {
    /// Which.
    pub id: ReservationId,
    /// Of which event.
    pub event: EventId,
    /// For whom.
    pub buyer: UserId,
    /// Where it stands, as written; see [`Reservation::status`] for the truth at a time.
    pub status: ReservationStatus,
    /// True while its places are set aside for it; no longer when they are given back or sold.
    pub holding: bool,
    /// Until when they are set aside.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// True once its buyer was given more time, which is once at most.
    pub extended: bool,
    /// What it has.
    pub claims: Vec<Claim>,
    /// What is asked for it: what was said when it was made, or when a code was applied or removed since; none in those from
    /// before that was kept.
    pub breakdown: Option<PriceBreakdown>,
    /// On which terms its places are sold, as they were when it was made; none where nothing was asked for the service and
    /// nothing was taxed.
    pub terms: Option<Terms>,
    /// The code that takes something off.
    pub promo_code: Option<PromoCodeId>,
}

/// Places set aside for a buyer.
#[derive(Clone, Debug)]
pub struct Reservation {
    state: ReservationSnapshot,
    pending: Vec<Announcement>,
}

impl Reservation {
    /// Claims that the inventory has just set aside, until `expires_at`, at this price on these terms, which both stay.
    pub fn hold(
        event: EventId,
        buyer: UserId,
        claims: Vec<Claim>,
        price: PriceBreakdown,
        terms: Terms,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let id = ReservationId::new();
        let terms = terms_to_keep(terms, &claims);
        let quantity = claims.iter().map(|claim| claim.quantity).sum();
        let held = PlacesHeld {
            reservation_id: id,
            event_id: event,
            buyer_id: buyer,
            quantity,
            expires_at,
            at: now,
        };
        Self {
            state: ReservationSnapshot {
                id,
                event,
                buyer,
                status: ReservationStatus::Active,
                holding: true,
                expires_at,
                created_at: now,
                extended: false,
                claims,
                breakdown: Some(price),
                terms,
                promo_code: None,
            },
            pending: vec![Announcement::of(&held)],
        }
    }

    /// The reservation as it was saved; for adapters.
    pub fn restore(state: ReservationSnapshot) -> Self {
        Self { state, pending: Vec::new() }
    }

    /// Everything about it.
    pub fn state(&self) -> &ReservationSnapshot {
        &self.state
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// Where it stands at `now`: an active one whose time is over is expired, tidied up or not.
    pub fn status(&self, now: DateTime<Utc>) -> ReservationStatus {
        match self.state.status {
            ReservationStatus::Active if self.state.expires_at <= now => ReservationStatus::Expired,
            status => status,
        }
    }

    /// For how long its places wait for the buyer; no time at all once they do not.
    pub fn left(&self, now: DateTime<Utc>) -> Duration {
        let left = (self.status(now) == ReservationStatus::Active).then(|| self.state.expires_at - now);
        left.and_then(|left| left.to_std().ok()).unwrap_or_default()
    }

    /// Until when its places are set aside for it; none when they no longer are, given back or sold.
    pub fn holds_until(&self) -> Option<DateTime<Utc>> {
        self.state.holding.then_some(self.state.expires_at)
    }

    /// The numbers of its seats.
    pub fn seats(&self) -> Vec<u32> {
        self.state.claims.iter().filter_map(|claim| claim.place.seat()).collect()
    }

    /// How many places it has.
    pub fn quantity(&self) -> u32 {
        self.state.claims.iter().map(|claim| claim.quantity).sum()
    }

    /// What is asked for its places: what was said when they were set aside.
    pub fn price(&self) -> Result<Cow<'_, PriceBreakdown>, Fault> {
        self.state
            .breakdown
            .as_ref()
            .map_or_else(|| self.listed().map(Cow::Owned), |said| Ok(Cow::Borrowed(said)))
    }

    /// On which terms its places are sold: as they were when they were set aside.
    pub fn terms(&self) -> Result<Terms, Fault> {
        self.state.terms.clone().map_or_else(|| Ok(Terms::plain(self.price()?.currency())), Ok)
    }

    /// It costs this from now on, with a code or without.
    pub fn cost(&mut self, price: PriceBreakdown, promo_code: Option<PromoCodeId>) {
        (self.state.breakdown, self.state.promo_code) = (Some(price), promo_code);
    }

    /// What its places are listed for, with nothing taken off or put on.
    pub fn listed(&self) -> Result<PriceBreakdown, Fault> {
        PriceBreakdown::plain(&gather(self.state.claims.iter().map(CartLine::from)).0)
    }

    /// The claim of one place for each of these positions, counted from 0 in the order of the claims. A fault when it has no
    /// such place.
    pub fn places_at(&self, positions: impl IntoIterator<Item = u32>) -> Result<Vec<Claim>, Fault> {
        let of_one = |claim: &Claim| Claim { quantity: 1, ..claim.clone() };
        let claims = self.state.claims.iter();
        let all: Vec<Claim> =
            claims.flat_map(|claim| std::iter::repeat_n(of_one(claim), claim.quantity as usize)).collect();
        let at = |position: u32| {
            let found = all.get(position as usize).cloned();
            found.ok_or_else(|| Fault::broken_rule(format!("a reservation without its place {position}")))
        };
        positions.into_iter().map(at).collect()
    }

    /// Its places are these from now on, and cost this on these terms, with a code or without. Its clock goes on.
    pub fn change(
        &mut self,
        claims: Vec<Claim>,
        price: PriceBreakdown,
        terms: Terms,
        promo_code: Option<PromoCodeId>,
    ) {
        self.state.terms = terms_to_keep(terms, &claims);
        self.state.claims = claims;
        self.cost(price, promo_code);
    }

    /// Each claim, with which tickets of the price are its own.
    pub fn lines(&self) -> impl Iterator<Item = (&Claim, Vec<TicketUnit>)> {
        let (_, units) = gather(self.state.claims.iter().map(CartLine::from));
        let mut units = units.into_iter();
        let claims = self.state.claims.iter();
        claims.map(move |claim| (claim, units.by_ref().take(claim.quantity as usize).collect()))
    }

    /// The buyer gives it up. True when places are to be given back now; giving up twice is once.
    pub fn release(&mut self, now: DateTime<Utc>) -> Result<bool, Refusal> {
        match self.status(now) {
            ReservationStatus::Active => {
                self.end(ReservationStatus::Released, now);
                Ok(true)
            }
            ReservationStatus::Released => Ok(false),
            ReservationStatus::Expired => Err(errors::reservation_expired()),
            ReservationStatus::CheckedOut => {
                let message = "This reservation became an order. Cancel the order instead.";
                Err(Refusal::new(reasons::ALREADY_CHECKED_OUT, message))
            }
        }
    }

    /// True while its buyer may have more time, which is once.
    pub fn can_extend(&self, now: DateTime<Utc>) -> bool {
        self.status(now) == ReservationStatus::Active && !self.state.extended
    }

    /// The buyer needs more time: its end is so much later, once. True when it moved now; asking again changes nothing.
    pub fn extend(&mut self, by: Duration, now: DateTime<Utc>) -> Result<bool, Refusal> {
        self.must_wait(now)?;
        if self.state.extended {
            return Ok(false);
        }
        self.state.extended = true;
        self.state.expires_at += by;
        self.pending.push(Announcement::of(&ReservationExtended {
            reservation_id: self.state.id,
            event_id: self.state.event,
            buyer_id: self.state.buyer,
            expires_at: self.state.expires_at,
            at: now,
        }));
        Ok(true)
    }

    /// Its time begins anew, as that of places that were offered and are accepted now.
    pub fn restart(&mut self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_wait(now)?;
        self.state.expires_at = until;
        Ok(())
    }

    /// Time is over: its places are to be given back. An order's saga decides about the order.
    pub fn lapse(&mut self, now: DateTime<Utc>) {
        if self.state.status == ReservationStatus::Active {
            self.end(ReservationStatus::Expired, now);
        } else {
            self.state.holding = false;
        }
    }

    /// The buyer goes to the checkout, and has until `expires_at` to pay.
    pub fn check_out(&mut self, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_wait(now)?;
        self.state.status = ReservationStatus::CheckedOut;
        self.state.expires_at = expires_at;
        Ok(())
    }

    /// Refuses when its places do not wait for the buyer any more.
    pub fn must_wait(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.status(now) {
            ReservationStatus::Active => Ok(()),
            ReservationStatus::Expired => Err(errors::reservation_expired()),
            ReservationStatus::Released => {
                let message = "This reservation was given up. Choose places again.";
                Err(Refusal::new(reasons::RESERVATION_RELEASED, message))
            }
            ReservationStatus::CheckedOut => {
                let message = "This reservation became an order already.";
                Err(Refusal::new(reasons::ALREADY_CHECKED_OUT, message))
            }
        }
    }

    /// Its places were taken again, until then.
    pub fn regain(&mut self, until: DateTime<Utc>) {
        self.state.holding = true;
        self.state.expires_at = until;
    }

    /// Its places are no longer set aside: they were given back by its order, or sold to it.
    pub fn let_go(&mut self) {
        self.state.holding = false;
    }

    fn end(&mut self, status: ReservationStatus, now: DateTime<Utc>) {
        self.state.status = status;
        self.state.holding = false;
        self.pending.push(Announcement::of(&ReservationEnded {
            reservation_id: self.state.id,
            event_id: self.state.event,
            expired: status == ReservationStatus::Expired,
            at: now,
        }));
    }
}

/// What is kept of the terms on which such places are sold: nothing where nothing is asked for the service and nothing is taxed.
fn terms_to_keep(mut terms: Terms, claims: &[Claim]) -> Option<Terms> {
    terms.tax_of.retain(|ticket_type, _| claims.iter().any(|claim| claim.ticket_type == *ticket_type));
    Some(terms).filter(|terms| *terms != Terms::plain(terms.currency))
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Id};

    use super::*;

    fn claim(ticket_type: TicketTypeId, place: Place, quantity: u32, cents: i64) -> Claim {
        Claim {
            place,
            section: "HALL".to_owned(),
            ticket_type,
            tier: Id::new(),
            quantity,
            unit_price: Money::new(cents, Currency::EUR),
        }
    }

    #[test]
    fn each_claim_has_its_own_tickets_of_what_is_listed_as_one_line() {
        let (seat, standing) = (TicketTypeId::new(), TicketTypeId::new());
        let claims = vec![
            claim(seat, Place::Seat(4), 1, 1000),
            claim(standing, Place::Standing, 2, 500),
            claim(standing, Place::Standing, 1, 900),
            claim(seat, Place::Seat(5), 1, 1000),
        ];
        let state = ReservationSnapshot {
            id: ReservationId::new(),
            event: EventId::new(),
            buyer: UserId::new(),
            status: ReservationStatus::Active,
            holding: true,
            expires_at: DateTime::UNIX_EPOCH,
            created_at: DateTime::UNIX_EPOCH,
            extended: false,
            claims,
            breakdown: None,
            terms: None,
            promo_code: None,
        };
        let reservation = Reservation::restore(state);
        let units = reservation.lines().map(|(_, units)| units.iter().map(|of| (of.line, of.unit)).collect());
        let expected = [vec![(0, 0)], vec![(1, 0), (1, 1)], vec![(2, 0)], vec![(0, 1)]];
        assert_eq!(units.collect::<Vec<Vec<_>>>(), expected);
        let price = reservation.price().unwrap();
        let each = reservation.lines().map(|(_, units)| price.together(&units).unwrap().total.minor);
        assert_eq!(each.collect::<Vec<_>>(), [1000, 1000, 900, 1000]);
        assert_eq!(price.total().unwrap(), Money::new(3900, Currency::EUR));
    }
}
