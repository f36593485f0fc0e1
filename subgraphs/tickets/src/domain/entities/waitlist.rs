//! Waiting lists: who waits for places of an event that is sold out.

mod queue;

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::tickets::WaitlistEnd;
use kernel::{EventId, Money, Refusal, ReservationId, TicketTypeId, UserId, WaitlistEntryId};
use serde::Serialize;

pub use self::queue::Queue;
use super::{KnownEvent, OrderStatus, ReservationStatus, SalesStatus, TicketType};
use crate::domain::{errors, reasons};

/// The most ticket types of one entry.
const MOST_TYPES: usize = 10;
/// The most entries of one buyer that are open for one event.
const MOST_OPEN: usize = 5;
/// An offer has at most this part of the time that is left to sell, so that there is time for those behind.
const PART_OF_THE_REST: u32 = 4;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitlistStatus {
    /// It waits for places.
    Waiting,
    /// Places are set aside for it.
    Offered,
    /// What was offered was bought.
    Bought,
    /// What was offered was declined.
    Declined,
    /// The time of the offer was over, or sales are.
    Expired,
    /// Its buyer did not want to wait any longer.
    Left,
}

impl WaitlistStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Offered, Self::Bought, Self::Declined, Self::Expired, Self::Left];

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Offered => "OFFERED",
            Self::Bought => "BOUGHT",
            Self::Declined => "DECLINED",
            Self::Expired => "EXPIRED",
            Self::Left => "LEFT",
        }
    }
}

/// What became of an offer, as its reservation and the order of it tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferFate {
    /// The buyer can still have it, or is just buying it.
    Open,
    /// It was bought.
    Bought,
    /// It was given back.
    Declined,
    /// Its time ran out.
    Expired,
}

impl OfferFate {
    /// Of an offer whose reservation stands so, with the order that it became.
    pub fn of(reservation: ReservationStatus, order: Option<OrderStatus>) -> Self {
        match (reservation, order) {
            (ReservationStatus::Released, _) | (_, Some(OrderStatus::Cancelled)) => Self::Declined,
            (ReservationStatus::Expired, _) | (_, Some(OrderStatus::Expired)) => Self::Expired,
            (_, Some(order)) if order.has_tickets() => Self::Bought,
            (ReservationStatus::Active | ReservationStatus::CheckedOut, _) => Self::Open,
        }
    }

    /// How its entry ends with that; none while it does not.
    fn end(self) -> Option<WaitlistEnd> {
        match self {
            Self::Open => None,
            Self::Bought => Some(WaitlistEnd::Bought),
            Self::Declined => Some(WaitlistEnd::Declined),
            Self::Expired => Some(WaitlistEnd::OfferExpired),
        }
    }
}

/// What somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitlistWish {
    /// Any of these ticket types, the first that can be had.
    pub types: Vec<TicketTypeId>,
    /// So many, all of one type.
    pub quantity: u32,
    /// True when seats must be side by side.
    pub together: bool,
    /// The most that one ticket may cost, with fees and taxes in it; any price when left out.
    pub price_max: Option<Money>,
}

impl WaitlistWish {
    /// Refuses what nobody can wait for: types that the public does not know, that are not sold yet or any more, or of
    /// which an order cannot have so many.
    pub fn check(&self, known: &[TicketType], event: &KnownEvent, now: DateTime<Utc>) -> Result<(), Refusal> {
        let field = "ticketTypeIds";
        if self.types.is_empty() || self.types.len() > MOST_TYPES {
            let message = format!("must be from 1 to {MOST_TYPES} ticket types");
            return Err(Refusal::bad_input(field, message).because(kernel::reasons::WRONG_COUNT));
        }
        for (at, id) in self.types.iter().enumerate() {
            if self.types[..at].contains(id) {
                let twice = Refusal::bad_input(field, "a ticket type is there twice");
                return Err(twice.because(kernel::reasons::DUPLICATE).standing_at(&format!("{field}[{at}]")));
            }
        }
        if self.price_max.is_some_and(|most| most.currency != event.facts.currency) {
            let message = format!("must be in {}, the event's currency", event.facts.currency);
            return Err(Refusal::bad_input("priceMax", message).because(kernel::reasons::INCONSISTENT));
        }
        for id in &self.types {
            let wanted = known.iter().find(|known| known.state().id == *id && known.is_open_to(None));
            let wanted = wanted.ok_or_else(|| Refusal::not_found("ticket type"))?;
            let name = &wanted.state().name;
            match wanted.status(now, 1) {
                SalesStatus::Scheduled => {
                    let message = format!("Sales of {name} are not open yet: there is nothing to wait for.");
                    return Err(Refusal::new(reasons::NOT_YET_OPEN, message));
                }
                SalesStatus::Closed => {
                    return Err(Refusal::new(reasons::SALES_ENDED, format!("Sales of {name} are over.")));
                }
                SalesStatus::OnSale | SalesStatus::SoldOut => wanted.may_be_ordered(self.quantity)?,
            }
            // What comes on sale by itself is nothing to wait for.
            let tiers = &wanted.state().tiers;
            let later = tiers.iter().filter_map(|tier| tier.from.filter(|from| *from > now)).min();
            if let Some(opens) = later.filter(|_| !tiers.iter().any(|tier| tier.sells_at(now))) {
                let message = format!("{name} comes on sale again at its next price. Buy it then.");
                let refusal = Refusal::new(reasons::NOT_YET_OPEN, message);
                return Err(refusal.with("opensAt", kernel::rfc3339(opens)));
            }
        }
        Ok(())
    }

    /// Until when something of it is sold; none when none of its types is known.
    pub fn sold_until(&self, known: &[TicketType], event: &KnownEvent) -> Option<DateTime<Utc>> {
        let wanted = known.iter().filter(|known| self.types.contains(&known.state().id));
        wanted.map(|wanted| sold_until(wanted, event)).max()
    }

    /// True when both would take the same types.
    fn overlaps(&self, other: &Self) -> bool {
        self.types.iter().any(|id| other.types.contains(id))
    }
}

/// Until when a ticket type of an event is sold.
pub fn sold_until(of: &TicketType, event: &KnownEvent) -> DateTime<Utc> {
    let is = of.state();
    let prices = is.tiers.iter().map(|tier| tier.until.unwrap_or(event.facts.ends_at)).max();
    let ends = [is.sales_end, prices].into_iter().flatten();
    ends.fold(event.facts.ends_at, DateTime::min)
}

/// Until when places are offered that are sold until then: for `longest`, or for a quarter of the time that is left, but for
/// no shorter than a buyer has otherwise who is choosing. Never longer than they are sold; none when that is over.
pub fn offered_until(
    now: DateTime<Utc>,
    sold_until: DateTime<Utc>,
    longest: Duration,
    ordinary: Duration,
) -> Option<DateTime<Utc>> {
    let left = (sold_until - now).to_std().ok().filter(|left| !left.is_zero())?;
    let part = left / PART_OF_THE_REST;
    Some(now + longest.min(part).max(ordinary).min(left))
}

/// Everything about an entry; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitlistSnapshot {
    /// Which.
    pub id: WaitlistEntryId,
    /// Of which event.
    pub event: EventId,
    /// Who waits.
    pub buyer: UserId,
    /// For what.
    pub wish: WaitlistWish,
    /// Where it stands, as written.
    pub status: WaitlistStatus,
    /// How it ended, once it has.
    pub ended: Option<WaitlistEnd>,
    /// When it joined, by the database's clock: the queue's order.
    pub joined_at: DateTime<Utc>,
    /// Until when what it waits for is sold.
    pub waits_until: DateTime<Utc>,
    /// How often others behind it were served with what it could have taken a part of.
    pub passed_over: u32,
    /// Until when what comes free is gathered for it.
    pub gathers_until: Option<DateTime<Utc>>,
    /// By which reservation places are set aside for it.
    pub reservation: Option<ReservationId>,
    /// When its buyer accepted them.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Somebody who waits for places of an event. An entry is made at most one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitlistEntry {
    state: WaitlistSnapshot,
}

impl WaitlistEntry {
    /// Somebody joins, behind all others.
    pub fn join(
        event: EventId,
        buyer: UserId,
        wish: WaitlistWish,
        now: DateTime<Utc>,
        waits_until: DateTime<Utc>,
    ) -> Self {
        Self {
            state: WaitlistSnapshot {
                id: WaitlistEntryId::new(),
                event,
                buyer,
                wish,
                status: WaitlistStatus::Waiting,
                ended: None,
                joined_at: now,
                waits_until,
                passed_over: 0,
                gathers_until: None,
                reservation: None,
                accepted_at: None,
                ended_at: None,
            },
        }
    }

    /// The entry as it was saved; for adapters.
    pub fn restore(state: WaitlistSnapshot) -> Self {
        Self { state }
    }

    /// Everything about it.
    pub fn state(&self) -> &WaitlistSnapshot {
        &self.state
    }

    /// Where it stands when that has become of its offer, tidied up or not.
    pub fn status(&self, fate: Option<OfferFate>) -> WaitlistStatus {
        let written = self.state.status;
        let end = fate.filter(|_| written == WaitlistStatus::Offered).and_then(OfferFate::end);
        end.map_or(written, status_of)
    }

    /// Refuses when a buyer who has these open entries cannot have one more for such a wish. The entry that is there
    /// already when it is for the very same: joining twice is once.
    pub fn may_join<'e>(wish: &WaitlistWish, open: &'e [Self]) -> Result<Option<&'e Self>, Refusal> {
        if let Some(same) = open.iter().find(|entry| entry.state.wish == *wish) {
            return Ok(Some(same));
        }
        if let Some(other) = open.iter().find(|entry| entry.state.wish.overlaps(wish)) {
            let message = "You wait for one of these ticket types already. Leave the waiting list first to wait for something else.";
            let refusal = Refusal::new(reasons::ALREADY_WAITING, message);
            return Err(refusal.with("waitlistEntryId", other.state.id.public().to_string()));
        }
        if open.len() >= MOST_OPEN {
            let message = format!("You wait for this event {MOST_OPEN} times already, which is the most.");
            return Err(Refusal::new(reasons::TOO_MANY_WAITLIST_ENTRIES, message).with("limit", MOST_OPEN));
        }
        Ok(None)
    }

    /// Its wish is sold until then, as its event and types are now.
    pub fn wait_until(&mut self, until: DateTime<Utc>) {
        self.state.waits_until = until;
    }

    /// Places are set aside for it.
    pub fn offer(&mut self, reservation: ReservationId) {
        self.state.status = WaitlistStatus::Offered;
        self.state.reservation = Some(reservation);
        self.state.gathers_until = None;
    }

    /// Its buyer wants what was offered. True when that is new: accepting twice is once. Refused without an offer, and when
    /// it is over.
    pub fn accept(&mut self, now: DateTime<Utc>) -> Result<bool, Refusal> {
        match self.state.status {
            WaitlistStatus::Waiting => {
                let message = "Nothing is offered to you yet. You hear of it as soon as places are free.";
                Err(Refusal::new(reasons::NOTHING_OFFERED, message))
            }
            WaitlistStatus::Offered if self.state.accepted_at.is_some() => Ok(false),
            WaitlistStatus::Offered => {
                self.state.accepted_at = Some(now);
                Ok(true)
            }
            WaitlistStatus::Expired => Err(errors::offer_over()),
            WaitlistStatus::Bought | WaitlistStatus::Declined | WaitlistStatus::Left => {
                let message = "You do not wait any more. Join the waiting list again.";
                Err(Refusal::new(reasons::WAITS_NO_MORE, message))
            }
        }
    }

    /// That has become of its offer. How it ended with that; none while it is open, or had ended before.
    pub fn learn(&mut self, fate: OfferFate, called_off: bool, now: DateTime<Utc>) -> Option<WaitlistEnd> {
        let end = fate.end().filter(|_| self.state.status == WaitlistStatus::Offered)?;
        let end = if called_off && end != WaitlistEnd::Bought { WaitlistEnd::EventCancelled } else { end };
        self.end(end, now);
        Some(end)
    }

    /// It ends. Ending twice is once.
    pub fn end(&mut self, how: WaitlistEnd, now: DateTime<Utc>) {
        if self.is_open() {
            self.state.status = status_of(how);
            self.state.ended = Some(how);
            self.state.ended_at = Some(now);
            self.state.gathers_until = None;
        }
    }

    /// True while it waits, or has an offer.
    pub fn is_open(&self) -> bool {
        matches!(self.state.status, WaitlistStatus::Waiting | WaitlistStatus::Offered)
    }
}

/// Where an entry stands that ended so.
fn status_of(how: WaitlistEnd) -> WaitlistStatus {
    match how {
        WaitlistEnd::Bought => WaitlistStatus::Bought,
        WaitlistEnd::Declined => WaitlistStatus::Declined,
        WaitlistEnd::Left => WaitlistStatus::Left,
        WaitlistEnd::OfferExpired | WaitlistEnd::SalesEnded | WaitlistEnd::EventCancelled => {
            WaitlistStatus::Expired
        }
    }
}

#[cfg(test)]
mod tests;
