use std::time::Duration;

use kernel::{EventId, Refusal, Result, UserId};
use tokio::time::{Instant, sleep};

use super::Analytics;
use crate::domain::entities::{EventCopy, Report};

/// How long the news of an event that was made a moment ago may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(25);

impl Analytics {
    /// How an event sells, for those who organize it.
    pub async fn read_sales(&self, event: EventId, user: UserId) -> Result<Report> {
        let event = self.organized(event, user).await?;
        self.reads.report(&event).await
    }

    /// The event, if the person organizes it. A stranger does not learn that there is a draft.
    pub(super) async fn organized(&self, id: EventId, user: UserId) -> Result<EventCopy> {
        let event = self.awaited(id).await?;
        match self.members.require(event.organization, user).await {
            Err(error) if error.refusal().is_some() && !event.is_public() => {
                Err(Refusal::not_found("event").into())
            }
            outcome => outcome.map(|()| event),
        }
    }

    async fn awaited(&self, id: EventId) -> Result<EventCopy> {
        let patience = Instant::now() + ON_ITS_WAY;
        loop {
            match self.reads.event(id).await? {
                Some(event) => return Ok(event),
                None if Instant::now() >= patience => return Err(Refusal::not_found("event").into()),
                None => sleep(LOOK).await,
            }
        }
    }
}
