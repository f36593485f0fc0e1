use kernel::{EventId, Refusal, Result, UserId, WaitlistEntryId};

use super::{
    Tickets, begin_tidied, made_before,
    price_of::{price_of, terms_of},
};
use crate::domain::{
    entities::{Claim, Inventory, Reservation, Waited, WaitlistEntry, WaitlistWish},
    ports::{Answered, Key, Look, Tx},
    reasons,
};

/// The most entries that wait for one event.
const MOST_WAITING: u64 = 20_000;

/// Somebody who wants to wait for places.
#[derive(Clone, Debug)]
pub struct JoinWaitlist {
    /// Who.
    pub buyer: UserId,
    /// Of which event.
    pub event: EventId,
    /// For what.
    pub wish: WaitlistWish,
    /// The same key gives the same answer.
    pub idempotency_key: Option<String>,
}

impl Tickets {
    /// Has a buyer wait for places of an event, behind all who wait already. Refused while what they wait for can be had.
    /// Who waits for the very same already goes on waiting.
    #[tracing::instrument(skip_all)]
    pub async fn join_waitlist(&self, ask: JoinWaitlist) -> Result<WaitlistEntry> {
        let missing = || Refusal::not_found("event");
        self.pace.wants(ask.buyer, ask.event, 1)?;
        let fingerprint = kernel::fingerprint(&(ask.event, &ask.wish));
        let key = ask.idempotency_key.as_deref();
        let key = key.map(|key| Key { by: ask.buyer, operation: "joinWaitlist", key });
        let look = Look { buyer: Some(ask.buyer), key, ..Look::default() };
        let begun = begin_tidied(&*self.store, ask.event, look).await?;
        let (mut tx, locked) = begun.ok_or_else(missing)?;
        if let Some(made) = made_before(locked.answered, &fingerprint)? {
            let entry = tx.waitlist_entry(WaitlistEntryId::from_uuid(made)).await?;
            return Ok(entry
                .map(|(entry, _)| entry)
                .ok_or_else(|| Refusal::not_found("waiting list entry"))?);
        }
        let mut inventory = locked.inventory;
        let now = tx.now();
        inventory.event().sells(now)?;
        ask.wish.check(inventory.types(), inventory.event(), now)?;
        let open = tx.open_waitlist_entries(ask.event, ask.buyer).await?;
        let entry = if let Some(same) = WaitlistEntry::may_join(&ask.wish, &open)? {
            same.clone()
        } else {
            require_nothing_left(&mut *tx, &inventory, &ask).await?;
            if tx.so_many_wait(ask.event, MOST_WAITING).await? {
                let message = "So many wait for this event that nobody else would get a place.";
                return Err(Refusal::new(reasons::WAITLIST_FULL, message).with("limit", MOST_WAITING).into());
            }
            let until = ask.wish.sold_until(inventory.types(), inventory.event());
            let entry = WaitlistEntry::join(ask.event, ask.buyer, ask.wish, now, until.unwrap_or(now));
            tx.add_waitlist_entry(&entry).await?;
            inventory.is_waited_for(with(inventory.waited(), &entry));
            entry
        };
        tx.save_inventory(&mut inventory).await?;
        if let Some(key) = key {
            tx.remember(key, Answered { fingerprint, made: entry.state().id.uuid() }).await?;
        }
        tx.commit().await?;
        Ok(entry)
    }
}

/// Who waits for an event, with one more.
fn with(waited: &Waited, entry: &WaitlistEntry) -> Waited {
    let is = entry.state();
    let new = is.wish.types.iter().filter(|wanted| !waited.types.contains(wanted));
    let types = waited.types.iter().chain(new).copied().collect();
    Waited { types, look_at: waited.look_at.into_iter().chain([is.waits_until]).min() }
}

/// Refuses when what somebody would wait for can be had just now.
async fn require_nothing_left(tx: &mut dyn Tx, inventory: &Inventory, ask: &JoinWaitlist) -> Result<()> {
    let taken = all_taken_seats(tx, inventory).await?;
    let (now, terms) = (tx.now(), terms_of(inventory));
    let priced = |claims: Vec<Claim>| {
        let price = price_of(&claims, &terms, None)?;
        Ok(Reservation::hold(ask.event, ask.buyer, claims, price, terms.clone(), now, now))
    };
    let mut attempt = inventory.clone();
    if attempt.set_aside_for(&ask.wish, &ask.wish.types, &taken, priced, now)?.is_some() {
        let message = "There are such places just now. Choose them instead of waiting.";
        return Err(Refusal::new(reasons::PLACES_LEFT, message).into());
    }
    Ok(())
}

/// All seats of a locked event that cannot be had.
pub(super) async fn all_taken_seats(tx: &mut dyn Tx, inventory: &Inventory) -> Result<Vec<u32>> {
    let seats = u32::try_from(inventory.house().seat_count()).unwrap_or(u32::MAX);
    match seats.checked_sub(1) {
        Some(last) => Ok(tx.taken_seats(inventory.event().id, 0, last).await?),
        None => Ok(Vec::new()),
    }
}
