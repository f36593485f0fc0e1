use kernel::{EventId, Result, UserId};

use super::{EventAtVenue, Events, no_such_event};

impl Events {
    /// Shows an event to everybody and lets its inventory be opened. A published one stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn publish_event(&self, by: UserId, id: EventId) -> Result<EventAtVenue> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if event.publish(&venue, self.clock.now())? {
            tx.save_event(&mut event, &venue).await?;
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }
}

#[cfg(test)]
mod tests {
    use contracts::events::{EventChange, EventChanged};
    use kernel::ErrorCode;

    use crate::test_stage::{Stage, code};

    #[tokio::test]
    async fn publishing_twice_at_once_is_told_once() {
        let stage = Stage::set().await;
        let layout = stage.layout().await;
        let id = stage.event("Hamlet", Some(layout)).await.event.id();
        let (one, two) = tokio::join!(
            stage.events.publish_event(stage.organizer, id),
            stage.events.publish_event(stage.colleague, id),
        );
        assert!(one.unwrap().event.is_public() && two.unwrap().event.is_public());
        let told: Vec<EventChanged> = stage
            .announced("odysseus.events.event.changed.v1")
            .await
            .into_iter()
            .map(|payload| serde_json::from_value(payload).unwrap())
            .collect();
        let told: Vec<_> = told.iter().map(|told| (told.version, told.change)).collect();
        assert_eq!(told, [(1, EventChange::Created), (2, EventChange::Published)]);
    }

    #[tokio::test]
    async fn a_strangers_draft_does_not_exist_and_a_strangers_event_is_not_mine_to_change() {
        let stage = Stage::set().await;
        let layout = stage.layout().await;
        let id = stage.event("Hamlet", Some(layout)).await.event.id();
        assert_eq!(code(stage.events.publish_event(stage.stranger, id).await), ErrorCode::NotFound);
        assert_eq!(code(stage.events.publish_event(stage.doorman, id).await), ErrorCode::Forbidden);
        stage.events.publish_event(stage.organizer, id).await.unwrap();
        assert_eq!(code(stage.events.cancel_event(stage.stranger, id, "no").await), ErrorCode::Forbidden);
    }
}
