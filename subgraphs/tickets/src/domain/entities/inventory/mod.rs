mod best;
mod cart;
mod changes;
mod choosing;
mod stranding;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use contracts::{Announcement, tickets::InventoryOpened};
use kernel::{Fault, Refusal, ReservationId, Result, TicketTypeId};

use self::choosing::Wanted;
use self::waiting::Waiting;
pub use self::{
    best::{Party, Where, numbers_of},
    choosing::Fields,
    waiting::{Kept, KeptPlaces, Waited},
};
use super::{
    Claim, House, KnownEvent, Place, Reservation, SeatId, SeatState, SeatStatus, SectionCount, TicketType,
    Wishes, places::less,
};
use crate::domain::{
    errors,
    pricing::{Terms, listed},
};

/// The part of an event's inventory that a use case works on; what databases keep.
#[derive(Clone, Debug)]
pub struct InventorySnapshot {
    /// The event, locked.
    pub event: KnownEvent,
    /// Its plan.
    pub house: Arc<House>,
    /// The seat map's version.
    pub version: i64,
    /// All ticket types.
    pub types: Vec<TicketType>,
    /// All sections.
    pub sections: BTreeMap<String, SectionCount>,
    /// The seats that were asked for.
    pub seats: BTreeMap<u32, SeatState>,
    /// Who waits for its places.
    pub waited: Waited,
}

/// An event's places: what is free, set aside, sold and kept back.
///
/// Loaded with the event's row locked, so that two purchases of one event follow each other; saved with
/// guards on each seat, so that even without the lock nothing is given out twice.
#[derive(Clone, Debug)]
pub struct Inventory {
    event: KnownEvent,
    house: Arc<House>,
    version: i64,
    types: Vec<TicketType>,
    sections: BTreeMap<String, SectionCount>,
    seats: BTreeMap<u32, SeatState>,
    before: BTreeMap<u32, SeatState>,
    touched_sections: BTreeSet<String>,
    touched_types: BTreeSet<TicketTypeId>,
    opening: bool,
    waiting: Waiting,
    pending: Vec<Announcement>,
}

impl Inventory {
    /// The part of it that was loaded; for adapters.
    pub fn restore(snapshot: InventorySnapshot) -> Self {
        let waiting = Waiting::of(snapshot.waited, &snapshot.sections, &snapshot.types);
        Self {
            event: snapshot.event,
            house: snapshot.house,
            version: snapshot.version,
            types: snapshot.types,
            sections: snapshot.sections,
            before: BTreeMap::new(),
            seats: snapshot.seats,
            touched_sections: BTreeSet::new(),
            touched_types: BTreeSet::new(),
            opening: false,
            waiting,
            pending: Vec::new(),
        }
    }

    /// Takes seats in that were loaded later; for adapters. What was changed already stays.
    pub fn add_seats(&mut self, seats: BTreeMap<u32, SeatState>) {
        for (number, state) in seats {
            self.seats.entry(number).or_insert(state);
        }
    }

    /// Those of these seats that were not loaded.
    pub fn unknown(&self, seats: impl IntoIterator<Item = u32>) -> Vec<u32> {
        seats.into_iter().filter(|seat| !self.seats.contains_key(seat)).collect()
    }

    /// The event.
    pub fn event(&self) -> &KnownEvent {
        &self.event
    }

    /// Its plan.
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Its ticket types.
    pub fn types(&self) -> &[TicketType] {
        &self.types
    }

    /// On which terms its tickets are sold just now.
    pub fn terms(&self) -> Terms {
        self.event.terms(&self.types)
    }

    /// Puts a published event's places on sale. Once.
    pub fn open(&mut self) {
        if !self.event.opened {
            self.event.opened = true;
            self.opening = true;
            self.pending.push(Announcement::of(&InventoryOpened {
                event_id: self.event.id,
                organization_id: self.event.facts.organization_id,
                capacity: self.house.capacity(),
            }));
        }
    }

    /// Sets all wished places aside for the reservation that is made of them, or none of them.
    pub fn hold(
        &mut self,
        wishes: &Wishes,
        reservation: impl FnOnce(Vec<Claim>) -> Result<Reservation>,
        now: DateTime<Utc>,
    ) -> Result<Reservation> {
        self.event.sells(now)?;
        let wanted = self.wanted(wishes, &BTreeSet::new(), Fields::OF_A_HOLD)?;
        let claims = self.take(wanted, &BTreeMap::new(), now)?;
        let reservation = reservation(claims)?;
        self.give_seats(&reservation, SeatStatus::Held);
        Ok(reservation)
    }

    /// Counts what is wanted as set aside, at its prices, for a cart that `has` so many of each type already.
    fn take(
        &mut self,
        wanted: Vec<Wanted>,
        has: &BTreeMap<TicketTypeId, u32>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>> {
        self.require_free(wanted.iter().filter_map(|wanted| wanted.place.seat()))?;
        let mut quantities: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for Wanted { ticket_type, quantity, .. } in &wanted {
            *quantities.entry(*ticket_type).or_default() += quantity;
        }
        let (mut paid_with, terms) = (BTreeMap::new(), self.terms());
        for (id, quantity) in quantities {
            let (told, has) = (self.event.facts.shows_stock, has.get(&id).copied().unwrap_or_default());
            let taken = self.type_mut(id)?.take(quantity, has, now, told)?.into_iter();
            let priced = taken.map(|(tier, base)| Ok((tier, listed(base, &terms, id)?)));
            paid_with.insert(id, priced.collect::<Result<Vec<_>, Fault>>()?.into_iter());
            self.touched_types.insert(id);
        }
        let mut claims: Vec<Claim> = Vec::new();
        for Wanted { place, section, ticket_type, quantity } in wanted {
            self.take_in_section(&section, quantity)?;
            let units = paid_with.get_mut(&ticket_type).expect("every wanted type was priced");
            for (tier, unit_price) in units.take(quantity as usize) {
                match claims.last_mut() {
                    Some(last)
                        if place == Place::Standing
                            && (last.place, &last.section, last.tier) == (place, &section, tier) =>
                    {
                        last.quantity += 1;
                    }
                    _ => claims.push(Claim {
                        place,
                        section: section.clone(),
                        ticket_type,
                        tier,
                        quantity: 1,
                        unit_price,
                    }),
                }
            }
        }
        Ok(claims)
    }

    /// Gives a reservation's places back.
    pub fn give_back(&mut self, reservation: &Reservation) -> Result<(), Fault> {
        self.let_go(&reservation.state().claims, reservation.state().id)
    }

    /// Gives some of a reservation's places back.
    fn let_go(&mut self, claims: &[Claim], reservation: ReservationId) -> Result<(), Fault> {
        for claim in claims {
            if let Place::Seat(number) = claim.place {
                self.require_holder(number, reservation)?;
                self.set_seat(number, SeatState::FREE);
            }
            let section = self.section_mut(&claim.section)?;
            section.let_go(claim.quantity)?;
            self.type_mut(claim.ticket_type)?.give_back(claim.tier, claim.quantity)?;
            self.touched_types.insert(claim.ticket_type);
        }
        Ok(())
    }

    /// Moves the end of a reservation's time on its seats.
    pub fn extend(&mut self, reservation: &Reservation) {
        self.give_seats(reservation, SeatStatus::Held);
    }

    /// Takes the very same places again for a reservation that had lost them: all or none.
    pub fn retake(&mut self, reservation: &Reservation) -> Result<()> {
        self.require_free(reservation.seats())?;
        for claim in &reservation.state().claims {
            self.take_in_section(&claim.section, claim.quantity)?;
            let told = self.event.facts.shows_stock;
            self.type_mut(claim.ticket_type)?.retake(claim.tier, claim.quantity, told)?;
            self.touched_types.insert(claim.ticket_type);
        }
        self.give_seats(reservation, SeatStatus::Held);
        Ok(())
    }

    /// Turns a reservation's places into sold ones.
    pub fn sell(&mut self, reservation: &Reservation) -> Result<(), Fault> {
        for claim in &reservation.state().claims {
            if let Place::Seat(number) = claim.place {
                self.require_holder(number, reservation.state().id)?;
            }
            let section = self.section_mut(&claim.section)?;
            section.let_go(claim.quantity)?;
            section.sold += claim.quantity;
            self.type_mut(claim.ticket_type)?.sell(claim.quantity)?;
            self.touched_types.insert(claim.ticket_type);
        }
        self.give_seats(reservation, SeatStatus::Sold);
        Ok(())
    }

    /// Places that a reservation had sold can be had again; seats among them are kept back from sale where that is wished.
    pub fn take_back(
        &mut self,
        places: &[Claim],
        reservation: ReservationId,
        keep_seats_back: bool,
    ) -> Result<(), Fault> {
        for place in places {
            let blocked = keep_seats_back && place.place != Place::Standing;
            if let Place::Seat(number) = place.place {
                self.require_holder(number, reservation)?;
                let status = if blocked { SeatStatus::Blocked } else { SeatStatus::Available };
                self.set_seat(number, SeatState { status, ..SeatState::FREE });
            }
            let section = self.section_mut(&place.section)?;
            section.sold = less(section.sold, place.quantity, "sold of a section")?;
            section.blocked += if blocked { place.quantity } else { 0 };
            self.type_mut(place.ticket_type)?.take_back(place.tier, place.quantity)?;
            self.touched_types.insert(place.ticket_type);
        }
        Ok(())
    }

    /// Keeps seats back, or lets them go. Seats that somebody has are refused.
    pub fn block(&mut self, numbers: &[u32], blocked: bool) -> Result<()> {
        let (from, to) = if blocked {
            (SeatStatus::Available, SeatStatus::Blocked)
        } else {
            (SeatStatus::Blocked, SeatStatus::Available)
        };
        self.require_each(numbers.iter().copied(), |status| status == from || status == to)?;
        for number in numbers {
            if self.seats.get(number).is_some_and(|seat| seat.status == to) {
                continue;
            }
            let house = self.house.clone();
            let Some(seat) = house.seat(*number) else { continue };
            let section = self.section_mut(&seat.section.key)?;
            section.blocked =
                if blocked { section.blocked + 1 } else { less(section.blocked, 1, "blocked of a section")? };
            self.set_seat(*number, SeatState { status: to, ..SeatState::FREE });
        }
        Ok(())
    }

    /// Refuses when one of these seats cannot be had, naming all of them.
    fn require_free(&self, numbers: impl IntoIterator<Item = u32>) -> Result<(), Refusal> {
        self.require_each(numbers, |status| status == SeatStatus::Available)
    }

    /// Refuses when one of these seats is not as it should be, naming all that are in the way.
    fn require_each(
        &self,
        numbers: impl IntoIterator<Item = u32>,
        fits: impl Fn(SeatStatus) -> bool,
    ) -> Result<(), Refusal> {
        let in_the_way = |number: &u32| self.seats.get(number).is_none_or(|seat| !fits(seat.status));
        let numbers: Vec<u32> = numbers.into_iter().filter(in_the_way).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let ids: Vec<SeatId> =
            numbers.iter().map(|number| SeatId { event: self.event.id, number: *number }).collect();
        let names: Vec<String> =
            numbers.iter().filter_map(|number| self.house.seat(*number)).map(|seat| seat.name()).collect();
        Err(errors::seats_unavailable(&ids, &names))
    }

    fn type_mut(&mut self, id: TicketTypeId) -> Result<&mut TicketType, Fault> {
        self.types
            .iter_mut()
            .find(|known| known.state().id == id)
            .ok_or_else(|| Fault::broken_rule(format!("a claim of an unknown ticket type {id}")))
    }

    fn section_mut(&mut self, key: &str) -> Result<&mut SectionCount, Fault> {
        self.touched_sections.insert(key.to_owned());
        self.sections
            .get_mut(key)
            .ok_or_else(|| Fault::broken_rule(format!("a claim in an unknown section {key}")))
    }

    fn take_in_section(&mut self, key: &str, quantity: u32) -> Result<()> {
        let name = self.house.section(key).map_or_else(|| key.to_owned(), |section| section.name.clone());
        let section = self.section_mut(key)?;
        let left = section.available()?;
        if left < quantity {
            return Err(errors::not_enough(&name, left, self.event.facts.shows_stock).into());
        }
        section.held += quantity;
        Ok(())
    }

    fn give_seats(&mut self, reservation: &Reservation, status: SeatStatus) {
        let until = (status == SeatStatus::Held).then_some(reservation.state().expires_at);
        for claim in &reservation.state().claims {
            if let Place::Seat(number) = claim.place {
                self.set_seat(number, SeatState { status, holder: Some(reservation.state().id), until });
            }
        }
    }

    fn set_seat(&mut self, number: u32, state: SeatState) {
        let old = self.seats.insert(number, state).unwrap_or(SeatState::FREE);
        self.waiting.sees(number, old.status, state.status);
        if old != state {
            self.before.entry(number).or_insert(old);
        }
    }

    fn require_holder(&self, number: u32, reservation: ReservationId) -> Result<(), Fault> {
        match self.seats.get(&number) {
            Some(seat) if seat.holder == Some(reservation) => Ok(()),
            other => {
                Err(Fault::broken_rule(format!("seat {number} is not with {reservation} but {other:?}")))
            }
        }
    }
}
