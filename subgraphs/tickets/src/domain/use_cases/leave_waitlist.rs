use contracts::tickets::WaitlistEnd;
use kernel::{Fault, Refusal, Result, UserId, WaitlistEntryId};

use super::{Tickets, begin_tidied, offer_places::tell_end};
use crate::domain::{
    entities::{OfferFate, Reservation, Waited, WaitlistEntry, WaitlistStatus},
    ports::{Key, Locked, Look, Tx, WaitlistView},
};

/// How often is looked again at an entry that was just made an offer.
const LOOKS: usize = 3;

/// An entry and its event, both locked.
pub(super) struct OwnEntry {
    pub(super) tx: Box<dyn Tx>,
    pub(super) locked: Locked,
    pub(super) entry: WaitlistEntry,
    pub(super) fate: Option<OfferFate>,
    /// By which places are set aside for it.
    pub(super) reservation: Option<Reservation>,
}

impl Tickets {
    /// Has a buyer wait no longer. What is offered to them goes to the next at once. Leaving twice is once.
    #[tracing::instrument(skip_all)]
    pub async fn leave_waitlist(&self, id: WaitlistEntryId, by: UserId) -> Result<WaitlistView> {
        let own = self.own_entry(id, by, None).await?;
        let OwnEntry { mut tx, locked, mut entry, fate, reservation } = own;
        let mut inventory = locked.inventory;
        let now = tx.now();
        match (entry.status(fate), reservation) {
            (WaitlistStatus::Waiting, _) => entry.end(WaitlistEnd::Left, now),
            (WaitlistStatus::Offered, Some(mut reservation)) => {
                if let Err(refused) = reservation.release(now) {
                    drop(tx);
                    return Err(self.naming_its_order(refused, reservation.state().id).await?.into());
                }
                inventory.give_back(&reservation)?;
                tx.save_reservation(&mut reservation).await?;
                entry.end(WaitlistEnd::Declined, now);
            }
            _ => return Ok(WaitlistView { entry, fate }),
        }
        tx.save_waitlist_entries(std::slice::from_ref(&entry)).await?;
        tell_end(&mut *tx, &entry, &inventory).await?;
        // What was gathered for it, say, is for others now; and what it gave back is for the next.
        inventory.keep_for_who_waits()?;
        let (types, _) = tx.waited_for(entry.state().event).await?;
        inventory.is_waited_for(Waited { types, look_at: Some(now) });
        tx.save_inventory(&mut inventory).await?;
        tx.commit().await?;
        Ok(WaitlistView { entry, fate: None })
    }

    /// A buyer's own entry with its event and what is offered to it, all of them as they are when the event is locked.
    pub(super) async fn own_entry(
        &self,
        id: WaitlistEntryId,
        by: UserId,
        key: Option<Key<'_>>,
    ) -> Result<OwnEntry> {
        let missing = || Refusal::not_found("waiting list entry");
        for _ in 0..LOOKS {
            let known = self.reads.waitlist_entries(&[id]).await?.pop();
            let known = known.filter(|known| known.entry.state().buyer == by).ok_or_else(missing)?;
            let offered = known.entry.state().reservation;
            let held = match offered {
                Some(reservation) => self.reads.reservation(reservation).await?,
                None => None,
            };
            let seats = held.as_ref().map(Reservation::seats).unwrap_or_default();
            let look = Look { seats: &seats, reservation: offered, key, ..Look::default() };
            let begun = begin_tidied(&*self.store, known.entry.state().event, look).await?;
            let (mut tx, mut locked) = begun.ok_or_else(missing)?;
            let (entry, fate) = tx.waitlist_entry(id).await?.ok_or_else(missing)?;
            if entry.state().reservation == offered {
                let reservation = locked.reservation.take();
                return Ok(OwnEntry { tx, locked, entry, fate, reservation });
            }
            // It was made an offer between the look and the lock.
        }
        Err(Fault::passing("locking an entry of a waiting list", "it changed again and again").into())
    }
}
