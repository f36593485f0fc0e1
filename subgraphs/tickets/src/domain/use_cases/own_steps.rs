use std::borrow::Cow;

use chrono::{DateTime, Utc};
use contracts::purchase::{Outcome, PurchaseStep};
use kernel::{Error, Fault, Result};
use saga::Ask;

use crate::domain::{
    entities::{CALLED_OFF, Inventory, Order, Reservation, Ticket, TicketType},
    ports::Tx,
    pricing::PriceBreakdown,
};

/// How long seats that were taken again are kept while the purchase goes on.
const REGAINED: std::time::Duration = std::time::Duration::from_mins(5);

/// An order's event and its reservation, both locked: with them `tickets` does its own steps of a purchase.
pub(super) struct Hall {
    inventory: Inventory,
    reservation: Reservation,
    /// True when the reservation is not as it was loaded.
    changed: bool,
    /// The tickets that were issued here.
    tickets: Vec<Ticket>,
}

impl Hall {
    pub(super) fn new(inventory: Inventory, reservation: Reservation) -> Self {
        Self { inventory, reservation, changed: false, tickets: Vec::new() }
    }

    /// The same, with a reservation that was changed before.
    pub(super) fn changed(inventory: Inventory, reservation: Reservation) -> Self {
        Self { changed: true, ..Self::new(inventory, reservation) }
    }

    /// The reservation as it is now.
    pub(super) fn reservation(self) -> Reservation {
        self.reservation
    }

    /// What is asked for the order, and what that is made of.
    pub(super) fn price_of<'h>(&'h self, order: &'h Order) -> Result<Cow<'h, PriceBreakdown>, Fault> {
        order.state().price(&self.reservation)
    }

    /// The event, as it is now.
    pub(super) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The tickets that were issued here.
    pub(super) fn tickets(&self) -> &[Ticket] {
        &self.tickets
    }

    /// Does what is asked of `tickets` itself. A refusal leaves everything as it was.
    pub(super) fn does(
        &mut self,
        ask: Ask<PurchaseStep>,
        order: &mut Order,
        now: DateTime<Utc>,
    ) -> Result<Outcome> {
        match ask {
            Ask::Do(PurchaseStep::SecureSeats) => self.secure(now),
            Ask::Do(PurchaseStep::IssueTickets) => self.issue(order, now),
            Ask::Undo(PurchaseStep::SecureSeats, _) => self.release(),
            _ => Err(Fault::broken_rule(format!("{ask:?} is asked of another service")).into()),
        }
    }

    /// Saves what became of it.
    pub(super) async fn save(&mut self, tx: &mut dyn Tx) -> Result<(), Fault> {
        if self.changed {
            tx.save_reservation(&mut self.reservation).await?;
        }
        tx.save_inventory(&mut self.inventory).await?;
        tx.add_tickets(&mut self.tickets).await
    }

    /// The order's places, if its event still takes place: what is paid for one that was called off goes back. Places that
    /// had run out are taken again if they are free; never others.
    fn secure(&mut self, now: DateTime<Utc>) -> Result<Outcome> {
        if self.inventory.event().is_called_off() {
            return Ok(Outcome::Refused { reason: CALLED_OFF.to_owned() });
        }
        if self.reservation.state().holding {
            return Ok(Outcome::Done);
        }
        let mut regained = self.reservation.clone();
        regained.regain(now + REGAINED);
        // On a copy: a refusal must leave nothing half done.
        let mut attempt = self.inventory.clone();
        match attempt.retake(&regained) {
            Ok(()) => {
                (self.inventory, self.reservation, self.changed) = (attempt, regained, true);
                Ok(Outcome::Done)
            }
            Err(Error::Refused(refusal)) => Ok(Outcome::Refused { reason: refusal.message }),
            Err(broken) => Err(broken),
        }
    }

    /// The places are free again.
    fn release(&mut self) -> Result<Outcome> {
        if self.reservation.state().holding {
            self.inventory.give_back(&self.reservation)?;
            self.reservation.let_go();
            self.changed = true;
        }
        Ok(Outcome::Done)
    }

    /// The places become tickets.
    fn issue(&mut self, order: &mut Order, now: DateTime<Utc>) -> Result<Outcome> {
        if order.is_issued() {
            return Ok(Outcome::Done);
        }
        let secured = self.secure(now)?;
        if secured != Outcome::Done {
            return Ok(secured);
        }
        self.inventory.sell(&self.reservation)?;
        let price = order.state().price(&self.reservation)?;
        let mut attendees = (0..).zip(order.state().attendees.clone());
        for (claim, units) in self.reservation.lines() {
            for (unit, paid) in units.iter().zip(price.each(&units)?) {
                let next = attendees.next();
                let (position, holder) =
                    next.ok_or_else(|| Fault::broken_rule("more places than attendees"))?;
                self.tickets.push(Ticket::issue(order, claim, position, *unit, paid.total, holder));
            }
        }
        let is_it = |id| move |known: &&TicketType| known.state().id == id;
        let (types, organization) = (self.inventory.types(), self.inventory.event().facts.organization_id);
        let name = |id| types.iter().find(is_it(id)).map(|known| known.state().name.clone());
        order.issued(&self.reservation, organization, |id| name(id).unwrap_or_default(), now)?;
        self.reservation.let_go();
        self.changed = true;
        Ok(Outcome::Done)
    }
}
