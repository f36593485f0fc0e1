mod handing_on;

pub use handing_on::{Circumstances, MOST_TRANSFERS, NewHolder, Transfer, not_yours};

use chrono::{DateTime, Utc};
use contracts::{Announcement, tickets::TicketCheckedIn};
use kernel::{EventId, Money, OrderId, RefundId, TicketId, TicketTypeId, TimeZone, UserId};

use super::{Attendee, Claim, KnownEvent, Order, Place, Standing, spoken::spoken};
use crate::domain::pricing::TicketUnit;

/// How many letters the short code of a ticket has.
const CODE: u32 = 10;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketStatus {
    /// It admits.
    Valid,
    /// Its holder is in.
    CheckedIn,
    /// It went to somebody else, with a new code.
    Transferred,
    /// The money went back.
    Refunded,
    /// It does not admit.
    Void,
}

impl TicketStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Valid, Self::CheckedIn, Self::Transferred, Self::Refunded, Self::Void];

    /// True while its place is kept for it. The place of another ticket may be anybody's.
    pub fn has_its_place(self) -> bool {
        matches!(self, Self::Valid | Self::CheckedIn)
    }

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::CheckedIn => "CHECKED_IN",
            Self::Transferred => "TRANSFERRED",
            Self::Refunded => "REFUNDED",
            Self::Void => "VOID",
        }
    }
}

/// Everything about a ticket; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketSnapshot {
    /// Which.
    pub id: TicketId,
    /// Of which order.
    pub order: OrderId,
    /// To which event.
    pub event: EventId,
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// Where.
    pub place: Place,
    /// In which section.
    pub section: String,
    /// Which of its order's places it is for, counted from 0 in the order of the claims.
    pub position: u32,
    /// As which ticket of its order's price it was bought; none in those from before that was kept.
    pub unit: Option<TicketUnit>,
    /// What was paid for it.
    pub price: Money,
    /// Short, for people at the door when no scanner works.
    pub code: String,
    /// Rises when a new QR code replaces the old one.
    pub epoch: u32,
    /// Who goes in.
    pub holder: Attendee,
    /// Where it stands.
    pub status: TicketStatus,
    /// With which refund it goes back, or went.
    pub refund: Option<RefundId>,
    /// When its holder went in.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// Through which gate.
    pub gate: Option<String>,
    /// Whose it is: who bought it, or to whom it was passed on. None where nobody is known to whom the address belongs that it was
    /// passed on to.
    pub owner: Option<UserId>,
    /// The address, as it is compared, of who would be its owner; none where that is known.
    pub waits_for: Option<String>,
    /// How often the ticket of its place was passed on.
    pub transfers: u32,
    /// How often its owner has written another name on it.
    pub renames: u32,
}

impl TicketSnapshot {
    /// True when it went back, is going back, or went to somebody else: its money cannot be given back.
    pub fn has_gone_back(&self) -> bool {
        self.refund.is_some() || matches!(self.status, TicketStatus::Refunded | TicketStatus::Transferred)
    }

    /// True while it admits to its event, or has admitted: then there is a code to show, and to print.
    pub fn is_good_for(&self, event: &KnownEvent) -> bool {
        self.status.has_its_place() && !event.is_called_off()
    }
}

/// What a scan came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckIn {
    /// Let them in.
    Admitted,
    /// They, or somebody with a copy, went in before.
    Already {
        /// When.
        at: DateTime<Utc>,
        /// Where.
        gate: Option<String>,
    },
    /// The ticket is for another event.
    WrongEvent,
    /// The ticket was given back, passed on or withdrawn.
    Void,
    /// It was passed on to somebody else, and another took its place.
    PassedOn,
    /// The money for it went back.
    Refunded,
    /// The payment for it is disputed at the bank, or was lost there.
    Withheld,
    /// It is no ticket of ours.
    Invalid,
    /// The event was called off: nobody is let in.
    CalledOff,
}

impl CheckIn {
    /// The names of all outcomes.
    pub const NAMES: [&'static str; 5] = ["ADMITTED", "ALREADY_CHECKED_IN", "WRONG_EVENT", "VOID", "INVALID"];

    /// As the log of the door and clients read it.
    pub fn name(&self) -> &'static str {
        let [admitted, already, wrong_event, void, invalid] = Self::NAMES;
        match self {
            Self::Admitted => admitted,
            Self::Already { .. } => already,
            Self::WrongEvent => wrong_event,
            Self::Void | Self::PassedOn | Self::Refunded | Self::Withheld | Self::CalledOff => void,
            Self::Invalid => invalid,
        }
    }

    /// For the person at the door, whose clock shows the time of the zone.
    pub fn message(&self, zone: TimeZone) -> String {
        match self {
            Self::Admitted => "Welcome.".to_owned(),
            Self::Already { at, gate } => {
                let gate = gate.as_deref().map(|gate| format!(" at {gate}")).unwrap_or_default();
                format!("Already checked in{gate}: {}.", printing::written_instant(*at, zone.tz()))
            }
            Self::WrongEvent => "This ticket is for another event.".to_owned(),
            Self::Void => "This ticket no longer admits.".to_owned(),
            Self::PassedOn => {
                "This ticket was passed on to somebody else: it admits with the new code that they were sent.".to_owned()
            }
            Self::Refunded => "The money for this ticket went back to its buyer: it no longer admits.".to_owned(),
            Self::Withheld => {
                "The payment for this ticket is disputed at the buyer's bank: it does not admit until that is settled. \
                 The buyer can clear it with their bank and the organizer."
                    .to_owned()
            }
            Self::Invalid => "This is not a ticket of ours.".to_owned(),
            Self::CalledOff => "This event was called off: nobody is let in.".to_owned(),
        }
    }
}

/// A right to enter.
#[derive(Clone, Debug)]
pub struct Ticket {
    state: TicketSnapshot,
    pending: Vec<Announcement>,
}

impl Ticket {
    /// The ticket for one place of an order's claim, the one at that position of all its places, which was bought as
    /// `unit` of the order's price for so much.
    pub fn issue(
        order: &Order,
        claim: &Claim,
        position: u32,
        unit: TicketUnit,
        price: Money,
        holder: Attendee,
    ) -> Self {
        let id = TicketId::new();
        Self::restore(TicketSnapshot {
            id,
            order: order.state().id,
            event: order.state().event,
            ticket_type: claim.ticket_type,
            place: claim.place,
            section: claim.section.clone(),
            position,
            unit: Some(unit),
            price,
            code: spoken(id.uuid(), CODE),
            epoch: 1,
            holder,
            status: TicketStatus::Valid,
            refund: None,
            checked_in_at: None,
            gate: None,
            owner: Some(order.state().buyer),
            waits_for: None,
            transfers: 0,
            renames: 0,
        })
    }

    /// The ticket as it was saved; for adapters.
    pub fn restore(state: TicketSnapshot) -> Self {
        Self { state, pending: Vec::new() }
    }

    /// Everything about it.
    pub fn state(&self) -> &TicketSnapshot {
        &self.state
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// True when it went back, is going back, or went to somebody else: its money cannot be given back.
    pub fn has_gone_back(&self) -> bool {
        self.state.has_gone_back()
    }

    /// True when its money went back.
    pub fn is_refunded(&self) -> bool {
        self.state.status == TicketStatus::Refunded
    }

    /// It goes back with this refund, and does not admit any more. When its holder went in stays written down.
    pub fn set_aside(&mut self, refund: RefundId) {
        self.state.refund = Some(refund);
        self.state.status = TicketStatus::Void;
    }

    /// It does not go back with this refund: it is worth what the money of its order is.
    pub fn restore_from(&mut self, refund: RefundId, standing: Standing) {
        if self.state.refund == Some(refund) {
            self.state.refund = None;
            self.follow(standing);
        }
    }

    /// Its money went back.
    pub fn take_back(&mut self) {
        self.state.status = TicketStatus::Refunded;
    }

    /// The money of its order is worth this from now on. When its holder went in stays written down.
    pub fn follow(&mut self, standing: Standing) {
        use TicketStatus::{CheckedIn, Refunded, Valid, Void};
        self.state.status = match (standing, self.state.status) {
            (Standing::Refunded, Valid | CheckedIn | Void) => Refunded,
            (Standing::Withheld, Valid | CheckedIn) => Void,
            (Standing::Good, Void) if self.state.refund.is_some() => Void,
            (Standing::Good, Void) if self.state.checked_in_at.is_some() => CheckedIn,
            (Standing::Good, Void) => Valid,
            (_, as_it_is) => as_it_is,
        };
    }

    /// Somebody shows it at a gate of `event`, with the QR code of `epoch`; `standing` is that of its order's money.
    pub fn scan(
        &mut self,
        event: EventId,
        epoch: u32,
        gate: Option<&str>,
        standing: Standing,
        now: DateTime<Utc>,
    ) -> CheckIn {
        if self.state.event != event {
            return CheckIn::WrongEvent;
        }
        if self.state.epoch != epoch {
            return CheckIn::Void;
        }
        match standing {
            Standing::Good if self.state.refund.is_some() => return CheckIn::Refunded,
            Standing::Good => {}
            Standing::Withheld => return CheckIn::Withheld,
            Standing::Refunded => return CheckIn::Refunded,
        }
        match (self.state.status, self.state.checked_in_at) {
            (TicketStatus::Valid, _) => {
                self.state.status = TicketStatus::CheckedIn;
                self.state.checked_in_at = Some(now);
                self.state.gate = gate.map(ToOwned::to_owned);
                self.pending.push(Announcement::of(&TicketCheckedIn {
                    ticket_id: self.state.id,
                    order_id: self.state.order,
                    event_id: self.state.event,
                    ticket_type_id: self.state.ticket_type,
                    gate: self.state.gate.clone(),
                    at: now,
                }));
                CheckIn::Admitted
            }
            (TicketStatus::CheckedIn, Some(at)) => CheckIn::Already { at, gate: self.state.gate.clone() },
            _ => CheckIn::Void,
        }
    }
}
