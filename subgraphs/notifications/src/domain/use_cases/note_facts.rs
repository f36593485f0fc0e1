use contracts::{
    events::{EventChanged, EventStatus},
    tickets::OrderPlaced,
    users::AccountChanged,
};
use kernel::Result;
use uuid::Uuid;

use super::Notifications;
use crate::domain::entities::{Account, Event, Order};

impl Notifications {
    /// Takes note of a person: that is where mails and SMS go. An erased person's messages are deleted.
    pub async fn note_account(&self, message: Uuid, change: &AccountChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let known = |text: &str| if change.erased { String::new() } else { text.to_owned() };
        let account = Account {
            user_id: change.user_id,
            email: known(&change.email),
            phone: change.phone.clone().filter(|_| !change.erased),
            name: known(&change.name),
            erased: change.erased,
        };
        let before = if change.erased { tx.reader(change.user_id).await?.account } else { None };
        tx.note_account(&account, change.version).await?;
        if change.erased {
            let address = before.map(|before| before.email).filter(|address| !address.is_empty());
            tx.forget(change.user_id, address.as_deref()).await?;
        }
        tx.commit().await
    }

    /// Takes note of an order, to name it in messages. It needs no inbox: an order is told of once, and noted once.
    pub async fn note_order(&self, placed: OrderPlaced) -> Result<()> {
        let order = Order { number: placed.number, total: placed.total };
        self.store.note_order(placed.order_id, &order).await
    }

    /// Takes note of an event's title, to name it in messages, and of its end.
    pub async fn note_event(&self, message: Uuid, change: &EventChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let called_off = change.event.status == EventStatus::Cancelled;
        let event = Event { title: change.event.title.clone(), called_off };
        tx.note_event(change.event_id, &event, change.version).await?;
        tx.commit().await
    }
}
