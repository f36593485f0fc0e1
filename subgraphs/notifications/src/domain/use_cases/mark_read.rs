use kernel::{NotificationId, Refusal, Result, UserId};

use super::Notifications;
use crate::domain::ports::NotificationView;

impl Notifications {
    /// The person has read a message. Reading it again changes nothing.
    pub async fn mark_read(&self, user: UserId, id: NotificationId) -> Result<NotificationView> {
        let mut tx = self.store.begin().await?;
        let mut notification = tx
            .notification(id)
            .await?
            .filter(|notification| notification.recipient().user() == Some(user))
            .ok_or_else(|| Refusal::not_found("notification"))?;
        notification.read(tx.now());
        tx.save_read(&notification).await?;
        tx.commit().await?;
        Ok(NotificationView::from(&notification))
    }

    /// The person has read all that is in their list; how much of it they had not read before. Nothing the next time.
    pub async fn mark_all_read(&self, user: UserId) -> Result<u64> {
        let mut tx = self.store.begin().await?;
        let read = tx.read_all(user).await?;
        tx.commit().await?;
        Ok(read)
    }
}
