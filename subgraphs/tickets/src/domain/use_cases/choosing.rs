//! What all ways of choosing places share: what a buyer may have at once, and what becomes of a cart.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{LineItemId, Refusal, Result, TicketTypeId, UserId};

use super::{
    Terms,
    price_of::{price_of, terms_of},
};
use crate::domain::{
    entities::{Claim, Fields, Inventory, PromoCode, Redemptions, Reservation, Wishes},
    ports::{Answered, Key, Locked, Tx},
    reasons,
};

/// The most places one cart may have.
pub(super) const MOST_AT_ONCE: u32 = 50;

/// A turn with an event, in which a buyer chooses places of it.
pub(super) struct Choosing {
    pub(super) tx: Box<dyn Tx>,
    pub(super) inventory: Inventory,
    /// What the buyer has set aside of the event.
    pub(super) active: Vec<Reservation>,
    buyer: UserId,
    terms: Terms,
    /// True when people pick the seats: then they may leave none alone where the event has it so.
    by_hand: bool,
}

impl Choosing {
    /// A buyer's turn.
    pub(super) fn of(
        buyer: UserId,
        tx: Box<dyn Tx>,
        inventory: Inventory,
        active: Vec<Reservation>,
        terms: Terms,
    ) -> Self {
        Self { tx, inventory, active, buyer, terms, by_hand: true }
    }

    /// The seats are not picked by people.
    #[must_use]
    pub(super) fn not_by_hand(self) -> Self {
        Self { by_hand: false, ..self }
    }

    /// Sets so many places aside in a reservation of their own.
    pub(super) async fn hold(&mut self, wishes: &Wishes, places: u32) -> Result<Reservation> {
        let open: u32 = self.active.iter().map(Reservation::quantity).sum();
        self.require_room(open, places)?;
        let (now, event, buyer) = (self.tx.now(), self.inventory.event().id, self.buyer);
        let (until, terms) = (now + self.terms.hold, terms_of(&self.inventory));
        // What is asked for them is said from now on, and stays.
        let priced = |claims: Vec<Claim>| {
            let price = price_of(&claims, &terms, None)?;
            Ok(Reservation::hold(event, buyer, claims, price, terms, now, until))
        };
        let mut reservation = self.inventory.hold(wishes, priced, now)?;
        self.require_rules(&reservation, &[]).await?;
        self.tx.save_reservation(&mut reservation).await?;
        Ok(reservation)
    }

    /// Takes items out of a cart that waits for its buyer, and adds what is wished for: all of it or nothing. Its clock goes on.
    /// It costs what all of it is listed for just now; its promo code stays as long as it is for something that it has.
    pub(super) async fn change(
        &mut self,
        mut cart: Reservation,
        removed: &[LineItemId],
        wishes: &Wishes,
        fields: Fields,
    ) -> Result<Reservation> {
        let before = cart.state().claims.clone();
        let (gone, stays) = cart.without(removed)?;
        let now = self.tx.now();
        let claims = self.inventory.change(&cart, (&gone, stays), wishes, fields, now)?;
        if claims.is_empty() {
            let message = "would leave nothing; give the reservation up with releaseReservation instead";
            return Err(Refusal::bad_input("removeItemIds", message)
                .because(kernel::reasons::INCONSISTENT)
                .into());
        }
        let terms = terms_of(&self.inventory);
        let grows = count(&claims) > count(&before) || !wishes.wishes.is_empty();
        let mut code = self.code_of(&cart, &claims, grows).await?;
        let mut price = price_of(&claims, &terms, code.as_ref().map(|code| &code.state().promo))?;
        if code.is_some() && price.price()?.discount.is_zero() {
            code = None;
            price = price_of(&claims, &terms, None)?;
        }
        cart.change(claims, price, terms, code.map(|code| code.state().id));
        if cart.quantity() > MOST_AT_ONCE {
            return Err(too_many_at_once().into());
        }
        let (places, earlier) = (cart.quantity(), count(&before));
        let open: u32 = self.active.iter().map(Reservation::quantity).sum();
        self.require_room(open.saturating_sub(earlier), if places > earlier { places } else { 0 })?;
        self.require_rules(&cart, &before).await?;
        self.tx.save_cart(&cart).await?;
        Ok(cart)
    }

    /// Saves everything; the key has its answer from now on.
    pub(super) async fn finish(mut self, key: Key<'_>, fingerprint: String, is: &Reservation) -> Result<()> {
        self.tx.save_inventory(&mut self.inventory).await?;
        self.tx.remember(key, Answered { fingerprint, made: is.state().id.uuid() }).await?;
        Ok(self.tx.commit().await?)
    }

    fn require_room(&self, open: u32, places: u32) -> Result<(), Refusal> {
        let most = self.terms.open_places;
        if places == 0 || open.saturating_add(places) <= most {
            return Ok(());
        }
        let message = format!(
            "At most {most} places of one event can be set aside at once; you have {open}. Check out or release some first."
        );
        Err(Refusal::new(reasons::TOO_MANY_OPEN_PLACES, message).with("limit", most))
    }

    /// The code that a changed cart keeps. One that can be used no more is refused when the cart grows: whoever has it decides
    /// whether it is worth more than what is to be added.
    async fn code_of(
        &mut self,
        cart: &Reservation,
        claims: &[Claim],
        grows: bool,
    ) -> Result<Option<PromoCode>> {
        let Some(id) = cart.state().promo_code else { return Ok(None) };
        let code = self.tx.known_promo_code(id).await?;
        let is_for =
            |code: &PromoCode| claims.iter().any(|claim| code.state().promo.is_for(claim.ticket_type));
        let Some(code) = code.filter(is_for) else { return Ok(None) };
        if grows {
            // That it is redeemed by this cart already is no reason against it.
            code.may_be_redeemed(&Redemptions::default(), self.tx.now()).map_err(|refused| {
                let message = format!("{} Take it off with removePromoCode to add places.", refused.message);
                Refusal { message, ..refused }
            })?;
        }
        Ok(Some(code))
    }

    /// Refuses when a cart that had `before` has more now than its buyer may have, or leaves seats alone.
    async fn require_rules(&mut self, cart: &Reservation, before: &[Claim]) -> Result<()> {
        self.require_limits(cart, before).await?;
        if !self.by_hand || !self.inventory.event().orphan_seat_rule {
            return Ok(());
        }
        let seats = |claims: &[Claim]| -> BTreeSet<u32> {
            claims.iter().filter_map(|claim| claim.place.seat()).collect()
        };
        let (earlier, chosen) = (seats(before), seats(&cart.state().claims));
        let changed: BTreeSet<u32> = earlier.symmetric_difference(&chosen).copied().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let unknown = self.inventory.unknown(self.inventory.seats_beside(&changed));
        if !unknown.is_empty() {
            self.tx.more_seats(&mut self.inventory, &unknown).await?;
        }
        Ok(self.inventory.require_none_stranded(&chosen, &changed)?)
    }

    async fn require_limits(&mut self, cart: &Reservation, before: &[Claim]) -> Result<()> {
        let (earlier, wanted) = (by_type(before), by_type(&cart.state().claims));
        let earlier = |id: TicketTypeId| earlier.get(&id).copied().unwrap_or_default();
        let grown = |id: TicketTypeId| wanted.get(&id).copied().filter(|wanted| *wanted > earlier(id));
        let limited: Vec<(TicketTypeId, u32)> = (self.inventory.types().iter())
            .filter(|known| known.state().limit_per_buyer.is_some())
            .filter_map(|known| Some((known.state().id, grown(known.state().id)?)))
            .collect();
        require_limits(&mut *self.tx, &self.inventory, self.buyer, limited, earlier).await
    }
}

/// Refuses when a buyer would have more of a ticket type, in all orders together, than one buyer may. Of the places they have,
/// as many as `counted` says are among those that are wanted.
async fn require_limits(
    tx: &mut dyn Tx,
    inventory: &Inventory,
    buyer: UserId,
    wanted: Vec<(TicketTypeId, u32)>,
    counted: impl Fn(TicketTypeId) -> u32,
) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let all = tx.places_of_buyer(inventory.event().id, buyer).await?;
    for (id, quantity) in wanted {
        let elsewhere = all.get(&id).copied().unwrap_or_default().saturating_sub(counted(id));
        if let Some(known) = inventory.types().iter().find(|known| known.state().id == id) {
            known.may_have(elsewhere, quantity)?;
        }
    }
    Ok(())
}

/// The same, of what is set aside for a buyer who did not choose it themselves.
pub(super) async fn require_limits_of(
    tx: &mut dyn Tx,
    inventory: &Inventory,
    reservation: &Reservation,
) -> Result<()> {
    let has = by_type(&reservation.state().claims);
    let is_limited =
        |id| inventory.types().iter().any(|it| it.state().id == id && it.state().limit_per_buyer.is_some());
    let limited: Vec<(TicketTypeId, u32)> =
        has.iter().map(|(id, quantity)| (*id, *quantity)).filter(|(id, _)| is_limited(*id)).collect();
    let counted = |id: TicketTypeId| has.get(&id).copied().unwrap_or_default();
    require_limits(tx, inventory, reservation.state().buyer, limited, counted).await
}

/// Loads what is missing of a reservation's seats: it may have changed between the look at it and the event's lock.
pub(super) async fn load_its_seats(tx: &mut dyn Tx, locked: &mut Locked) -> Result<()> {
    let Some(reservation) = &locked.reservation else { return Ok(()) };
    let unknown = locked.inventory.unknown(reservation.seats());
    if !unknown.is_empty() {
        tx.more_seats(&mut locked.inventory, &unknown).await?;
    }
    Ok(())
}

/// More places than one cart may have.
pub(super) fn too_many_at_once() -> Refusal {
    let message = format!("At most {MOST_AT_ONCE} places can be set aside at once.");
    Refusal::new(reasons::TOO_MANY_AT_ONCE, message).with("limit", MOST_AT_ONCE)
}

fn count(claims: &[Claim]) -> u32 {
    claims.iter().map(|claim| claim.quantity).sum()
}

fn by_type(claims: &[Claim]) -> BTreeMap<TicketTypeId, u32> {
    let mut counts: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
    for claim in claims {
        *counts.entry(claim.ticket_type).or_default() += claim.quantity;
    }
    counts
}
