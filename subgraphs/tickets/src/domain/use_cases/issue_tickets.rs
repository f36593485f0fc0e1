use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, Way},
};
use kernel::{Error, Fault, OrderId, Result};
use uuid::Uuid;

use super::{Tickets, tidy};
use crate::domain::{
    entities::{Inventory, Order, Reservation, Ticket},
    ports::{Locked, Look, OrderView, Tx},
    purchase_saga::Progress,
};

/// How long seats that were taken again are kept while the purchase goes on.
const REGAINED: std::time::Duration = std::time::Duration::from_mins(5);

/// The steps that are asked of `tickets` itself. An ask that comes late, when the purchase has gone
/// another way meanwhile, does nothing: an undo wins over a late do.
impl Tickets {
    /// The first step of a purchase: its seats are the order's, or are made so again. In the usual case they are, and
    /// nothing is locked or changed.
    #[tracing::instrument(skip_all)]
    pub async fn secure_seats(&self, message: Uuid, id: OrderId) -> Result<()> {
        let known = self.known_order(id).await?;
        let event = self.reads.event(known.order.event).await?.ok_or_else(|| missing(id))?;
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let waits = |progress| progress == Progress::Forward { step: PurchaseStep::SecureSeats };
        let of = known.reservation.state();
        if waits(known.order.progress) && of.holding && of.expires_at > tx.now() && !event.is_called_off() {
            tx.tell(reply(id, PurchaseStep::SecureSeats, Way::Do, Outcome::Done)).await?;
            return Ok(tx.commit().await?);
        }
        let (order, mut reservation, mut inventory) = lock(&mut *tx, &known).await?;
        if waits(order.state().progress) {
            let outcome = secured(&mut *tx, &mut inventory, &mut reservation).await?;
            tx.tell(reply(id, PurchaseStep::SecureSeats, Way::Do, outcome)).await?;
        }
        tx.save_inventory(&mut inventory).await?;
        Ok(tx.commit().await?)
    }

    /// Undoes the first step: its seats are free again.
    #[tracing::instrument(skip_all)]
    pub async fn release_seats(&self, message: Uuid, id: OrderId) -> Result<()> {
        let known = self.known_order(id).await?;
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (order, mut reservation, mut inventory) = lock(&mut *tx, &known).await?;
        if matches!(order.state().progress, Progress::Backward { step: PurchaseStep::SecureSeats, .. }) {
            if reservation.state().holding {
                inventory.give_back(&reservation)?;
                reservation.let_go();
                tx.save_reservation(&mut reservation).await?;
            }
            tx.tell(reply(id, PurchaseStep::SecureSeats, Way::Undo, Outcome::Done)).await?;
        }
        tx.save_inventory(&mut inventory).await?;
        Ok(tx.commit().await?)
    }

    /// The pivot of a purchase: its seats become tickets. Seats that had run out are taken again if
    /// they are free; never others.
    #[tracing::instrument(skip_all)]
    pub async fn issue_tickets(&self, message: Uuid, id: OrderId) -> Result<()> {
        let known = self.known_order(id).await?;
        let seats = known.reservation.seats();
        let begun = self.store.begin_handling_on(message, known.order.event, look_at(&known, &seats)).await?;
        let Some((mut tx, locked)) = begun else { return Ok(()) };
        let (mut order, mut reservation, mut inventory) = tidied(&mut *tx, locked, &known).await?;
        if order.state().progress == (Progress::Forward { step: PurchaseStep::IssueTickets }) {
            let issued_before = order.is_issued();
            let outcome = if issued_before {
                Outcome::Done
            } else {
                secured(&mut *tx, &mut inventory, &mut reservation).await?
            };
            if outcome == Outcome::Done && !issued_before {
                inventory.sell(&reservation)?;
                write_tickets(&mut *tx, &mut order, &reservation, &inventory).await?;
                reservation.let_go();
                tx.save_reservation(&mut reservation).await?;
            }
            tx.tell(reply(id, PurchaseStep::IssueTickets, Way::Do, outcome)).await?;
        }
        tx.save_inventory(&mut inventory).await?;
        Ok(tx.commit().await?)
    }

    /// An order as it is without a lock: its event, its reservation and that one's places never change.
    async fn known_order(&self, id: OrderId) -> Result<OrderView> {
        Ok(self.reads.order(id).await?.ok_or_else(|| missing(id))?)
    }
}

async fn write_tickets(
    tx: &mut dyn Tx,
    order: &mut Order,
    reservation: &Reservation,
    inventory: &Inventory,
) -> Result<()> {
    let mut attendees = order.state().attendees.clone().into_iter();
    let mut tickets = Vec::new();
    for claim in &reservation.state().claims {
        for _ in 0..claim.quantity {
            let holder = attendees.next().ok_or_else(|| Fault::broken_rule("more places than attendees"))?;
            tickets.push(Ticket::issue(order, claim, holder));
        }
    }
    tx.add_tickets(&mut tickets).await?;
    let name = |id| {
        let known = inventory.types().iter().find(|known| known.state().id == id);
        known.map(|known| known.state().name.clone()).unwrap_or_default()
    };
    order.issued(reservation, name, tx.now())?;
    tx.save_order(order).await?;
    Ok(())
}

fn missing(id: OrderId) -> Fault {
    Fault::broken_rule(format!("order {id} lacks a part"))
}

/// The event's row is locked before its order's.
async fn lock(tx: &mut dyn Tx, known: &OrderView) -> Result<(Order, Reservation, Inventory)> {
    let seats = known.reservation.seats();
    let locked = tx.lock_event(known.order.event, look_at(known, &seats)).await?;
    tidied(tx, locked.ok_or_else(|| missing(known.order.id))?, known).await
}

fn look_at<'l>(known: &OrderView, seats: &'l [u32]) -> Look<'l> {
    Look { seats, reservation: Some(known.order.reservation), ..Look::default() }
}

/// An order with its event, which is locked; what has run out is given back first.
async fn tidied(
    tx: &mut dyn Tx,
    mut locked: Locked,
    known: &OrderView,
) -> Result<(Order, Reservation, Inventory)> {
    let missing = || missing(known.order.id);
    tidy(tx, &mut locked).await?;
    let order = tx.order(known.order.id).await?.ok_or_else(missing)?;
    Ok((order, locked.reservation.ok_or_else(missing)?, locked.inventory))
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
