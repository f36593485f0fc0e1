use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, Way},
};
use kernel::{Error, Fault, OrderId, Result};
use uuid::Uuid;

use super::{Tickets, tidied_inventory};
use crate::domain::{
    entities::{Inventory, Order, Reservation, Ticket},
    ports::Tx,
    purchase_saga::Progress,
};

/// How long seats that were taken again are kept while the purchase goes on.
const REGAINED: std::time::Duration = std::time::Duration::from_mins(5);

/// The steps that are asked of `tickets` itself. An ask that comes late, when the purchase has gone
/// another way meanwhile, does nothing: an undo wins over a late do.
impl Tickets {
    /// The first step of a purchase: its seats are the order's, or are made so again.
    #[tracing::instrument(skip_all)]
    pub async fn secure_seats(&self, message: Uuid, id: OrderId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            let (order, mut reservation, mut inventory) = load(&mut *tx, id).await?;
            if order.state().progress == (Progress::Forward { step: PurchaseStep::SecureSeats }) {
                let outcome = secured(&mut *tx, &mut inventory, &mut reservation).await?;
                tx.tell(reply(id, PurchaseStep::SecureSeats, Way::Do, outcome)).await?;
            }
            tx.save_inventory(&mut inventory).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Undoes the first step: its seats are free again.
    #[tracing::instrument(skip_all)]
    pub async fn release_seats(&self, message: Uuid, id: OrderId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            let (order, mut reservation, mut inventory) = load(&mut *tx, id).await?;
            if matches!(order.state().progress, Progress::Backward { step: PurchaseStep::SecureSeats, .. }) {
                if reservation.state().holding {
                    inventory.give_back(&reservation)?;
                    reservation.let_go();
                    tx.save_reservation(&mut reservation).await?;
                }
                tx.tell(reply(id, PurchaseStep::SecureSeats, Way::Undo, Outcome::Done)).await?;
            }
            tx.save_inventory(&mut inventory).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The pivot of a purchase: its seats become tickets. Seats that had run out are taken again if
    /// they are free; never others.
    #[tracing::instrument(skip_all)]
    pub async fn issue_tickets(&self, message: Uuid, id: OrderId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            let (mut order, mut reservation, mut inventory) = load(&mut *tx, id).await?;
            if order.state().progress == (Progress::Forward { step: PurchaseStep::IssueTickets }) {
                let issued_before = !tx.tickets_of(id).await?.is_empty();
                let outcome = if issued_before {
                    Outcome::Done
                } else {
                    secured(&mut *tx, &mut inventory, &mut reservation).await?
                };
                if outcome == Outcome::Done && !issued_before {
                    inventory.sell(&reservation)?;
                    self.write_tickets(&mut *tx, &mut order, &reservation, &inventory).await?;
                    reservation.let_go();
                    tx.save_reservation(&mut reservation).await?;
                }
                tx.tell(reply(id, PurchaseStep::IssueTickets, Way::Do, outcome)).await?;
            }
            tx.save_inventory(&mut inventory).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn write_tickets(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        reservation: &Reservation,
        inventory: &Inventory,
    ) -> Result<()> {
        let mut attendees = order.state().attendees.clone().into_iter();
        for claim in &reservation.state().claims {
            for _ in 0..claim.quantity {
                let holder =
                    attendees.next().ok_or_else(|| Fault::broken_rule("more places than attendees"))?;
                tx.save_ticket(&mut Ticket::issue(order, claim, holder)).await?;
            }
        }
        let name = |id| {
            let known = inventory.types().iter().find(|known| known.state().id == id);
            known.map(|known| known.state().name.clone()).unwrap_or_default()
        };
        order.issued(reservation, name, tx.now())?;
        tx.save_order(order).await?;
        Ok(())
    }
}

/// The order's row is locked before its event's.
async fn load(tx: &mut dyn Tx, id: OrderId) -> Result<(Order, Reservation, Inventory)> {
    let missing = || Fault::broken_rule(format!("order {id} lacks a part"));
    let order = tx.order(id).await?.ok_or_else(missing)?;
    let reservation = order.state().reservation;
    let seats = tx.reservation(reservation).await?.ok_or_else(missing)?.seats();
    let inventory = tidied_inventory(tx, order.state().event, &seats).await?.ok_or_else(missing)?;
    // Once more, since tidying up may have taken its places.
    let reservation = tx.reservation(reservation).await?.ok_or_else(missing)?;
    Ok((order, reservation, inventory))
}

/// The order's places, if its event still takes place: what is paid for one that was called off goes back.
async fn secured(
    tx: &mut dyn Tx,
    inventory: &mut Inventory,
    reservation: &mut Reservation,
) -> Result<Outcome> {
    if inventory.event().is_called_off() {
        return Ok(Outcome::Refused { reason: "The event was called off.".to_owned() });
    }
    regain(tx, inventory, reservation).await
}

async fn regain(
    tx: &mut dyn Tx,
    inventory: &mut Inventory,
    reservation: &mut Reservation,
) -> Result<Outcome> {
    if reservation.state().holding {
        return Ok(Outcome::Done);
    }
    let mut regained = reservation.clone();
    regained.regain(tx.now() + REGAINED);
    // On a copy: a refusal must leave nothing half done.
    let mut attempt = inventory.clone();
    match attempt.retake(&regained) {
        Ok(()) => {
            *inventory = attempt;
            *reservation = regained;
            tx.save_reservation(reservation).await?;
            Ok(Outcome::Done)
        }
        Err(Error::Refused(refusal)) => Ok(Outcome::Refused { reason: refusal.message }),
        Err(broken) => Err(broken),
    }
}

fn reply(order_id: OrderId, step: PurchaseStep, way: Way, outcome: Outcome) -> Announcement {
    Announcement::of(&PurchaseReply { order_id, step, way, outcome })
}
