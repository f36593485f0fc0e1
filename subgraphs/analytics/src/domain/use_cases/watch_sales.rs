use std::time::Duration;

use futures::{FutureExt, StreamExt, stream, stream::BoxStream};
use kernel::{Error, EventId, Refusal, Result, UserId, reasons};
use tokio::time::{sleep, timeout};

use super::Analytics;
use crate::domain::entities::Report;

/// The least time between two reports.
const PACE: Duration = Duration::from_millis(250);
/// How long to wait for news before looking for oneself: news may get lost.
const LOOK: Duration = Duration::from_millis(1500);

impl Analytics {
    /// The report as it is now, and again whenever it has changed, a few times a second at most. Ends
    /// when the person no longer organizes the event.
    pub async fn watch_sales(
        &self,
        event: EventId,
        user: UserId,
    ) -> Result<BoxStream<'static, Result<Report>>> {
        self.organized(event, user.into()).await?;
        let news = self.news.of(event).await?;
        let watch = Watch { analytics: self.clone(), event, user, news, seen: None };
        let reports = stream::unfold(Some(watch), async |watch| {
            let mut watch = watch?;
            match watch.next().await {
                Ok(report) => Some((Ok(report), Some(watch))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(reports.boxed())
    }
}

struct Watch {
    analytics: Analytics,
    event: EventId,
    user: UserId,
    news: BoxStream<'static, ()>,
    /// The revision of the report that was given last.
    seen: Option<i64>,
}

impl Watch {
    async fn next(&mut self) -> Result<Report> {
        if self.seen.is_some() {
            self.wait().await;
        }
        loop {
            match self.look().await {
                Ok(Some(report)) => return Ok(report),
                Ok(None) => {}
                Err(Error::Broken(fault)) if fault.passing => {
                    tracing::warn!(
                        error = fault.chain(),
                        "a report could not be read and will be tried again"
                    );
                }
                Err(error) => return Err(error),
            }
            self.wait().await;
        }
    }

    /// The report, if it is another than the one that was given last.
    async fn look(&mut self) -> Result<Option<Report>> {
        let Analytics { reads, members, .. } = &self.analytics;
        let event = reads.event(self.event).await?.ok_or_else(|| Refusal::not_found("event"))?;
        if !members.manages(event.organization, self.user).await? {
            return Err(Refusal::new(reasons::ROLE_REQUIRED, "You no longer organize this event.").into());
        }
        if self.seen == Some(reads.revision(self.event).await?) {
            return Ok(None);
        }
        let report = reads.reports(&[event]).await?.pop().ok_or_else(|| Refusal::not_found("event"))?;
        self.seen = Some(report.revision);
        Ok(Some(report))
    }

    async fn wait(&mut self) {
        sleep(PACE).await;
        match timeout(LOOK, self.news.next()).await {
            // Whatever else was told meanwhile is seen by the same look.
            Ok(Some(())) => while let Some(Some(())) = self.news.next().now_or_never() {},
            Ok(None) => sleep(LOOK).await,
            Err(_) => {}
        }
    }
}
