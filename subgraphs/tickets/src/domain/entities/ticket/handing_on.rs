//! A ticket changes hands, or names.

use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, OrderId, Refusal, TicketId, UserId};

use super::{Ticket, TicketSnapshot, TicketStatus};
use crate::domain::{
    entities::{Attendee, KnownEvent, Standing, spoken::spoken},
    reasons,
};

/// How often the ticket of one place may be passed on. Friends do so once or twice; whoever does it more often trades with it, or
/// has us write mails to strangers.
pub const MOST_TRANSFERS: u32 = 5;
/// How often whose ticket it is may write another name on it, until it is passed on.
const MOST_RENAMES: u32 = 10;

/// Who gets a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHolder {
    /// What stands on it.
    pub named: Attendee,
    /// Their address as it is compared.
    pub address: String,
    /// Whose account has this address, and has shown that mail to it arrives.
    pub account: Option<UserId>,
}

/// A line of the history of a place's tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which ticket was passed on: it admits nobody any more.
    pub replaced: TicketId,
    /// Which one took its place.
    pub ticket: TicketId,
    /// Of which order.
    pub order: OrderId,
    /// To which event.
    pub event: EventId,
    /// Of which of the order's places.
    pub position: u32,
    /// The how manieth transfer of this place it is, from 1 on.
    pub number: u32,
    /// The short code of the ticket that was passed on.
    pub code: String,
    /// Who passed it on.
    pub from: UserId,
    /// Who got it, where that was known.
    pub to: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// How the world is in which a ticket is to change.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// Its event.
    pub event: &'c KnownEvent,
    /// What the money of its order is worth.
    pub standing: Standing,
    /// When.
    pub now: DateTime<Utc>,
}

impl TicketSnapshot {
    /// True for the person whose ticket it is. What was passed on is nobody's any more.
    pub fn is_of(&self, person: UserId) -> bool {
        self.owner == Some(person) && self.status != TicketStatus::Transferred
    }

    /// True while it is as it was bought: whoever bought it has it, or had it until now.
    pub fn was_never_passed_on(&self) -> bool {
        self.transfers == 0
    }

    /// The same ticket as it was before this transfer, of which nothing is left but that it was. Who had it is named no more.
    #[must_use]
    pub fn replaced_by(&self, transfer: &Transfer) -> Self {
        Self {
            id: transfer.replaced,
            code: transfer.code.clone(),
            holder: Attendee { name: String::new(), email: String::new() },
            status: TicketStatus::Transferred,
            refund: None,
            checked_in_at: None,
            gate: None,
            owner: Some(transfer.from),
            waits_for: None,
            transfers: transfer.number,
            renames: 0,
            ..self.clone()
        }
    }

    /// Refuses when whose ticket it is may not pass it on.
    pub fn may_be_passed_on(&self, is: Circumstances<'_>) -> Result<(), Refusal> {
        self.is_worth_something(is.standing)?;
        if is.event.is_called_off() {
            let message = "The event was called off: its tickets admit nobody, and are not passed on.";
            return Err(Refusal::new(reasons::EVENT_CALLED_OFF, message));
        }
        if is.event.facts.status == EventStatus::Completed || is.event.facts.ends_at <= is.now {
            let message = "The event is over: its tickets are not passed on any more.";
            return Err(Refusal::new(reasons::EVENT_ENDED, message));
        }
        if self.transfers >= MOST_TRANSFERS {
            let message = format!(
                "This ticket was passed on {} times, and cannot be once more. Who cannot come may give it back.",
                self.transfers
            );
            return Err(Refusal::new(reasons::TOO_MANY_TRANSFERS, message).with("limit", MOST_TRANSFERS));
        }
        Ok(())
    }

    /// Refuses when no other name may be written on it.
    fn may_be_renamed(&self, is: Circumstances<'_>) -> Result<(), Refusal> {
        self.is_worth_something(is.standing)?;
        if is.event.is_called_off() {
            let message = "The event was called off: no names are written on its tickets any more.";
            return Err(Refusal::new(reasons::EVENT_CALLED_OFF, message));
        }
        if is.event.facts.status == EventStatus::Completed || is.event.facts.starts_at <= is.now {
            let message = "The event has begun: names on its tickets cannot be changed any more.";
            return Err(Refusal::new(reasons::TOO_LATE_TO_RENAME, message));
        }
        Ok(())
    }

    fn is_worth_something(&self, standing: Standing) -> Result<(), Refusal> {
        let no = |reason, message: &str| Err(Refusal::new(reason, message));
        match (self.status, standing) {
            (TicketStatus::Transferred, _) => {
                let message = "This ticket was passed on to somebody else, and another took its place.";
                no(reasons::TICKET_PASSED_ON, message)
            }
            (TicketStatus::Refunded, _) | (_, Standing::Refunded) => no(
                reasons::TICKET_REFUNDED,
                "The money for this ticket went back: it admits nobody any more.",
            ),
            _ if self.refund.is_some() => {
                let message = "The money for this ticket is going back: it admits nobody any more.";
                no(reasons::TICKET_GOING_BACK, message)
            }
            (_, Standing::Withheld) => {
                let message = "The payment for this ticket is disputed at the bank. It can be changed when the bank has decided \
                               for the payment.";
                no(reasons::PAYMENT_DISPUTED, message)
            }
            (TicketStatus::CheckedIn, _) => {
                let refusal =
                    Refusal::new(reasons::TICKET_USED, "Somebody went in with this ticket already.");
                Err(refusal.with("ticketIds", vec![self.id.public().to_string()]))
            }
            (TicketStatus::Void, _) => no(reasons::TICKET_VOID, "This ticket admits nobody any more."),
            (TicketStatus::Valid, _) => Ok(()),
        }
    }
}

impl Ticket {
    /// Whose ticket it is passes it on. From now on it is another one, with an id and a code of its own, and the old code is
    /// worth nothing.
    pub fn pass_on(&mut self, by: UserId, to: NewHolder, is: Circumstances<'_>) -> Result<Transfer, Refusal> {
        if !self.state.is_of(by) {
            return Err(not_yours());
        }
        self.state.may_be_passed_on(is)?;
        let before = &self.state;
        let id = TicketId::new();
        let transfer = Transfer {
            replaced: before.id,
            ticket: id,
            order: before.order,
            event: before.event,
            position: before.position,
            number: before.transfers + 1,
            code: before.code.clone(),
            from: by,
            to: to.account,
            at: is.now,
        };
        self.state = TicketSnapshot {
            id,
            code: spoken(id.uuid(), super::CODE),
            epoch: 1,
            holder: to.named,
            owner: to.account,
            waits_for: to.account.is_none().then_some(to.address),
            transfers: transfer.number,
            renames: 0,
            ..self.state.clone()
        };
        Ok(transfer)
    }

    /// Another name stands on it, and where no address is given the one it had. `by_owner` is counted. Who stood on it before;
    /// none when nothing is different.
    pub fn rename(
        &mut self,
        name: String,
        email: Option<String>,
        by_owner: bool,
        is: Circumstances<'_>,
    ) -> Result<Option<Attendee>, Refusal> {
        let email = email.unwrap_or_else(|| self.state.holder.email.clone());
        let named = Attendee { name, email };
        if named == self.state.holder && self.state.status != TicketStatus::Transferred {
            return Ok(None);
        }
        self.state.may_be_renamed(is)?;
        if by_owner {
            if self.state.renames >= MOST_RENAMES {
                let message = format!(
                    "Another name was written on this ticket {MOST_RENAMES} times. Ask the organizer to change it once more."
                );
                return Err(Refusal::new(reasons::TOO_MANY_RENAMES, message).with("limit", MOST_RENAMES));
            }
            self.state.renames += 1;
        }
        Ok(Some(std::mem::replace(&mut self.state.holder, named)))
    }

    /// It waits at another address for whose it is, or is theirs at once: who wrote it first had mistyped it.
    pub fn wait_at(&mut self, address: String, account: Option<UserId>) {
        if self.state.owner.is_none() {
            self.state.owner = account;
            self.state.waits_for = account.is_none().then_some(address);
        }
    }
}

/// For who may see a ticket that is somebody else's.
pub fn not_yours() -> Refusal {
    Refusal::new(
        kernel::reasons::OWNER_ONLY,
        "This is done by the person whose ticket it is, and nobody else.",
    )
}

#[cfg(test)]
mod tests;
