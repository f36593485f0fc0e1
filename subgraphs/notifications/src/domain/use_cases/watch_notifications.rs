use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream, stream::BoxStream};
use kernel::{Error, NotificationId, Result, UserId};
use tokio::time::Instant;

use super::Notifications;
use crate::domain::ports::{NotificationView, Watch};

/// How long to wait for news before looking for oneself: news may get lost. Two seconds are promised.
const LOOK: Duration = Duration::from_millis(1500);
/// How far back each look goes: a message may be committed after a younger one.
const OVERLAP: Duration = Duration::from_mins(1);

impl Notifications {
    /// What comes into a person's list from now on, each message once.
    pub async fn watch_notifications(
        &self,
        user: UserId,
    ) -> Result<BoxStream<'static, Result<NotificationView>>> {
        // Listening begins before the first look, so that nothing falls in between.
        let news = self.news.watch(user).await;
        let begun = (self.reads.now().await?, Instant::now());
        let (seen, fresh) = (HashMap::new(), VecDeque::new());
        let mut watch = Subscriber { notifications: self.clone(), user, news, begun, seen, fresh };
        watch.look().await?;
        watch.fresh.clear(); // what was there before is not new
        Ok(stream::unfold(Some(watch), async |watch| {
            let mut watch = watch?;
            match watch.next().await {
                Ok(notification) => Some((Ok(notification), Some(watch))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed())
    }
}

struct Subscriber {
    notifications: Notifications,
    user: UserId,
    news: Box<dyn Watch>,
    /// When this began, by the database's clock and by this process's: between them lies nothing, so that no look
    /// has to ask for the time.
    begun: (DateTime<Utc>, Instant),
    /// What was given within the overlap.
    seen: HashMap<NotificationId, DateTime<Utc>>,
    fresh: VecDeque<NotificationView>,
}

impl Subscriber {
    async fn next(&mut self) -> Result<NotificationView> {
        loop {
            if let Some(fresh) = self.fresh.pop_front() {
                return Ok(fresh);
            }
            self.news.changed(LOOK).await;
            match self.look().await {
                Err(Error::Broken(fault)) if fault.passing => {
                    tracing::warn!(error = fault.chain(), "a list could not be read and will be tried again");
                }
                looked => looked?,
            }
        }
    }

    async fn look(&mut self) -> Result<()> {
        let (began, clock) = self.begun;
        let since = began + clock.elapsed() - OVERLAP;
        let found = self.notifications.reads.in_app_since(self.user, since).await?;
        self.seen.retain(|_, created_at| *created_at >= since);
        for notification in found {
            if self.seen.insert(notification.id, notification.created_at).is_none() {
                self.fresh.push_back(notification);
            }
        }
        Ok(())
    }
}
