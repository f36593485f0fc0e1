use kernel::{EventId, Fault, LayoutId, OrganizationId, Refusal, Result, UserId, VenueId};
use serde::Serialize;

use super::{EventAtVenue, Events, no_such_event};
use crate::domain::{Event, EventDetails, IdempotencyKey, LayoutHead, ports::Tx};

/// Make an event, as a draft.
#[derive(Clone, Debug, Serialize)]
pub struct CreateEvent {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Where; a venue of the organization.
    pub venue_id: VenueId,
    /// With which seating plan; one of the venue's. It can come later, but before publication.
    pub layout_id: Option<LayoutId>,
    /// What is to be said of it.
    pub details: EventDetails,
    /// Makes a repeated call give the first answer.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Events {
    /// Makes an event. Only members of its organization see it until it is published.
    #[tracing::instrument(skip_all)]
    pub async fn create_event(&self, by: UserId, ask: CreateEvent) -> Result<EventAtVenue> {
        let key = IdempotencyKey::read(by, "createEvent", ask.idempotency_key.as_deref(), &ask)?;
        self.require_organizer(ask.organization_id, by).await?;
        let mut tx = self.store.begin().await?;
        let id = EventId::new();
        if let Some(key) = &key
            && let Some(made_before) = tx.remember(key, id.uuid()).await?
        {
            let (event, venue) =
                tx.event(EventId::from_uuid(made_before)).await?.ok_or_else(no_such_event)?;
            return Ok(EventAtVenue { event, venue });
        }
        let venue = tx.venue(ask.venue_id).await?;
        let venue = venue
            .filter(|venue| venue.organization_id() == ask.organization_id)
            .ok_or_else(|| Refusal::not_found("venue of this organization").with("field", "venueId"))?;
        let layout = match ask.layout_id {
            Some(id) => Some(layout_of(tx.as_mut(), id, ask.organization_id).await?),
            None => None,
        };
        let mut event = Event::draft(id, &venue, layout.as_ref(), ask.details, self.clock.now())?;
        for slug in event.slugs(&venue) {
            event.name(slug, &venue);
            if tx.add_event(&mut event, &venue).await? {
                tx.commit().await?;
                return Ok(EventAtVenue { event, venue });
            }
        }
        Err(Fault::broken_rule("a slug made of a new id was taken").into())
    }
}

/// The layout, if it is the organization's.
pub(super) async fn layout_of(
    tx: &mut dyn Tx,
    id: LayoutId,
    organization: OrganizationId,
) -> Result<LayoutHead> {
    let layout = tx.layout(id).await?.filter(|layout| layout.organization_id == organization);
    Ok(layout.ok_or_else(|| Refusal::not_found("layout").with("field", "layoutId"))?)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::ErrorCode;

    use crate::test_stage::{Stage, code, details};

    #[tokio::test]
    async fn events_of_one_title_have_different_slugs() {
        let stage = Stage::set().await;
        let mut slugs = Vec::new();
        for _ in 0..3 {
            slugs.push(stage.event("Café Society", None).await.event.snapshot().slug.clone());
        }
        assert_eq!(slugs[0], "cafe-society");
        assert!(slugs[1].starts_with("cafe-society-2027-"), "{slugs:?}");
        assert_eq!(slugs[2].len(), "cafe-society-".len() + 12, "{slugs:?}");
    }

    #[tokio::test]
    async fn a_double_click_makes_one_event() {
        let stage = Stage::set().await;
        let mut ask = stage.create_event("Twice", None);
        ask.idempotency_key = Some("click".to_owned());
        let (one, two) = tokio::join!(
            stage.events.create_event(stage.organizer, ask.clone()),
            stage.events.create_event(stage.organizer, ask.clone()),
        );
        assert_eq!(one.unwrap().event.id(), two.unwrap().event.id());
        ask.details = details("Another");
        let refused = stage.events.create_event(stage.organizer, ask.clone()).await;
        assert_eq!(code(refused), ErrorCode::IdempotencyKeyReused);
        // What was refused left nothing behind, and somebody else's key is another key.
        assert_eq!(stage.announced("odysseus.events.event.changed.v1").await.len(), 1);
        assert!(stage.events.create_event(stage.colleague, ask).await.is_ok());
    }

    #[tokio::test]
    async fn the_first_answer_stands_although_the_start_has_passed() {
        let stage = Stage::set().await;
        let mut ask = stage.create_event("Once", None);
        ask.idempotency_key = Some("click".to_owned());
        let first = stage.events.create_event(stage.organizer, ask.clone()).await.unwrap();
        stage.clock.advance(TimeDelta::days(400));
        let again = stage.events.create_event(stage.organizer, ask).await.unwrap();
        assert_eq!(first.event.id(), again.event.id());
    }
}
