//! What can be done with tickets. A file each: load, decide, save.

mod accept_waitlist_offer;
mod apply_promo_code;
mod block_seats;
mod call_off;
mod change_reservation;
mod check_in;
mod checkout;
mod choosing;
mod claim_order;
mod create_promo_code;
mod create_ticket_type;
mod extend_reservation;
mod follow_the_money;
mod forget_buyer;
mod giving_back;
mod hold_best_available;
mod hold_seats;
mod issue_invoice;
mod join_waitlist;
mod learn;
mod leave_waitlist;
mod move_sagas_on;
mod offer_places;
mod open_file;
mod own_steps;
mod price_of;
mod read;
mod refund_order;
mod release_reservation;
mod relist;
mod rename_ticket_holder;
mod run_cancellation;
mod run_purchase;
mod run_refund;
mod set_seating_rules;
mod settle_promo_codes;
mod tell_of_moves;
mod tell_of_stock;
mod tidy_up;
mod transfer_ticket;
mod update_promo_code;

pub use accept_waitlist_offer::AcceptWaitlistOffer;
pub use block_seats::BlockSeats;
pub use change_reservation::ChangeReservation;
pub use check_in::{CheckInAnswer, CheckInAsk};
pub use checkout::Checkout;
pub use claim_order::ClaimOrder;
pub use create_promo_code::CreatePromoCode;
pub use create_ticket_type::CreateTicketType;
pub use giving_back::{GivenBackBy, RefundQuote};
pub use hold_best_available::HoldBestAvailable;
pub use hold_seats::HoldSeats;
pub use join_waitlist::JoinWaitlist;
pub use refund_order::RefundOrder;
pub use rename_ticket_holder::RenameTicketHolder;
pub use set_seating_rules::SetSeatingRules;
pub use transfer_ticket::{TransferTicket, TransferredTicket};
pub use update_promo_code::UpdatePromoCode;

use std::{sync::Arc, time::Duration};

use kernel::{Clock, EventId, Refusal, ReservationId, Result};
use uuid::Uuid;

use super::{
    entities::{PublicKey, Reservation, TicketKeys},
    errors,
    ports::{Answered, LAPSED_AT_ONCE, Locked, Look, Members, Pace, Reads, Store, Tx},
    reasons,
};

/// How long things may take, and how many of them there may be.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long places are set aside for a buyer who is choosing.
    pub hold: Duration,
    /// How much longer they are for who asks for more time, once.
    pub extend: Duration,
    /// How long a buyer has to pay, from the checkout.
    pub pay: Duration,
    /// How long places are offered to who waits, when there is time enough.
    pub offer: Duration,
    /// How many places of one event a buyer may have set aside, not counting orders.
    pub open_places: u32,
}

impl Terms {
    /// Nothing that is begun becomes due by itself sooner than this.
    pub fn soonest_deadline(&self) -> Duration {
        self.hold.min(self.pay).min(saga::ASK_AGAIN)
    }
}

/// The use cases of `tickets`.
#[derive(Clone)]
pub struct Tickets {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) members: Arc<dyn Members>,
    pub(crate) pace: Arc<dyn Pace>,
    pub(crate) keys: TicketKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) terms: Terms,
}

impl Tickets {
    /// The use cases over these adapters.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn Reads>,
        members: Arc<dyn Members>,
        pace: Arc<dyn Pace>,
        keys: TicketKeys,
        clock: Arc<dyn Clock>,
        terms: Terms,
    ) -> Self {
        Self { store, reads, members, pace, keys, clock, terms }
    }

    /// The public halves of all keys that tickets may be signed with.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys.public()
    }

    /// A refusal of what became an order already names the order, so that whoever lost its answer goes on with it.
    async fn naming_its_order(&self, refused: Refusal, reservation: ReservationId) -> Result<Refusal> {
        if !refused.is(reasons::ALREADY_CHECKED_OUT) {
            return Ok(refused);
        }
        let order = self.reads.order_of(reservation).await?;
        Ok(match order {
            Some(order) => refused.with("orderId", order.public().to_string()),
            None => refused,
        })
    }
}

/// Begins a transaction that locks an event, and gives back first what has run out: expiry is decided here and now,
/// whether or not the sweeper runs.
async fn begin_tidied(
    store: &dyn Store,
    event: EventId,
    look: Look<'_>,
) -> Result<Option<(Box<dyn Tx>, Locked)>> {
    let Some((mut tx, mut locked)) = store.begin_on(event, look).await? else { return Ok(None) };
    tidy(&mut *tx, &mut locked).await?;
    Ok(Some((tx, locked)))
}

/// Gives back what has run out of a locked event: some at a time, and all of it. A place that has run out is free, however
/// many did.
async fn tidy(tx: &mut dyn Tx, locked: &mut Locked) -> Result<()> {
    let mut lapsed = std::mem::take(&mut locked.lapsed);
    while !lapsed.is_empty() {
        let seats: Vec<u32> = lapsed.iter().flat_map(Reservation::seats).collect();
        if !seats.is_empty() {
            tx.more_seats(&mut locked.inventory, &seats).await?;
        }
        for reservation in &mut lapsed {
            locked.inventory.give_back(reservation)?;
            reservation.lapse(tx.now());
        }
        tx.save_lapsed(&mut lapsed).await?;
        if let Some(looked_for) = &mut locked.reservation
            && let Some(now) = lapsed.iter().find(|lapsed| lapsed.state().id == looked_for.state().id)
        {
            *looked_for = now.clone();
        }
        lapsed = if lapsed.len() < LAPSED_AT_ONCE {
            Vec::new()
        } else {
            tx.lapsed(locked.inventory.event().id).await?
        };
    }
    // Before anybody else decides: what has run out is for who waits first.
    locked.inventory.keep_for_who_waits()?;
    Ok(())
}

/// What was made under a key before, when the input was the same.
fn made_before(answered: Option<Answered>, fingerprint: &str) -> Result<Option<Uuid>, Refusal> {
    match answered {
        None => Ok(None),
        Some(before) if before.fingerprint == fingerprint || is_of_old(&before.fingerprint) => {
            Ok(Some(before.made))
        }
        Some(_) => Err(errors::key_reused()),
    }
}

/// Earlier versions kept the input itself. It cannot be compared; within days all such keys are forgotten.
fn is_of_old(fingerprint: &str) -> bool {
    fingerprint.len() != 64 || !fingerprint.bytes().all(|letter| letter.is_ascii_hexdigit())
}
