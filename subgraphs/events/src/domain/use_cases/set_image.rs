use kernel::{EventId, ImageId, Result, UserId};

use super::{Events, no_such_event};
use crate::domain::{
    EventBy, Image,
    entities::image::{UploadType, checked_alt_text, digest},
};

/// Give an event a picture.
#[derive(Clone, Debug)]
pub struct SetImage {
    /// What it shows, for those who do not see it.
    pub alt_text: String,
    /// In what it is said to be.
    pub of: UploadType,
    /// The picture.
    pub bytes: Vec<u8>,
}

impl Events {
    /// Gives an event this picture instead of the one it has. It is rendered first: no reader ever waits for that. The same
    /// picture with the same words as are there changes nothing.
    #[tracing::instrument(skip_all)]
    pub async fn set_image(&self, by: UserId, id: EventId, ask: SetImage) -> Result<Image> {
        self.require_organizer_of(id, by).await?;
        let alt_text = checked_alt_text(&ask.alt_text)?;
        ask.of.check(&ask.bytes)?;
        let digest = digest(&ask.bytes);
        let event = self.reads.event(EventBy::Id(id)).await?.ok_or_else(no_such_event)?.event;
        if let Some(current) = event.snapshot().image_id
            && let Some(current) = self.reads.images(&[current]).await?.pop()
            && current.is_of(&digest, &alt_text)
        {
            return Ok(current);
        }
        event.refuse_when_ended(self.clock.now())?;
        self.limits.sends_picture(event.snapshot().organization_id)?;
        let rendering = self.renderer.render(ask.bytes, ask.of).await?;
        let image = Image {
            id: ImageId::new(),
            event_id: id,
            organization_id: event.snapshot().organization_id,
            alt_text,
            size: rendering.size,
            widths: rendering.size.ladder().iter().map(|file| file.width).collect(),
            placeholder: rendering.placeholder,
            digest,
            created_at: self.clock.now(),
        };
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if let Some(before) = event.snapshot().image_id {
            // Somebody may have sent the same meanwhile.
            if let Some(current) = tx.image(before).await?
                && current.is_of(&image.digest, &image.alt_text)
            {
                return Ok(current);
            }
            tx.retire_image(before).await?;
        }
        event.show_image(Some(image.id), &venue, self.clock.now())?;
        tx.add_image(&image, rendering.files).await?;
        tx.save_event(&mut event, &venue).await?;
        tx.commit().await?;
        Ok(image)
    }

    /// Takes an event's picture away. One without a picture stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn remove_image(&self, by: UserId, id: EventId) -> Result<()> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        let Some(before) = event.snapshot().image_id else { return Ok(()) };
        event.show_image(None, &venue, self.clock.now())?;
        tx.retire_image(before).await?;
        tx.save_event(&mut event, &venue).await?;
        tx.commit().await
    }
}
