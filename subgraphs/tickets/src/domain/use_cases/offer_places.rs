use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    tickets::{OfferedPlaces, WaitlistEnd, WaitlistEnded, WaitlistOffered},
};
use kernel::{EventId, Fault, Result, TicketTypeId};

use super::{
    Tickets, begin_tidied,
    join_waitlist::all_taken_seats,
    price_of::{price_of, terms_of},
    run_purchase::on_ticket,
};
use crate::domain::{
    entities::{Claim, Inventory, Queue, Reservation, Waited, WaitlistEntry, offered_until, sold_until},
    ports::{Look, Tx},
};

/// How many events are worked off before the worker looks at its stop signal again.
const EVENTS_AT_ONCE: u64 = 50;
/// How many entries are read, or end, at once.
const ENTRIES_AT_ONCE: u64 = 200;
/// How many offers one transaction makes at most.
const OFFERS_AT_ONCE: usize = 20;

impl Tickets {
    /// Sees to all waiting lists that need it: offers what came free to who is next, and tells those whose time is over. An
    /// event whose list cannot be seen to delays no other. How long it is until there is something else to do.
    pub async fn see_to_waitlists(&self) -> Result<Duration> {
        let (mut after, mut more) = (None, false);
        loop {
            let events = self.reads.events_to_see_to(after, EVENTS_AT_ONCE).await?;
            for event in &events {
                match self.see_to_waitlist(*event).await {
                    Ok(again) => more |= again,
                    Err(error) => {
                        metrics::counter!("waitlists_failed_total").increment(1);
                        tracing::error!(%event, %error, "a waiting list cannot be seen to");
                    }
                }
            }
            if (events.len() as u64) < EVENTS_AT_ONCE {
                break;
            }
            after = events.last().copied();
        }
        if more {
            return Ok(Duration::ZERO);
        }
        Ok(self.reads.until_next_waitlist().await?.unwrap_or(Duration::MAX))
    }

    /// Sees to the waiting list of one event, a portion of it. True when there is more to do at once.
    async fn see_to_waitlist(&self, event: EventId) -> Result<bool> {
        let Some((mut tx, locked)) = begin_tidied(&*self.store, event, Look::default()).await? else {
            return Ok(false);
        };
        let mut inventory = locked.inventory;
        let mut more = end_offers(&mut *tx, &inventory).await?;
        more |= end_waits(&mut *tx, &inventory).await?;
        let kept = tx.kept_for_who_waits(event).await?;
        let seats = kept.iter().filter_map(|kept| kept.what.seat());
        let unknown = inventory.unknown(seats);
        if !unknown.is_empty() {
            tx.more_seats(&mut inventory, &unknown).await?;
        }
        let now = tx.now();
        let is_over = inventory.event().is_over(now);
        let sells = inventory.event().sells(now).is_ok();
        // What is put off keeps what it has for who waits; what is over keeps nothing.
        if sells || is_over {
            inventory.takes_in_hand(&kept)?;
        }
        if sells && self.offer(&mut *tx, &mut inventory).await? {
            more = true;
        }
        let (types, next) = tx.waited_for(event).await?;
        let look_at = if more { Some(now) } else { next };
        inventory.is_waited_for(Waited { types, look_at });
        tx.save_inventory(&mut inventory).await?;
        tx.commit().await?;
        Ok(more)
    }

    /// Offers what can be had to those who wait, in their order. True when there may be more to offer.
    async fn offer(&self, tx: &mut dyn Tx, inventory: &mut Inventory) -> Result<bool> {
        let (event, now) = (inventory.event().id, tx.now());
        let rivals = inventory.rivals();
        let mut queue = Queue::begin(now, &rivals);
        let mut taken = None;
        // Who wants the same later does not get it either: there is never more than before.
        let mut missed = BTreeSet::new();
        let (mut after, mut offers) = (None, 0);
        while offers < OFFERS_AT_ONCE && inventory.has_something_for_who_waits()? {
            let page = tx.waiting(event, after, ENTRIES_AT_ONCE).await?;
            let is_last = (page.len() as u64) < ENTRIES_AT_ONCE;
            after = page.last().map(|last| (last.state().joined_at, last.state().id));
            for entry in page {
                if offers == OFFERS_AT_ONCE {
                    break;
                }
                if taken.is_none() {
                    taken = Some(all_taken_seats(tx, inventory).await?);
                }
                let taken = taken.as_deref().unwrap_or_default();
                let may = may_have(tx, inventory, &entry, &missed).await?;
                let got = queue.turn(entry, |entry, open| {
                    let open: Vec<_> = open.iter().copied().filter(|open| may.contains(open)).collect();
                    self.set_aside_for(inventory, entry, &open, (taken, &mut missed), now)
                })?;
                if let Some((entry, reservation)) = got {
                    make_offer(tx, inventory, entry, reservation).await?;
                    offers += 1;
                }
            }
            if is_last {
                break;
            }
        }
        let is_more = offers == OFFERS_AT_ONCE;
        if !is_more {
            queue.lets_go(&inventory.nobody_got()?);
        }
        let gathered: Vec<_> = queue.gathered().collect();
        let changed = queue.changed();
        tx.save_waitlist_entries(&changed).await?;
        let still_for = if is_more { inventory.waited().types.clone() } else { gathered };
        inventory.keep_only_for(&still_for)?;
        Ok(is_more)
    }

    /// Sets aside what an entry waits for, for as long as an offer stands; none when it cannot be had.
    fn set_aside_for(
        &self,
        inventory: &mut Inventory,
        entry: &WaitlistEntry,
        open: &[TicketTypeId],
        (taken, missed): (&[u32], &mut BTreeSet<Sought>),
        now: DateTime<Utc>,
    ) -> Result<Option<(TicketTypeId, Reservation)>> {
        let is = entry.state();
        for of in open {
            let known = inventory.types().iter().find(|known| known.state().id == *of);
            let until = known.and_then(|known| {
                let until = sold_until(known, inventory.event());
                offered_until(now, until, self.terms.offer, self.terms.hold)
            });
            let Some(until) = until else { continue };
            let terms = terms_of(inventory);
            let priced = |claims: Vec<Claim>| {
                let price = price_of(&claims, &terms, None)?;
                Ok(Reservation::hold(is.event, is.buyer, claims, price, terms.clone(), now, until))
            };
            if let Some(got) = inventory.set_aside_for(&is.wish, &[*of], taken, priced, now)? {
                return Ok(Some(got));
            }
            missed.insert(sought(entry, *of));
        }
        Ok(None)
    }
}

/// What is looked for: so many of a ticket type, side by side or not, for so much at most.
type Sought = (TicketTypeId, u32, bool, Option<i64>);

fn sought(entry: &WaitlistEntry, of: TicketTypeId) -> Sought {
    let wish = &entry.state().wish;
    (of, wish.quantity, wish.together, wish.price_max.map(|most| most.minor))
}

/// Those of the ticket types that an entry wants of which its buyer may have so many more, and which nobody has just missed.
async fn may_have(
    tx: &mut dyn Tx,
    inventory: &Inventory,
    entry: &WaitlistEntry,
    missed: &BTreeSet<Sought>,
) -> Result<Vec<TicketTypeId>> {
    let is = entry.state();
    let wanted = inventory.types().iter().filter(|known| {
        let id = known.state().id;
        is.wish.types.contains(&id) && !missed.contains(&sought(entry, id))
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.iter().all(|known| known.state().limit_per_buyer.is_none()) {
        return Ok(wanted.into_iter().map(|known| known.state().id).collect());
    }
    let has = tx.places_of_buyer(is.event, is.buyer).await?;
    let may = wanted.into_iter().filter(|known| {
        let has = has.get(&known.state().id).copied().unwrap_or_default();
        known.may_have(has, is.wish.quantity).is_ok()
    });
    Ok(may.map(|known| known.state().id).collect())
}

/// Saves an offer, and tells of it.
async fn make_offer(
    tx: &mut dyn Tx,
    inventory: &Inventory,
    mut entry: WaitlistEntry,
    mut reservation: Reservation,
) -> Result<()> {
    entry.offer(reservation.state().id);
    let told = offered(&entry, &reservation, inventory, tx.now())?;
    tx.save_reservation(&mut reservation).await?;
    tx.save_waitlist_entries(std::slice::from_ref(&entry)).await?;
    tx.tell(Announcement::of(&told)).await?;
    tx.count(metrics::counter!("waitlist_offers_total"));
    Ok(())
}

fn offered(
    entry: &WaitlistEntry,
    reservation: &Reservation,
    inventory: &Inventory,
    now: DateTime<Utc>,
) -> Result<WaitlistOffered, Fault> {
    let (is, held, house) = (entry.state(), reservation.state(), inventory.house());
    let place = |claim: &Claim| {
        let seat = claim.place.seat().and_then(|number| house.seat(number));
        OfferedPlaces {
            ticket_type: name_of(inventory, claim.ticket_type),
            section: house.section(&claim.section).map(|section| section.name.clone()),
            row: seat.map(|seat| seat.row.label.clone()),
            seat: seat.map(|seat| seat.seat.label.clone()),
            quantity: claim.quantity,
        }
    };
    Ok(WaitlistOffered {
        entry_id: is.id,
        event_id: is.event,
        reservation_id: held.id,
        buyer_id: is.buyer,
        event: on_ticket(inventory.event()),
        places: held.claims.iter().map(place).collect(),
        quantity: reservation.quantity(),
        total: reservation.price()?.total()?,
        expires_at: held.expires_at,
        at: now,
    })
}

fn name_of(inventory: &Inventory, ticket_type: TicketTypeId) -> String {
    let known = inventory.types().iter().find(|known| known.state().id == ticket_type);
    known.map(|known| known.state().name.clone()).unwrap_or_default()
}

/// Ends entries whose offer was bought, declined or ran out. True when there may be more of them.
async fn end_offers(tx: &mut dyn Tx, inventory: &Inventory) -> Result<bool> {
    let ended = tx.offers_that_ended(inventory.event().id, ENTRIES_AT_ONCE).await?;
    let is_more = ended.len() as u64 == ENTRIES_AT_ONCE;
    let mut entries = Vec::with_capacity(ended.len());
    for (mut entry, fate) in ended {
        if entry.learn(fate, inventory.event().is_called_off(), tx.now()).is_some() {
            tell_end(tx, &entry, inventory).await?;
            entries.push(entry);
        }
    }
    tx.save_waitlist_entries(&entries).await?;
    Ok(is_more)
}

/// Ends entries that wait for what is not sold any more. True when there may be more of them.
async fn end_waits(tx: &mut dyn Tx, inventory: &Inventory) -> Result<bool> {
    let (event, now) = (inventory.event(), tx.now());
    let waiting = tx.waiting_in_vain(event.id, event.is_over(now), ENTRIES_AT_ONCE).await?;
    let is_more = waiting.len() as u64 == ENTRIES_AT_ONCE;
    let how = if event.is_called_off() { WaitlistEnd::EventCancelled } else { WaitlistEnd::SalesEnded };
    let mut entries = Vec::with_capacity(waiting.len());
    for mut entry in waiting {
        match entry.state().wish.sold_until(inventory.types(), event) {
            // Its event was moved, or sales go on for longer.
            Some(until) if until > now && !event.is_over(now) => entry.wait_until(until),
            _ => {
                entry.end(how, now);
                tell_end(tx, &entry, inventory).await?;
            }
        }
        entries.push(entry);
    }
    tx.save_waitlist_entries(&entries).await?;
    Ok(is_more)
}

/// Tells how an entry ended.
pub(super) async fn tell_end(tx: &mut dyn Tx, entry: &WaitlistEntry, inventory: &Inventory) -> Result<()> {
    let is = entry.state();
    let Some((how, at)) = is.ended.zip(is.ended_at) else { return Ok(()) };
    let told = WaitlistEnded {
        entry_id: is.id,
        event_id: is.event,
        buyer_id: is.buyer,
        event: on_ticket(inventory.event()),
        quantity: is.wish.quantity,
        ticket_types: is.wish.types.iter().map(|of| name_of(inventory, *of)).collect(),
        how,
        at,
    };
    tx.count(metrics::counter!("waitlist_entries_ended_total", "how" => how_name(how)));
    Ok(tx.tell(Announcement::of(&told)).await?)
}

fn how_name(how: WaitlistEnd) -> &'static str {
    match how {
        WaitlistEnd::Bought => "bought",
        WaitlistEnd::Declined => "declined",
        WaitlistEnd::OfferExpired => "offer_expired",
        WaitlistEnd::Left => "left",
        WaitlistEnd::SalesEnded => "sales_ended",
        WaitlistEnd::EventCancelled => "event_cancelled",
    }
}
