use kernel::{EventId, Result, UserId};
use serde::Serialize;

use super::{EventAtVenue, Events, no_such_event};
use crate::domain::{IdempotencyKey, NewTimes};

/// Move an event to another time.
#[derive(Clone, Debug, Serialize)]
pub struct RescheduleEvent {
    /// To which times, and why.
    pub to: NewTimes,
    /// Makes a repeated call change nothing any more, and one with another input be refused.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Events {
    /// Moves a published event to another time, and publishes one again that was put off. One that has these times already
    /// stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn reschedule_event(
        &self,
        by: UserId,
        id: EventId,
        ask: RescheduleEvent,
    ) -> Result<EventAtVenue> {
        let key = IdempotencyKey::read(by, "rescheduleEvent", ask.idempotency_key.as_deref(), &(id, &ask))?;
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let asked_before = match &key {
            Some(key) => tx.remember(key, id.uuid()).await?.is_some(),
            None => false,
        };
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if !asked_before {
            if event.reschedule(ask.to, &venue, self.clock.now())? {
                tx.save_event(&mut event, &venue).await?;
            }
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use contracts::events::{EventChange, EventChanged};
    use kernel::ErrorCode;

    use super::*;
    use crate::test_stage::{Stage, code, now};

    fn to_day(day: i64) -> RescheduleEvent {
        let starts_at = now() + TimeDelta::days(day);
        let to = NewTimes {
            starts_at,
            ends_at: starts_at + TimeDelta::hours(2),
            doors_at: None,
            reason: "The singer is ill.".to_owned(),
            refundable_until: None,
        };
        RescheduleEvent { to, idempotency_key: None }
    }

    fn keyed(day: i64) -> RescheduleEvent {
        RescheduleEvent { idempotency_key: Some("click".to_owned()), ..to_day(day) }
    }

    async fn published(stage: &Stage) -> EventId {
        let layout = stage.layout().await;
        let id = stage.event("Hamlet", Some(layout)).await.event.id();
        stage.events.publish_event(stage.organizer, id).await.unwrap();
        id
    }

    async fn moves(stage: &Stage) -> Vec<EventChanged> {
        let told = stage.announced("odysseus.events.event.changed.v1").await;
        let told = told.into_iter().map(|payload| serde_json::from_value::<EventChanged>(payload).unwrap());
        told.filter(|told| told.change == EventChange::Rescheduled).collect()
    }

    #[tokio::test]
    async fn a_double_click_moves_an_event_once_and_is_no_move_back_later() {
        let stage = Stage::set().await;
        let id = published(&stage).await;
        let (by, events) = (stage.organizer, &stage.events);
        let (one, two) = tokio::join!(
            events.reschedule_event(by, id, keyed(40)),
            events.reschedule_event(by, id, keyed(40)),
        );
        assert_eq!(one.unwrap().event.snapshot(), two.unwrap().event.snapshot());
        assert_eq!(moves(&stage).await.len(), 1);
        let later = events.reschedule_event(stage.colleague, id, to_day(50)).await.unwrap();
        let again = events.reschedule_event(by, id, keyed(40)).await.unwrap();
        assert_eq!(again.event.snapshot(), later.event.snapshot(), "it came late and moves nothing");
        stage.clock.advance(TimeDelta::days(45));
        assert!(events.reschedule_event(by, id, keyed(40)).await.is_ok(), "although that start has passed");
        let refused = events.reschedule_event(by, id, keyed(60)).await;
        assert_eq!(code(refused), ErrorCode::IdempotencyKeyReused);
        assert_eq!(moves(&stage).await.len(), 2);
    }

    #[tokio::test]
    async fn who_does_not_manage_an_event_does_not_move_it() {
        let stage = Stage::set().await;
        let id = published(&stage).await;
        for who in [stage.stranger, stage.doorman] {
            let refused = stage.events.reschedule_event(who, id, to_day(40)).await;
            assert_eq!(code(refused), ErrorCode::Forbidden);
        }
        let refused = stage.events.reschedule_event(stage.organizer, EventId::new(), to_day(40)).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        assert!(moves(&stage).await.is_empty());
    }

    #[tokio::test]
    async fn what_was_refused_leaves_its_key_free() {
        let stage = Stage::set().await;
        let id = published(&stage).await;
        assert_eq!(
            code(stage.events.reschedule_event(stage.organizer, id, keyed(-1)).await),
            ErrorCode::BadUserInput
        );
        assert!(stage.events.reschedule_event(stage.organizer, id, keyed(40)).await.is_ok());
    }

    #[tokio::test]
    async fn a_moved_event_is_found_at_its_new_time() {
        let stage = Stage::set().await;
        let id = published(&stage).await;
        stage.events.reschedule_event(stage.organizer, id, to_day(40)).await.unwrap();
        let found = stage.events.event(kernel::Viewer::default(), crate::domain::EventBy::Id(id)).await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.event.details().starts_at, now() + TimeDelta::days(40));
        assert_eq!(found.event.details().doors_at, None);
    }
}
