//! From what somebody wishes for to the places and ticket types that it comes to.

use std::collections::BTreeSet;

use kernel::{Fault, Refusal, Result, TicketTypeId};

use super::Inventory;
use crate::domain::{
    entities::{Place, PlaceKind, TicketType, Wish, Wishes, places::left},
    errors, reasons,
};

/// Where a wish goes.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) place: Place,
    pub(super) section: String,
    pub(super) ticket_type: TicketTypeId,
    pub(super) quantity: u32,
}

/// In which fields of the input wishes come.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    seats: &'static str,
    places: &'static str,
}

impl Fields {
    /// Where places are set aside.
    pub const OF_A_HOLD: Self = Self { seats: "seats", places: "generalAdmission" };
    /// Where a cart is changed.
    pub const OF_A_CHANGE: Self = Self { seats: "addSeats", places: "addPlaces" };
}

impl Inventory {
    /// Where each wish goes; nowhere the seats that are one's `own` already.
    pub(super) fn wanted(&self, wishes: &Wishes, own: &BTreeSet<u32>, fields: Fields) -> Result<Vec<Wanted>> {
        let code = wishes.access_code.as_deref();
        let mut seen = BTreeSet::new();
        let mut wanted = Vec::new();
        for (at, wish) in wishes.wishes.iter().enumerate() {
            match wish {
                Wish::Seat { number, ticket_type } => {
                    let seat = self.house.seat(*number).ok_or_else(|| Refusal::not_found("seat"))?;
                    let place = format!("{}[{at}]", fields.seats);
                    if !seen.insert(*number) {
                        return Err(Refusal::bad_input(
                            fields.seats,
                            format!("{} is there twice", seat.name()),
                        )
                        .because(kernel::reasons::DUPLICATE)
                        .standing_at(&place)
                        .into());
                    }
                    if own.contains(number) {
                        continue;
                    }
                    let ticket_type = self.type_for(&seat.section.key, *ticket_type, code);
                    let ticket_type = ticket_type.map_err(|refusal| refusal.within(&place))?;
                    wanted.push(Wanted {
                        place: Place::Seat(*number),
                        section: seat.section.key.clone(),
                        ticket_type,
                        quantity: 1,
                    });
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
                        .because(kernel::reasons::INCONSISTENT)
                        .within(&format!("{}[{}]", fields.places, at - seen.len()))
                        .into());
                    }
                    let mut available: u32 = 0;
                    for section in &standing {
                        available += self.available_in(&section.key, &wanted)?;
                    }
                    if available < left {
                        let told = self.event.facts.shows_stock;
                        return Err(errors::not_enough(&found.state().name, available, told).into());
                    }
                    for section in standing {
                        let here = left.min(self.available_in(&section.key, &wanted)?);
                        if here > 0 {
                            wanted.push(Wanted {
                                place: Place::Standing,
                                section: section.key.clone(),
                                ticket_type: *ticket_type,
                                quantity: here,
                            });
                            left -= here;
                        }
                    }
                }
            }
        }
        Ok(wanted)
    }

    /// What is left in a section when what is `wanted` already is taken off.
    fn available_in(&self, section: &str, wanted: &[Wanted]) -> Result<u32, Fault> {
        let Some(count) = self.sections.get(section) else { return Ok(0) };
        let here =
            wanted.iter().filter(|wanted| wanted.section == section).map(|wanted| wanted.quantity).sum();
        left(count.available()?, [here], "places of a section")
    }

    pub(super) fn type_open_to(&self, id: TicketTypeId, code: Option<&str>) -> Result<&TicketType, Refusal> {
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
                Err(Refusal::bad_input("ticketTypeId", format!("is not for seats of section {section}"))
                    .because(kernel::reasons::INCONSISTENT))
            };
        }
        let mut fitting = self.types.iter().filter(|known| known.covers(section) && known.is_open_to(code));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only.state().id),
            (None, _) => {
                let message = format!("No tickets are sold for section {section}.");
                Err(Refusal::new(reasons::NOT_FOR_SALE, message))
            }
            (Some(_), Some(_)) => Err(Refusal::bad_input(
                "ticketTypeId",
                format!("must be named: there are several ticket types for section {section}"),
            )
            .because(kernel::reasons::REQUIRED)),
        }
    }
}
