use kernel::{EventId, Result, UserId};
use serde::Serialize;

use super::{EventAtVenue, Events, no_such_event};
use crate::domain::IdempotencyKey;

/// Call an event off.
#[derive(Clone, Debug, Serialize)]
pub struct CancelEvent {
    /// Why, for those who have tickets.
    pub reason: String,
    /// Makes a repeated call with another input be refused.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl From<&str> for CancelEvent {
    fn from(reason: &str) -> Self {
        Self { reason: reason.to_owned(), idempotency_key: None }
    }
}

impl Events {
    /// Calls an event off. One that was called off stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_event(
        &self,
        by: UserId,
        id: EventId,
        ask: impl Into<CancelEvent> + Send,
    ) -> Result<EventAtVenue> {
        let ask = ask.into();
        let key = IdempotencyKey::read(by, "cancelEvent", ask.idempotency_key.as_deref(), &(id, &ask))?;
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let asked_before = match &key {
            Some(key) => tx.remember(key, id.uuid()).await?.is_some(),
            None => false,
        };
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if !asked_before {
            if event.cancel(&ask.reason, &venue, self.clock.now())? {
                tx.save_event(&mut event, &venue).await?;
            }
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;

    use super::*;
    use crate::test_stage::{Stage, code};

    fn ask(reason: &str) -> CancelEvent {
        CancelEvent { idempotency_key: Some("click".to_owned()), ..CancelEvent::from(reason) }
    }

    #[tokio::test]
    async fn a_key_stands_for_one_cancellation() {
        let stage = Stage::set().await;
        let [hamlet, faust] = [stage.event("Hamlet", None).await, stage.event("Faust", None).await];
        let [hamlet, faust] = [hamlet.event.id(), faust.event.id()];
        let (by, events) = (stage.organizer, &stage.events);
        let (one, two) = tokio::join!(
            events.cancel_event(by, hamlet, ask("Storm.")),
            events.cancel_event(by, hamlet, ask("Storm.")),
        );
        assert_eq!(one.unwrap().event.snapshot(), two.unwrap().event.snapshot());
        for (event, reason) in [(hamlet, "Fire."), (faust, "Storm.")] {
            let refused = events.cancel_event(by, event, ask(reason)).await;
            assert_eq!(code(refused), ErrorCode::IdempotencyKeyReused, "{reason}");
        }
        let told = stage.announced("odysseus.events.event.changed.v1").await;
        assert_eq!(told.len(), 3, "two were made, and one of them was called off once");
        // Without a key calling off is idempotent by itself, and somebody else's key is another one.
        assert!(events.cancel_event(by, hamlet, "Fire.").await.is_ok());
        assert!(events.cancel_event(stage.colleague, faust, ask("Storm.")).await.is_ok());
    }

    #[tokio::test]
    async fn a_key_counts_also_where_the_event_was_called_off_before() {
        let stage = Stage::set().await;
        let hamlet = stage.event("Hamlet", None).await.event.id();
        let (by, events) = (stage.organizer, &stage.events);
        events.cancel_event(by, hamlet, "Storm.").await.unwrap();
        events.cancel_event(by, hamlet, ask("Fire.")).await.unwrap();
        let refused = events.cancel_event(by, hamlet, ask("Flood.")).await;
        assert_eq!(code(refused), ErrorCode::IdempotencyKeyReused);
    }

    #[tokio::test]
    async fn what_was_refused_leaves_its_key_free() {
        let stage = Stage::set().await;
        let hamlet = stage.event("Hamlet", None).await.event.id();
        let refused = stage.events.cancel_event(stage.organizer, hamlet, ask(" ")).await;
        assert_eq!(code(refused), ErrorCode::BadUserInput);
        assert!(stage.events.cancel_event(stage.organizer, hamlet, ask("Storm.")).await.is_ok());
    }
}
