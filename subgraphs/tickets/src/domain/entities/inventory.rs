use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use contracts::{Announcement, tickets::InventoryOpened};
use kernel::{Fault, Refusal, ReservationId, Result, TicketTypeId};

use super::{
    Claim, House, KnownEvent, Place, PlaceKind, Reservation, SeatChangeLog, SeatId, SeatState, SeatStatus,
    SectionCount, TicketType, Wish, Wishes, ticket_type::less,
};
use crate::domain::errors;

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
    pending: Vec<Announcement>,
}

impl Inventory {
    /// The part of it that was loaded; for adapters.
    pub fn restore(snapshot: InventorySnapshot) -> Self {
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
            pending: Vec::new(),
        }
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

    /// Puts a published event's places on sale. Once.
    pub fn open(&mut self) {
        if !self.event.opened {
            self.event.opened = true;
            self.pending.push(Announcement::of(&InventoryOpened {
                event_id: self.event.id,
                organization_id: self.event.facts.organization_id,
                capacity: self.house.capacity(),
            }));
        }
    }

    /// Sets all wished places aside for a reservation until `until`, or none of them.
    pub fn hold(
        &mut self,
        wishes: &Wishes,
        reservation: impl FnOnce(Vec<Claim>) -> Reservation,
        now: DateTime<Utc>,
    ) -> Result<Reservation> {
        self.event.sells(now)?;
        let wanted = self.wanted(wishes)?;
        let taken: Vec<u32> = (wanted.iter().filter_map(|(place, ..)| match place {
            Place::Seat(number) => Some(*number),
            Place::Standing(_) => None,
        }))
        .filter(|number| self.seats.get(number).is_none_or(|seat| seat.status != SeatStatus::Available))
        .collect();
        if !taken.is_empty() {
            let ids: Vec<SeatId> =
                taken.iter().map(|number| SeatId { event: self.event.id, number: *number }).collect();
            let names: Vec<String> =
                taken.iter().filter_map(|number| self.house.seat(*number)).map(|seat| seat.name()).collect();
            return Err(errors::seats_unavailable(&ids, &names).into());
        }
        let mut quantities: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for (_, _, ticket_type, quantity) in &wanted {
            *quantities.entry(*ticket_type).or_default() += quantity;
        }
        let mut paid_with = BTreeMap::new();
        for (id, quantity) in quantities {
            paid_with.insert(id, self.type_mut(id)?.take(quantity, now)?.into_iter());
            self.touched_types.insert(id);
        }
        let mut claims: Vec<Claim> = Vec::new();
        for (place, section, ticket_type, quantity) in wanted {
            self.take_in_section(&section, quantity)?;
            let units = paid_with.get_mut(&ticket_type).expect("every wanted type was priced");
            for (tier, unit_price) in units.take(quantity as usize) {
                match claims.last_mut() {
                    Some(last)
                        if last.place == place
                            && last.tier == tier
                            && matches!(place, Place::Standing(_)) =>
                    {
                        last.quantity += 1;
                    }
                    _ => claims.push(Claim {
                        place: place.clone(),
                        section: section.clone(),
                        ticket_type,
                        tier,
                        quantity: 1,
                        unit_price,
                    }),
                }
            }
        }
        let reservation = reservation(claims);
        self.give_seats(&reservation, SeatStatus::Held);
        Ok(reservation)
    }

    /// Gives a reservation's places back.
    pub fn give_back(&mut self, reservation: &Reservation) -> Result<(), Fault> {
        for claim in &reservation.state().claims {
            if let Place::Seat(number) = claim.place {
                self.require_holder(number, reservation.state().id)?;
                self.set_seat(number, SeatState::FREE);
            }
            let section = self.section_mut(&claim.section)?;
            section.held = less(section.held, claim.quantity, "held of a section")?;
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
        let gone: Vec<SeatId> = (reservation.state().claims.iter().filter_map(|claim| match claim.place {
            Place::Seat(number) => Some(number),
            Place::Standing(_) => None,
        }))
        .filter(|number| self.seats.get(number).is_none_or(|seat| seat.status != SeatStatus::Available))
        .map(|number| SeatId { event: self.event.id, number })
        .collect();
        if !gone.is_empty() {
            let names: Vec<String> =
                gone.iter().filter_map(|id| self.house.seat(id.number)).map(|seat| seat.name()).collect();
            return Err(errors::seats_unavailable(&gone, &names).into());
        }
        for claim in &reservation.state().claims {
            self.take_in_section(&claim.section, claim.quantity)?;
            self.type_mut(claim.ticket_type)?.retake(claim.tier, claim.quantity)?;
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
            section.held = less(section.held, claim.quantity, "held of a section")?;
            section.sold += claim.quantity;
            self.type_mut(claim.ticket_type)?.sell(claim.quantity)?;
            self.touched_types.insert(claim.ticket_type);
        }
        self.give_seats(reservation, SeatStatus::Sold);
        Ok(())
    }

    /// Keeps seats back, or lets them go. Seats that somebody has are refused.
    pub fn block(&mut self, numbers: &[u32], blocked: bool) -> Result<()> {
        let (from, to) = if blocked {
            (SeatStatus::Available, SeatStatus::Blocked)
        } else {
            (SeatStatus::Blocked, SeatStatus::Available)
        };
        let in_use: Vec<SeatId> = (numbers.iter())
            .filter(|number| {
                self.seats.get(number).is_none_or(|seat| seat.status != from && seat.status != to)
            })
            .map(|number| SeatId { event: self.event.id, number: *number })
            .collect();
        if !in_use.is_empty() {
            let names: Vec<String> =
                in_use.iter().filter_map(|id| self.house.seat(id.number)).map(|seat| seat.name()).collect();
            return Err(errors::seats_unavailable(&in_use, &names).into());
        }
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

    /// The seats that changed: before and after; for adapters.
    pub fn changed_seats(&self) -> impl Iterator<Item = (u32, SeatState, SeatState)> {
        self.before.iter().map(|(number, before)| (*number, *before, self.seats[number]))
    }

    /// The ticket types whose counters changed; for adapters.
    pub fn changed_types(&self) -> impl Iterator<Item = &TicketType> {
        self.types.iter().filter(|known| self.touched_types.contains(&known.state().id))
    }

    /// The sections whose counters changed; for adapters.
    pub fn changed_sections(&self) -> impl Iterator<Item = (&String, &SectionCount)> {
        self.sections.iter().filter(|(key, _)| self.touched_sections.contains(*key))
    }

    /// What the public is to see of the changes, if there are any.
    pub fn change_log(&self) -> Option<SeatChangeLog> {
        let seats: Vec<(u32, SeatStatus)> = self
            .changed_seats()
            .filter(|(_, before, after)| before.status != after.status)
            .map(|(number, _, after)| (number, after.status))
            .collect();
        let sections: Vec<(String, u32)> =
            self.changed_sections().map(|(key, count)| (key.clone(), count.available())).collect();
        (!seats.is_empty() || !sections.is_empty()).then_some(SeatChangeLog {
            version: self.version + 1,
            seats,
            sections,
        })
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// Where each wish goes: place, section, type, quantity.
    fn wanted(&self, wishes: &Wishes) -> Result<Vec<(Place, String, TicketTypeId, u32)>> {
        let code = wishes.access_code.as_deref();
        let mut seen = BTreeSet::new();
        let mut wanted = Vec::new();
        for wish in &wishes.wishes {
            match wish {
                Wish::Seat { number, ticket_type } => {
                    let seat = self.house.seat(*number).ok_or_else(|| Refusal::not_found("seat"))?;
                    if !seen.insert(*number) {
                        return Err(
                            Refusal::bad_input("seats", format!("{} is there twice", seat.name())).into()
                        );
                    }
                    let ticket_type = self.type_for(&seat.section.key, *ticket_type, code)?;
                    wanted.push((Place::Seat(*number), seat.section.key.clone(), ticket_type, 1));
                }
                Wish::Standing { ticket_type, quantity } => {
                    let found = self.type_open_to(*ticket_type, code)?;
                    let mut left = *quantity;
                    let standing: Vec<_> = (self.house.sections().iter())
                        .filter(|section| {
                            section.kind == PlaceKind::GeneralAdmission && found.covers(&section.key)
                        })
                        .collect();
                    if standing.is_empty() {
                        return Err(Refusal::bad_input(
                            "ticketTypeId",
                            "is for numbered seats; choose seats instead of a quantity",
                        )
                        .into());
                    }
                    let available: u32 =
                        standing.iter().map(|section| self.available_in(&section.key, &wanted)).sum();
                    if available < left {
                        return Err(errors::not_enough(&found.state().name, available).into());
                    }
                    for section in standing {
                        let here = left.min(self.available_in(&section.key, &wanted));
                        if here > 0 {
                            let place = Place::Standing(section.key.clone());
                            wanted.push((place, section.key.clone(), *ticket_type, here));
                            left -= here;
                        }
                    }
                }
            }
        }
        Ok(wanted)
    }

    /// What is left in a section when what is `wanted` already is taken off.
    fn available_in(&self, section: &str, wanted: &[(Place, String, TicketTypeId, u32)]) -> u32 {
        let here = wanted.iter().filter(|(_, key, ..)| key == section).map(|(.., quantity)| quantity).sum();
        self.sections.get(section).map_or(0, SectionCount::available).saturating_sub(here)
    }

    fn type_open_to(&self, id: TicketTypeId, code: Option<&str>) -> Result<&TicketType, Refusal> {
        self.types
            .iter()
            .find(|known| known.state().id == id && known.is_open_to(code))
            .ok_or_else(|| Refusal::not_found("ticket type"))
    }

    fn type_for(
        &self,
        section: &str,
        named: Option<TicketTypeId>,
        code: Option<&str>,
    ) -> Result<TicketTypeId, Refusal> {
        if let Some(id) = named {
            return if self.type_open_to(id, code)?.covers(section) {
                Ok(id)
            } else {
                Err(Refusal::bad_input("ticketTypeId", format!("is not for seats of section {section}")))
            };
        }
        let mut fitting = self.types.iter().filter(|known| known.covers(section) && known.is_open_to(code));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only.state().id),
            (None, _) => Err(errors::sales_closed(format!("No tickets are sold for section {section}."))),
            (Some(_), Some(_)) => Err(Refusal::bad_input(
                "ticketTypeId",
                format!("must be named: there are several ticket types for section {section}"),
            )),
        }
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
        let left = section.available();
        if left < quantity {
            return Err(errors::not_enough(&name, left).into());
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
