use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Page, PageAsk, Result, UserId};

use super::Notifications;
use crate::domain::{
    entities::Preferences,
    ports::{Filter, NotificationView},
};

impl Notifications {
    /// A person's messages, newest first.
    pub async fn list_notifications(
        &self,
        user: UserId,
        filter: Filter,
        ask: &PageAsk,
    ) -> Result<Page<NotificationView>> {
        self.reads.page(user, filter, ask).await
    }

    /// How much people have not read in their lists; who is not in it has read everything.
    pub async fn unread(&self, users: &[UserId]) -> Result<HashMap<UserId, u64>> {
        self.reads.unread(users).await
    }

    /// Since when mail to people's addresses comes back; who is not in it gets mail.
    pub async fn unreachable(&self, users: &[UserId]) -> Result<HashMap<UserId, DateTime<Utc>>> {
        self.reads.unreachable(users).await
    }

    /// What people chose; who is not in it chose nothing.
    pub async fn preferences(&self, users: &[UserId]) -> Result<HashMap<UserId, Preferences>> {
        self.reads.preferences(users).await
    }
}
