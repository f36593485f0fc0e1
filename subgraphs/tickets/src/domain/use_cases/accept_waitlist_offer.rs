use kernel::{Fault, Refusal, ReservationId, Result, UserId, WaitlistEntryId};

use super::{Tickets, choosing::require_limits_of, leave_waitlist::OwnEntry, made_before};
use crate::domain::{
    entities::Reservation,
    ports::{Answered, Key},
};

/// An offer that somebody accepts.
#[derive(Clone, Debug)]
pub struct AcceptWaitlistOffer {
    /// Who.
    pub buyer: UserId,
    /// The offer of which entry.
    pub entry: WaitlistEntryId,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Tickets {
    /// Turns what is offered into a reservation like any other, with the time that a buyer has otherwise. Accepting twice is
    /// once: the clock goes on. Refused when the offer is over, even by a moment, and when they would have more than one buyer may:
    /// then it stays open as long as it is.
    #[tracing::instrument(skip_all)]
    pub async fn accept_waitlist_offer(&self, ask: AcceptWaitlistOffer) -> Result<Reservation> {
        let fingerprint = kernel::fingerprint(&ask.entry);
        let key = Key { by: ask.buyer, operation: "acceptWaitlistOffer", key: &ask.idempotency_key };
        let own = self.own_entry(ask.entry, ask.buyer, Some(key)).await?;
        let OwnEntry { mut tx, locked, mut entry, fate, reservation } = own;
        if let Some(made) = made_before(locked.answered, &fingerprint)? {
            let reservation = tx.reservation(ReservationId::from_uuid(made)).await?;
            return Ok(reservation.ok_or_else(|| Refusal::not_found("reservation"))?);
        }
        let now = tx.now();
        // What became of it counts, whether or not somebody has seen to the list since.
        if let Some(fate) = fate {
            entry.learn(fate, false, now);
        }
        let accepted = entry.accept(now)?;
        let mut reservation =
            reservation.ok_or_else(|| Fault::broken_rule("an offer without its reservation"))?;
        let mut inventory = locked.inventory;
        if accepted {
            inventory.event().sells(now)?;
            // They may have bought elsewhere since it was offered.
            require_limits_of(&mut *tx, &inventory, &reservation).await?;
            if let Err(refused) = reservation.restart(now, now + self.terms.hold) {
                drop(tx);
                return Err(self.naming_its_order(refused, reservation.state().id).await?.into());
            }
            inventory.extend(&reservation);
            tx.save_reservation(&mut reservation).await?;
            tx.save_waitlist_entries(std::slice::from_ref(&entry)).await?;
        }
        tx.save_inventory(&mut inventory).await?;
        tx.remember(key, Answered { fingerprint, made: reservation.state().id.uuid() }).await?;
        tx.commit().await?;
        Ok(reservation)
    }
}
