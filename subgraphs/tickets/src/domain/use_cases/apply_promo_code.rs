use kernel::{PromoCodeId, Refusal, ReservationId, Result, UserId};

use super::{Tickets, begin_tidied, price_of::price_of};
use crate::domain::{
    entities::{Inventory, PromoCode, Reservation},
    errors,
    ports::{Look, Redeemable, Tx},
    pricing::Promo,
};

/// A reservation that waits for its buyer, with its event locked.
struct Waiting {
    tx: Box<dyn Tx>,
    inventory: Inventory,
    reservation: Reservation,
    /// The code that was looked for.
    code: Option<Redeemable>,
}

impl Tickets {
    /// Takes off a buyer's reservation what a code takes off, on the terms on which its places were set aside. The code is
    /// redeemed with that, until the reservation or its order ends without tickets. A code that it had before is given
    /// back; the same one again changes nothing.
    #[tracing::instrument(skip_all)]
    pub async fn apply_promo_code(&self, id: ReservationId, by: UserId, code: &str) -> Result<Reservation> {
        let known = self.reservation_to_price(id, by).await?;
        self.pace.tries_promo_code(by)?;
        let found = self.reads.promo_code_named(known.state().event, &PromoCode::name_of(code)).await?;
        let wanted = found.ok_or_else(errors::no_such_promo_code)?;
        self.pace.knew_promo_code(by);
        let waiting = self.take_up_reservation(&known, Some(wanted)).await?;
        if waiting.reservation.state().promo_code == Some(wanted) {
            return Ok(waiting.reservation);
        }
        let Redeemable { code, so_far } = waiting.code.clone().ok_or_else(errors::no_such_promo_code)?;
        code.may_be_redeemed(&so_far, waiting.tx.now())?;
        waiting.costs(Some(&code)).await
    }

    /// Has a buyer's reservation cost what it does without a code, which is given back.
    #[tracing::instrument(skip_all)]
    pub async fn remove_promo_code(&self, id: ReservationId, by: UserId) -> Result<Reservation> {
        let known = self.reservation_to_price(id, by).await?;
        let waiting = self.take_up_reservation(&known, None).await?;
        if waiting.reservation.state().promo_code.is_none() {
            return Ok(waiting.reservation);
        }
        waiting.costs(None).await
    }

    async fn reservation_to_price(&self, id: ReservationId, by: UserId) -> Result<Reservation> {
        let known = self.own_reservation(id, by).await?;
        Ok(known.ok_or_else(|| Refusal::not_found("reservation"))?)
    }

    /// Locks its event. Refused is a reservation that does not wait for its buyer any more.
    async fn take_up_reservation(&self, known: &Reservation, code: Option<PromoCodeId>) -> Result<Waiting> {
        let missing = || Refusal::not_found("reservation");
        let (id, buyer) = (known.state().id, known.state().buyer);
        let buyer = code.map(|_| buyer);
        let look = Look { reservation: Some(id), promo_code: code, buyer, ..Look::default() };
        let begun = begin_tidied(&*self.store, known.state().event, look).await?;
        let (tx, locked) = begun.ok_or_else(missing)?;
        // As it is now that the event is locked: its time may have run out meanwhile.
        let reservation = locked.reservation.ok_or_else(missing)?;
        if let Err(refused) = reservation.must_wait(tx.now()) {
            drop(tx);
            return Err(self.naming_its_order(refused, id).await?.into());
        }
        Ok(Waiting { tx, inventory: locked.inventory, reservation, code: locked.promo_code })
    }
}

impl Waiting {
    /// From now on it costs what it does with this code, or without any.
    async fn costs(mut self, code: Option<&PromoCode>) -> Result<Reservation> {
        let promo = code.map(|code| &code.state().promo);
        let terms = self.reservation.terms()?;
        let price = price_of(&self.reservation.state().claims, &terms, promo)?;
        if let Some(Promo { code, .. }) = promo
            && price.price()?.discount.is_zero()
        {
            return Err(errors::takes_nothing_off(code).into());
        }
        self.reservation.cost(price, code.map(|code| code.state().id));
        self.tx.save_price(&self.reservation).await?;
        self.tx.save_inventory(&mut self.inventory).await?;
        self.tx.commit().await?;
        Ok(self.reservation)
    }
}
