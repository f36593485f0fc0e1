use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{EventId, Fault, OrderId, ReservationId, Result, UserId};
use messaging::{Bus, Outbox, inbox};
use service::{Database, request};
use uuid::Uuid;

use super::{
    cache::{Events, Houses},
    called_off, contacts, handing_on, moves,
    rounds::{self, Rounds},
    settings,
    sql::faulty,
    transaction::SeaTx,
};
use crate::domain::{
    entities::Contact,
    ports::{Locked, Look, Relisted, Relisting, Store, Tx},
};

/// The consumer's name in the inbox.
pub(crate) const CONSUMER: &str = "tickets";

/// Where news of an event's seat map is announced.
pub(crate) fn seats_topic(event: EventId) -> String {
    format!("odysseus.live.seats.{event}")
}

/// Where news is announced of how far everything is given back of an event that was called off.
pub(crate) fn cancellation_topic(event: EventId) -> String {
    format!("odysseus.live.cancellations.{event}")
}

/// Where news of an order is announced.
pub(crate) fn order_topic(order: OrderId) -> String {
    format!("odysseus.live.orders.{order}")
}

/// Where news of a reservation is announced.
pub(crate) fn reservation_topic(reservation: ReservationId) -> String {
    format!("odysseus.live.reservations.{reservation}")
}

/// The store over SeaORM.
#[derive(Clone)]
pub(crate) struct SeaStore {
    pub(crate) database: Database,
    pub(crate) outbox: Outbox,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) houses: Houses,
    pub(crate) events: Events,
    pub(crate) rounds: Rounds,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let begun = self.database.begin_at().await.map_err(faulty("beginning a transaction"))?;
        Ok(Box::new(SeaTx::new(self.clone(), begun)))
    }

    async fn begin_on(&self, event: EventId, look: Look<'_>) -> Result<Option<(Box<dyn Tx>, Locked)>> {
        let Some((tx, locked)) = rounds::turn(self, event, look, None).await? else { return Ok(None) };
        request::it_is(tx.now);
        Ok(Some((Box::new(tx) as Box<dyn Tx>, locked)))
    }

    async fn begin_handling_on(
        &self,
        message: Uuid,
        event: EventId,
        look: Look<'_>,
    ) -> Result<Option<(Box<dyn Tx>, Locked)>> {
        let turn = rounds::turn(self, event, look, Some(message)).await?;
        Ok(turn.map(|(tx, locked)| (Box::new(tx) as Box<dyn Tx>, locked)))
    }

    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>, Fault> {
        let transaction = self.database.begin().await.map_err(faulty("beginning a transaction"))?;
        let noted = inbox::noted(&transaction, CONSUMER, message).await;
        let now = noted.map_err(faulty("writing to the inbox"))?;
        Ok(now.map(|now| Box::new(SeaTx::new(self.clone(), (transaction, now))) as Box<dyn Tx>))
    }

    async fn begin_relisting(&self, limit: u64) -> Result<Option<(Box<dyn Tx>, Relisted)>, Fault> {
        let begun = self.database.begin_at().await.map_err(faulty("beginning a transaction"))?;
        let tx = SeaTx::new(self.clone(), begun);
        let next = settings::relist(&tx, limit).await?;
        Ok(next.map(|next| (Box::new(tx) as Box<dyn Tx>, next)))
    }

    async fn set_relisting_aside(&self, whose: Relisting, rest: Duration) -> Result<(), Fault> {
        settings::set_aside(&self.database.writes, whose, rest).await
    }

    async fn set_called_off_aside(&self, event: EventId, rest: Duration) -> Result<(), Fault> {
        called_off::set_aside(&self.database.writes, event, rest).await
    }

    async fn set_move_aside(&self, event: EventId, rest: Duration) -> Result<(), Fault> {
        moves::set_aside(&self.database.writes, event, rest).await
    }

    async fn keep_contact(
        &self,
        person: UserId,
        version: i64,
        contact: Option<Contact>,
        is_guest: bool,
    ) -> Result<(), Fault> {
        contacts::keep(&self.database.writes, person, version, contact.as_ref(), is_guest).await
    }

    async fn follow_contact(&self, buyer: UserId) -> Result<(), Fault> {
        contacts::follow(&self.database.writes, buyer).await
    }

    async fn keep_address(&self, person: UserId, version: i64, address: Option<String>) -> Result<(), Fault> {
        handing_on::keep_address(&self.database, person, version, address.as_deref()).await
    }
}
