//! The pictures of an event, put in order; REST takes them in.

use async_graphql::{Context, ID, InputObject, Object, Result};
use kernel::{EventId, Id, ImageId, Refusal, each, together};
use service::graphql::{
    IntoGraph,
    Who::{Manager, Owner},
    access, id as read_id, require_user,
};

use super::event::Event;
use crate::domain::Events;

/// What can be done with an event's pictures.
#[derive(Default)]
pub(super) struct GalleryMutation;

/// What can be done with an event's pictures.
#[Object]
impl GalleryMutation {
    /// Shows an event's pictures in another order, until the event begins. The first stands for it in lists.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn arrange_event_images(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event, and in which order.")] input: ArrangeEventImagesInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let (id, order) = input.read().graph()?;
        Ok(Some(Event::of(context.data::<Events>()?.arrange_images(by, id, order).await.graph()?)))
    }

    /// Takes one of an event's pictures away, until the event begins. Pages that are open show it for a day yet. Where it is
    /// gone already, the event is returned as it is.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn remove_event_image(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which event.")] event_id: ID,
        #[graphql(desc = "Which picture.")] image_id: ID,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let (event, image) = (read_id("eventId", &event_id)?, read_id("imageId", &image_id)?);
        Ok(Some(Event::of(context.data::<Events>()?.remove_image(by, event, image).await.graph()?)))
    }
}

/// An event's pictures in another order.
#[derive(InputObject)]
pub(crate) struct ArrangeEventImagesInput {
    /// Which event.
    event_id: ID,
    /// Its pictures from the first to the last, each of them once.
    image_ids: Vec<ID>,
}

impl ArrangeEventImagesInput {
    fn read(self) -> Result<(EventId, Vec<ImageId>), Refusal> {
        let image = |(at, id): (usize, &ID)| Id::parse(&format!("imageIds[{at}]"), id);
        together((Id::parse("eventId", &self.event_id), each(self.image_ids.iter().enumerate().map(image))))
    }
}
