use kernel::{EventId, Refusal, Result, UserId};

use super::Analytics;
use crate::domain::entities::{EventCopy, Report};

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
        self.reads.event_soon(id).await?.ok_or_else(|| Refusal::not_found("event").into())
    }
}
