use contracts::{events::EventChanged, users::AccountChanged};
use kernel::Result;
use uuid::Uuid;

use super::Notifications;
use crate::domain::entities::Account;

impl Notifications {
    /// Takes note of a person: that is where mails and SMS go. An erased person's messages are deleted.
    pub async fn note_account(&self, message: Uuid, change: &AccountChanged) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(message).await? {
            return Ok(());
        }
        let known = |text: &str| if change.erased { String::new() } else { text.to_owned() };
        let account = Account {
            user_id: change.user_id,
            email: known(&change.email),
            phone: change.phone.clone().filter(|_| !change.erased),
            name: known(&change.name),
            erased: change.erased,
        };
        tx.note_account(&account, change.version).await?;
        if change.erased {
            tx.forget(change.user_id).await?;
        }
        tx.commit().await
    }

    /// Takes note of an event's title, to name it in messages.
    pub async fn note_event(&self, message: Uuid, change: &EventChanged) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(message).await? {
            return Ok(());
        }
        tx.note_event(change.event_id, &change.event.title, change.version).await?;
        tx.commit().await
    }
}
