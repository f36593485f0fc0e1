//! Places that come free of an event for which somebody waits: they are for the waiting list first.
//!
//! What comes free of what somebody waits for is kept with the same commit: it counts as set aside, for the list and not for
//! a reservation. So everything says the same of it: the map, the counters, and the refusal for who passes by. Whoever sees to
//! the list takes all that is kept in hand, offers of it what it can, and lets the rest go. Where nobody waits, nothing is kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::{Error, Fault, Id, Refusal, ReservationId, Result, TicketTypeId, TierId};
use uuid::Uuid;

use super::{Claim, Inventory, Party, Reservation, SeatState, SeatStatus, SectionCount, TicketType, Where};
use crate::domain::entities::{PlaceKind, WaitlistWish, Wish, Wishes};

/// Who waits for places of an event, as far as its inventory has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// For which ticket types somebody waits.
    pub types: Vec<TicketTypeId>,
    /// When somebody has to see to the list; at once when that is over, and not at all while it is left out.
    pub look_at: Option<DateTime<Utc>>,
}

/// Places that are kept for the waiting list until somebody has seen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: Uuid,
    /// What.
    pub what: KeptPlaces,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptPlaces {
    /// A seat.
    Seat(u32),
    /// Places of a section without numbers.
    Standing {
        /// Which section.
        section: String,
        /// How many.
        quantity: u32,
    },
    /// What may be sold of a ticket type at the price of a tier.
    Quota {
        /// Which type.
        ticket_type: TicketTypeId,
        /// Which tier.
        tier: TierId,
        /// How many.
        quantity: u32,
    },
}

impl KeptPlaces {
    /// The seat, where it is one.
    pub fn seat(&self) -> Option<u32> {
        match self {
            Self::Seat(number) => Some(*number),
            Self::Standing { .. } | Self::Quota { .. } => None,
        }
    }
}

/// What an inventory knows of the waiting list, and what it does for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    is: Waited,
    /// True when it is not as it was loaded.
    changed: bool,
    /// How much there was when it was last seen to that what came free is kept; none where nobody waits.
    before: Option<(BTreeMap<String, SectionCount>, Vec<TicketType>)>,
    /// Seats that came free since.
    freed: BTreeSet<u32>,
    /// What is kept from now on.
    kept: Vec<Kept>,
    /// What was kept, and is no more.
    let_go: Vec<Uuid>,
}

impl Waiting {
    pub(super) fn of(is: Waited, sections: &BTreeMap<String, SectionCount>, types: &[TicketType]) -> Self {
        let before = (!is.types.is_empty()).then(|| (sections.clone(), types.to_vec()));
        Self { is, before, ..Self::default() }
    }

    /// A seat changes.
    pub(super) fn sees(&mut self, number: u32, before: SeatStatus, after: SeatStatus) {
        if after == SeatStatus::Available && before != after {
            self.freed.insert(number);
        } else if after != SeatStatus::Available {
            self.freed.remove(&number);
        }
    }
}

impl Inventory {
    /// Who waits for its places.
    pub fn waited(&self) -> &Waited {
        &self.waiting.is
    }

    /// Who waits for its places, when that is not as it was loaded; for adapters, when it is saved.
    pub fn changed_waited(&self) -> Option<&Waited> {
        self.waiting.changed.then_some(&self.waiting.is)
    }

    /// What is kept from now on for who waits, and what is no more; for adapters, when it is saved.
    pub fn changed_kept(&self) -> (&[Kept], &[Uuid]) {
        (&self.waiting.kept, &self.waiting.let_go)
    }

    /// For these ticket types somebody waits from now on, and for no others. Somebody sees to the list at that time.
    pub fn is_waited_for(&mut self, is: Waited) {
        self.waiting.changed |= self.waiting.is != is;
        self.waiting.is = is;
        self.forget_what_came_free();
    }

    /// What came free since it was loaded, or since this was done last, is kept for who waits. What came free and was taken
    /// again by the same hand did not come free.
    pub fn keep_for_who_waits(&mut self) -> Result<(), Fault> {
        if self.waiting.before.is_some() {
            self.keep_for(&self.waiting.is.types.clone())?;
        }
        self.forget_what_came_free();
        Ok(())
    }

    /// The same, for who waits for these ticket types alone; anybody may have the rest.
    pub fn keep_only_for(&mut self, types: &[TicketTypeId]) -> Result<(), Fault> {
        self.keep_for(types)?;
        self.forget_what_came_free();
        Ok(())
    }

    /// Takes what is kept in hand: it can be had, until it is kept anew.
    pub fn takes_in_hand(&mut self, kept: &[Kept]) -> Result<(), Fault> {
        // What was kept in this very transaction is nowhere yet.
        let fresh = std::mem::take(&mut self.waiting.kept);
        for Kept { what, .. } in &fresh {
            self.take_in_hand(what)?;
        }
        for Kept { id, what } in kept {
            if !self.waiting.let_go.contains(id) {
                self.take_in_hand(what)?;
                self.waiting.let_go.push(*id);
            }
        }
        Ok(())
    }

    fn take_in_hand(&mut self, what: &KeptPlaces) -> Result<(), Fault> {
        match what {
            KeptPlaces::Seat(number) => {
                self.require_holder(*number, self.list())?;
                self.set_seat(*number, SeatState::FREE);
                let section = self.section_of(*number)?;
                self.section_mut(&section)?.let_go(1)
            }
            KeptPlaces::Standing { section, quantity } => self.section_mut(section)?.let_go(*quantity),
            KeptPlaces::Quota { ticket_type, tier, quantity } => {
                self.touched_types.insert(*ticket_type);
                self.type_mut(*ticket_type)?.give_back(*tier, *quantity)
            }
        }
    }

    /// Which ticket types share places with which: each of them with itself.
    pub fn rivals(&self) -> BTreeMap<TicketTypeId, BTreeSet<TicketTypeId>> {
        let shares = |one: &TicketType, other: &TicketType| {
            self.sections.keys().any(|key| one.covers(key) && other.covers(key))
        };
        let of = |one: &TicketType| {
            let with = self.types.iter().filter(|other| shares(one, other));
            (one.state().id, with.map(|other| other.state().id).chain([one.state().id]).collect())
        };
        self.types.iter().map(of).collect()
    }

    /// True when something of what is waited for can be had.
    pub fn has_something_for_who_waits(&self) -> Result<bool, Fault> {
        for (key, count) in &self.sections {
            if self.is_for(&self.waiting.is.types, key) && count.available()? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The ticket types of which something came free that nobody has got.
    pub fn nobody_got(&self) -> Result<BTreeSet<TicketTypeId>, Fault> {
        let Some((before, _)) = &self.waiting.before else { return Ok(BTreeSet::new()) };
        let mut sections = BTreeSet::new();
        for number in &self.waiting.freed {
            sections.insert(self.section_of(*number)?);
        }
        for section in self.house.sections().iter().filter(|section| section.kind != PlaceKind::Seated) {
            let counts = self.sections.get(&section.key).zip(before.get(&section.key));
            if let Some((is, was)) = counts
                && is.available()? > was.available()?
            {
                sections.insert(section.key.clone());
            }
        }
        let types = self.types.iter().filter(|known| sections.iter().any(|key| known.covers(key)));
        Ok(types.map(|known| known.state().id).collect())
    }

    /// Sets aside what somebody waits for, as the first of these ticket types of which it can be had just now, in a
    /// reservation that is made of it; none when it cannot be had. Seats that are not `taken` are free.
    pub fn set_aside_for(
        &mut self,
        wish: &WaitlistWish,
        types: &[TicketTypeId],
        taken: &[u32],
        reservation: impl Fn(Vec<Claim>) -> Result<Reservation>,
        now: DateTime<Utc>,
    ) -> Result<Option<(TicketTypeId, Reservation)>> {
        for ticket_type in types {
            for wishes in self.choices(wish, *ticket_type, taken)? {
                let mut attempt = self.clone();
                let chosen = super::numbers_of(&wishes);
                attempt.add_seats(chosen.into_iter().map(|number| (number, SeatState::FREE)).collect());
                let priced = |claims: Vec<Claim>| {
                    let most = wish.price_max;
                    if claims.iter().any(|claim| most.is_some_and(|most| claim.unit_price.minor > most.minor))
                    {
                        return Err(Refusal::new(kernel::reasons::INVALID, "It costs too much.").into());
                    }
                    reservation(claims)
                };
                match attempt.hold(&wishes, priced, now) {
                    Ok(reservation) => {
                        *self = attempt;
                        return Ok(Some((*ticket_type, reservation)));
                    }
                    Err(Error::Refused(_)) => {}
                    Err(broken) => return Err(broken),
                }
            }
        }
        Ok(None)
    }

    /// Which places there may be for a wish, as a ticket type: seats, and places without numbers.
    fn choices(
        &self,
        wish: &WaitlistWish,
        ticket_type: TicketTypeId,
        taken: &[u32],
    ) -> Result<Vec<Wishes>, Fault> {
        let Some(known) = self.types.iter().find(|known| known.state().id == ticket_type) else {
            return Ok(Vec::new());
        };
        let free_of = |kind: PlaceKind| {
            let sections = self.house.sections().iter();
            let its = sections.filter(|section| section.kind == kind && known.covers(&section.key));
            let counts = its.filter_map(|section| self.sections.get(&section.key));
            counts.map(SectionCount::available).sum::<Result<u32, Fault>>()
        };
        let mut choices = Vec::new();
        if free_of(PlaceKind::Seated)? >= wish.quantity {
            let at = Where { ticket_type, sections: &[], access_code: None, beside: &[] };
            let (quantity, may_be_split) = (wish.quantity, !wish.together);
            let party = Party { quantity, accessible: 0, companions: 0, may_be_split };
            choices.extend(self.best_seats(&at, party, taken).ok());
        }
        if free_of(PlaceKind::GeneralAdmission)? >= wish.quantity {
            let wishes = vec![Wish::Standing { ticket_type, quantity: wish.quantity }];
            choices.push(Wishes { wishes, access_code: None });
        }
        Ok(choices)
    }

    fn keep_for(&mut self, types: &[TicketTypeId]) -> Result<(), Fault> {
        let Some((sections, known)) = self.waiting.before.take() else { return Ok(()) };
        let mut keep = Vec::new();
        for number in std::mem::take(&mut self.waiting.freed) {
            let section = self.section_of(number)?;
            if !self.is_for(types, &section) {
                continue;
            }
            let (status, holder) = (SeatStatus::Held, Some(self.list()));
            self.set_seat(number, SeatState { status, holder, until: None });
            self.section_mut(&section)?.held += 1;
            keep.push(KeptPlaces::Seat(number));
        }
        let standing = self.house.sections().iter().filter(|section| section.kind != PlaceKind::Seated);
        let standing = standing.filter(|section| self.is_for(types, &section.key));
        let standing: Vec<String> = standing.map(|section| section.key.clone()).collect();
        for section in standing {
            let (Some(was), Some(is)) = (sections.get(&section), self.sections.get(&section)) else {
                continue;
            };
            let quantity = is.available()?.saturating_sub(was.available()?);
            if quantity > 0 {
                self.section_mut(&section)?.held += quantity;
                keep.push(KeptPlaces::Standing { section, quantity });
            }
        }
        for was in known.iter().filter(|was| types.contains(&was.state().id)) {
            let ticket_type = was.state().id;
            for tier in &was.state().tiers {
                let is = self.type_mut(ticket_type)?;
                let taken = is.state().tiers.iter().find(|known| known.id == tier.id);
                let quantity = taken.map_or(0, |taken| tier.taken.saturating_sub(taken.taken));
                if quantity > 0 {
                    is.keep(tier.id, quantity);
                    self.touched_types.insert(ticket_type);
                    keep.push(KeptPlaces::Quota { ticket_type, tier: tier.id, quantity });
                }
            }
        }
        if !keep.is_empty() {
            self.waiting.changed = true;
            self.waiting.is.look_at = Some(DateTime::UNIX_EPOCH);
        }
        let with_ids = keep.into_iter().map(|what| Kept { id: Id::<Kept>::new().uuid(), what });
        self.waiting.kept.extend(with_ids);
        Ok(())
    }

    fn forget_what_came_free(&mut self) {
        self.waiting.freed.clear();
        let waits = !self.waiting.is.types.is_empty();
        self.waiting.before = waits.then(|| (self.sections.clone(), self.types.clone()));
    }

    /// True when one of these ticket types is for the section.
    fn is_for(&self, types: &[TicketTypeId], section: &str) -> bool {
        self.types.iter().any(|known| types.contains(&known.state().id) && known.covers(section))
    }

    /// Who holds what is kept: the list of this event.
    fn list(&self) -> ReservationId {
        ReservationId::from_uuid(self.event.id.uuid())
    }

    fn section_of(&self, seat: u32) -> Result<String, Fault> {
        let found = self.house.seat(seat).map(|seat| seat.section.key.clone());
        found.ok_or_else(|| Fault::broken_rule(format!("there is no seat {seat}")))
    }
}

#[cfg(test)]
mod tests;
