use kernel::{EventId, ImageId, Result, UserId};

use super::{EventAtVenue, Events, SetImage, no_such_event};
use crate::domain::{EventBy, Image};

/// Where among an event's pictures a new one stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// In place of the first.
    First,
    /// Behind all others.
    Last,
}

impl Events {
    /// Gives an event this picture instead of the first it has. The same picture with the same words as are there changes
    /// nothing.
    #[tracing::instrument(skip_all)]
    pub async fn set_image(&self, by: UserId, id: EventId, ask: SetImage) -> Result<Image> {
        self.show(by, id, ask, Position::First).await
    }

    /// Gives an event one more picture, behind those it has. One that it has, with the same words, changes nothing.
    #[tracing::instrument(skip_all)]
    pub async fn add_image(&self, by: UserId, id: EventId, ask: SetImage) -> Result<Image> {
        self.show(by, id, ask, Position::Last).await
    }

    /// Shows an event's pictures in this order, which names each of them once.
    #[tracing::instrument(skip_all)]
    pub async fn arrange_images(&self, by: UserId, id: EventId, order: Vec<ImageId>) -> Result<EventAtVenue> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if event.arrange_images(order, &venue, self.clock.now())? {
            tx.save_event(&mut event, &venue).await?;
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }

    /// Takes one of an event's pictures away. Where it is gone already the event stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn remove_image(&self, by: UserId, id: EventId, image: ImageId) -> Result<EventAtVenue> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if event.remove_image(image, &venue, self.clock.now())? {
            tx.retire_images(&[image]).await?;
            tx.save_event(&mut event, &venue).await?;
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }

    /// Takes all of an event's pictures away. One without pictures stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn remove_images(&self, by: UserId, id: EventId) -> Result<()> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        let before = event.remove_images(&venue, self.clock.now())?;
        if before.is_empty() {
            return Ok(());
        }
        tx.retire_images(&before).await?;
        tx.save_event(&mut event, &venue).await?;
        tx.commit().await
    }

    async fn show(&self, by: UserId, id: EventId, ask: SetImage, position: Position) -> Result<Image> {
        self.require_organizer_of(id, by).await?;
        let sent = ask.checked()?;
        let event = self.reads.event(EventBy::Id(id)).await?.ok_or_else(no_such_event)?.event;
        let same = |shown: Vec<Image>| shown.into_iter().find(|image| sent.is_that(image));
        if let Some(there) = same(self.reads.images(compared(&event.snapshot().images, position)).await?) {
            return Ok(there);
        }
        event.refuse_when_ended(self.clock.now())?;
        if position == Position::Last {
            event.refuse_too_many_images()?;
        }
        let (image, files) = self.develop(&sent, id.uuid(), event.snapshot().organization_id).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        // Somebody may have sent the same meanwhile.
        if let Some(there) = same(tx.images(compared(&event.snapshot().images, position)).await?) {
            return Ok(there);
        }
        match position {
            Position::First => {
                let before = event.show_image(image.id, &venue, self.clock.now())?;
                tx.retire_images(before.as_slice()).await?;
            }
            Position::Last => event.add_image(image.id, &venue, self.clock.now())?,
        }
        tx.add_image(&image, files).await?;
        tx.save_event(&mut event, &venue).await?;
        tx.commit().await?;
        Ok(image)
    }
}

/// With which of these pictures a new one is compared: with the one whose place it takes, or with all.
fn compared(shown: &[ImageId], position: Position) -> &[ImageId] {
    match position {
        Position::First => shown.get(..1).unwrap_or_default(),
        Position::Last => shown,
    }
}
