//! The best places of what is left: side by side, near to where one looks, and with nobody's seat left alone.

mod choice;

use std::collections::BTreeSet;

use kernel::{Refusal, Result, TicketTypeId};

use self::choice::{Hall, Spot};
use super::Inventory;
use crate::domain::{
    entities::{PlaceKind, SeatStatus, Wish, Wishes},
    errors, reasons,
};

/// Who wants to sit, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Party {
    /// How many places, all together.
    pub quantity: u32,
    /// How many of them are to be places for wheelchairs. Nobody else is given such a place.
    pub accessible: u32,
    /// How many of the others sit right beside those; where there is no other seat, on a place for a wheelchair.
    pub companions: u32,
    /// True when they may sit apart where there are not so many places side by side.
    pub may_be_split: bool,
}

impl Party {
    /// The party, when there can be such a one: all that is wrong is told at once.
    pub fn checked(self) -> Result<Self, Refusal> {
        if self.quantity == 0 {
            return Err(
                Refusal::bad_input("quantity", "must be at least 1").because(kernel::reasons::OUT_OF_RANGE)
            );
        }
        if self.accessible > self.quantity {
            let message = "must not be more than quantity, which counts all places";
            return Err(Refusal::bad_input("accessible", message).because(kernel::reasons::INCONSISTENT));
        }
        if self.companions > 0 && self.accessible == 0 {
            let message = "must be left out without accessible places to sit beside";
            return Err(Refusal::bad_input("companions", message).because(kernel::reasons::INCONSISTENT));
        }
        if self.companions > self.quantity - self.accessible {
            let message = "must not be more than quantity less accessible, which both count all places";
            return Err(Refusal::bad_input("companions", message).because(kernel::reasons::INCONSISTENT));
        }
        Ok(self)
    }
}

/// Which places are looked among.
#[derive(Clone, Copy, Debug)]
pub struct Where<'w> {
    /// Those of this ticket type.
    pub ticket_type: TicketTypeId,
    /// In one of these sections; in any when there are none.
    pub sections: &'w [String],
    /// Opens hidden ticket types.
    pub access_code: Option<&'w str>,
    /// Near to these seats; near to the front when there are none.
    pub beside: &'w [u32],
}

impl Inventory {
    /// True when a ticket type has seats to choose from, where `at` says.
    pub fn has_seats(&self, at: &Where<'_>) -> Result<bool, Refusal> {
        let known = self.type_open_to(at.ticket_type, at.access_code)?;
        for (place, key) in at.sections.iter().enumerate() {
            let wrong = match self.house.section(key) {
                None => (format!("the event's layout has no section {key}"), kernel::reasons::UNKNOWN),
                Some(_) if !known.covers(key) => {
                    let name = &known.state().name;
                    (format!("{name} is not for section {key}"), kernel::reasons::INCONSISTENT)
                }
                Some(_) => continue,
            };
            let refusal = Refusal::bad_input("sectionKeys", wrong.0).because(wrong.1);
            return Err(refusal.standing_at(&format!("sectionKeys[{place}]")));
        }
        Ok(self.house.sections().iter().any(|section| {
            section.kind == PlaceKind::Seated && known.covers(&section.key) && is_named(at, &section.key)
        }))
    }

    /// The best seats for a party, of those that are not `taken`.
    pub fn best_seats(&self, at: &Where<'_>, party: Party, taken: &[u32]) -> Result<Wishes, Refusal> {
        let known = self.type_open_to(at.ticket_type, at.access_code)?;
        let looked_at = |key: &str| known.covers(key) && is_named(at, key);
        let mut is_free = vec![true; self.house.seat_count()];
        for number in taken {
            if let Some(free) = is_free.get_mut(*number as usize) {
                *free = false;
            }
        }
        // What was decided in this transaction comes before what was read.
        for (number, seat) in &self.seats {
            if let Some(free) = is_free.get_mut(*number as usize) {
                *free = seat.status == SeatStatus::Available;
            }
        }
        let mut hall = Hall::of(&self.house, looked_at, &is_free, at.beside);
        let near = hall.middle_of(at.beside).unwrap_or_else(|| self.front());
        let Some(seats) = hall.seat(party, near) else { return Err(self.not_so_many(party, &hall)) };
        let wish = |number| Wish::Seat { number, ticket_type: Some(at.ticket_type) };
        let access_code = at.access_code.map(ToOwned::to_owned);
        Ok(Wishes { wishes: seats.into_iter().map(wish).collect(), access_code })
    }

    /// Where everybody looks: to the plan's focal point, or else to the middle of the front, which is above on a plan.
    fn front(&self) -> Spot {
        if let Some((x, y)) = self.house.focal_point() {
            return Spot { x, y };
        }
        let seats = self.house.sections().iter().flat_map(|section| self.house.seats_of(section));
        let none = (f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY);
        let (left, right, top) = seats.fold(none, |(left, right, top), seat| {
            (left.min(seat.seat.x), right.max(seat.seat.x), top.min(seat.seat.y))
        });
        Spot { x: f32::midpoint(left, right), y: top }
    }

    fn not_so_many(&self, party: Party, hall: &Hall) -> Refusal {
        let (seats, for_wheelchairs) = hall.left();
        let told = self.event.facts.shows_stock;
        if for_wheelchairs < party.accessible {
            return errors::not_enough("places for wheelchairs", for_wheelchairs, told);
        }
        let others = party.quantity - party.accessible;
        if seats < others {
            return errors::not_enough("these seats", seats, told);
        }
        let message = match (party.accessible, party.may_be_split) {
            (0, _) => format!(
                "There are not {} seats side by side any more. Ask for fewer, or agree to sit apart.",
                party.quantity
            ),
            (_, false) => "There are not so many seats beside a place for a wheelchair any more. Ask for fewer, or agree to sit apart."
                .to_owned(),
            (_, true) => "There is no seat beside a place for a wheelchair any more for everybody who is to sit there. Ask for fewer companions."
                .to_owned(),
        };
        Refusal::new(reasons::NOT_SIDE_BY_SIDE, message)
    }
}

fn is_named(at: &Where<'_>, key: &str) -> bool {
    at.sections.is_empty() || at.sections.iter().any(|named| named == key)
}

/// The numbers of all seats of these, without doubles.
pub fn numbers_of(wishes: &Wishes) -> BTreeSet<u32> {
    let number = |wish: &Wish| match wish {
        Wish::Seat { number, .. } => Some(*number),
        Wish::Standing { .. } => None,
    };
    wishes.wishes.iter().filter_map(number).collect()
}

#[cfg(test)]
mod tests;
