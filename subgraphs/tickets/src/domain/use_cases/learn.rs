use chrono::{DateTime, Utc};
use contracts::{
    events::{EventChange, EventChanged, EventStatus, LayoutDefined},
    settings::OrganizationSettingsChanged,
    users::{AccountChanged, MembershipChanged},
};
use kernel::{EmailAddress, Fault, Result};
use uuid::Uuid;

use super::Tickets;
use crate::domain::{
    entities::Contact,
    ports::{Look, Tx},
    sagas::cancellation,
};

impl Tickets {
    /// Keeps a seating plan.
    pub async fn learn_layout(&self, message: Uuid, plan: LayoutDefined) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.learn_layout(plan).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what was told of an event, and opens its inventory when it was published. What is told behind a move to another
    /// time waits for it.
    pub async fn learn_event(&self, message: Uuid, told: EventChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let before = tx.told_before(told.event_id).await?;
        if before.as_ref().is_some_and(|before| before.lacks_a_move(&told)) {
            let message = "its move to another time has not arrived yet";
            return Err(Fault::passing("learning of an event", message).into());
        }
        if tx.learn_event(&told).await? {
            if let Some(before) = before {
                move_sales(&mut *tx, &told, before.facts.starts_at).await?;
                if told.change == EventChange::Rescheduled {
                    tx.note_move(&told, &before).await?;
                }
            }
            if told.event.status == EventStatus::Cancelled {
                let now = tx.now();
                if tx.note_called_off(told.event_id, told.reason.as_deref()).await? {
                    tx.save_cancellation(&cancellation::of(told.event_id, now)).await?;
                }
            }
            let on_sale = told.event.status == EventStatus::Published && told.event.layout_id.is_some();
            if on_sale {
                let locked = tx.lock_event(told.event_id, Look::default()).await?;
                let mut inventory = locked.map(|locked| locked.inventory).ok_or_else(|| {
                    let layout = format!("{:?}", told.event.layout_id);
                    Fault::passing("opening an inventory", format!("the layout {layout} has not arrived yet"))
                })?;
                if !inventory.event().opened {
                    tx.lay_out(told.event_id, inventory.house().clone().as_ref()).await?;
                    inventory.open();
                    tx.save_inventory(&mut inventory).await?;
                }
            }
        } else if let Some(before) = before.filter(|_| told.change == EventChange::Rescheduled) {
            // A move that comes behind a later one: what was promised with it stands.
            tx.promise_refunds(told.event_id, before.refundable_after(&told)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Keeps on which terms an organization sells from now on. What is set aside or sold keeps the terms that it was set aside
    /// or sold on.
    pub async fn learn_settings(&self, message: Uuid, told: OrganizationSettingsChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.learn_settings(&told).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps how a person is reached, for the orders they place. Orders that they placed before it was known get it; who was
    /// erased is forgotten, in all their orders too. Tickets that were passed on to an address that is shown to be theirs are theirs.
    ///
    /// It needs no inbox: doing it twice is once. Nor is it one transaction: the orders follow what is durable by then, so
    /// that none that is just being placed is missed.
    pub async fn learn_account(&self, told: AccountChanged) -> Result<()> {
        let contact = Contact::told(&told);
        let theirs =
            contact.as_ref().and_then(|contact| contact.email.as_ref()).filter(|_| told.email_verified);
        let address = theirs.map(|email| EmailAddress::restore(email).normalised());
        self.store.keep_contact(told.user_id, told.version, contact, told.guest).await?;
        self.store.follow_contact(told.user_id).await?;
        if told.erased {
            // Nobody waits for who is gone.
            self.leave_all_waitlists(told.user_id).await?;
            self.store.forget_names(told.user_id).await?;
        }
        Ok(self.store.keep_address(told.user_id, told.version, address).await?)
    }

    /// Keeps a member's role.
    pub async fn learn_membership(&self, message: Uuid, told: MembershipChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.learn_membership(&told).await?;
        Ok(tx.commit().await?)
    }
}

/// What was sold until an event began is sold until it begins now. The event is locked.
async fn move_sales(tx: &mut dyn Tx, told: &EventChanged, began_at: DateTime<Utc>) -> Result<(), Fault> {
    if began_at == told.event.starts_at {
        return Ok(());
    }
    let mut types = tx.ticket_types(told.event_id).await?;
    types.retain_mut(|known| known.event_moved(began_at, &told.event));
    tx.save_sales_times(&types).await
}
