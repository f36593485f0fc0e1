//! Which pictures an event shows, and in which order.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use contracts::events::EventChange;
use kernel::{ImageId, Refusal};

use super::{Event, Told};
use crate::domain::{Venue, reasons};

/// The most pictures an event shows.
pub const MOST_IMAGES: usize = 12;

impl Event {
    /// Shows this picture first, in place of the one that was, which is told.
    pub fn show_image(
        &mut self,
        image: ImageId,
        venue: &Venue,
        now: DateTime<Utc>,
    ) -> Result<Option<ImageId>, Refusal> {
        self.refuse_when_ended(now)?;
        let before = self.now.images.first().copied();
        if before == Some(image) {
            return Ok(None);
        }
        let images = [image].into_iter().chain(self.now.images.iter().skip(1).copied()).collect();
        self.show(images, venue);
        Ok(before)
    }

    /// Shows this picture behind all others.
    pub fn add_image(&mut self, image: ImageId, venue: &Venue, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.refuse_when_ended(now)?;
        self.refuse_too_many_images()?;
        let images = self.now.images.iter().copied().chain([image]).collect();
        self.show(images, venue);
        Ok(())
    }

    /// Refuses one more picture where there are as many as an event may have.
    pub fn refuse_too_many_images(&self) -> Result<(), Refusal> {
        if self.now.images.len() < MOST_IMAGES {
            return Ok(());
        }
        let message = format!("An event has at most {MOST_IMAGES} pictures. Take one away first.");
        Err(Refusal::new(reasons::TOO_MANY_IMAGES, message).with("limit", MOST_IMAGES))
    }

    /// Shows its pictures in this order, which names each of them once. False when they are in it already.
    pub fn arrange_images(
        &mut self,
        order: Vec<ImageId>,
        venue: &Venue,
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        self.refuse_when_ended(now)?;
        let (asked, there) =
            (order.iter().collect::<HashSet<_>>(), self.now.images.iter().collect::<HashSet<_>>());
        if order.len() != self.now.images.len() || asked != there {
            let message = "must name each picture of the event once, and nothing else";
            return Err(Refusal::bad_input("imageIds", message).because(kernel::reasons::INCONSISTENT));
        }
        if order == self.now.images {
            return Ok(false);
        }
        self.show(order, venue);
        Ok(true)
    }

    /// Shows this picture no more. False when it does not anyway.
    pub fn remove_image(
        &mut self,
        image: ImageId,
        venue: &Venue,
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        if !self.now.images.contains(&image) {
            return Ok(false);
        }
        self.refuse_when_ended(now)?;
        let images = self.now.images.iter().copied().filter(|other| *other != image).collect();
        self.show(images, venue);
        Ok(true)
    }

    /// Shows no picture from now on; tells which there were.
    pub fn remove_images(&mut self, venue: &Venue, now: DateTime<Utc>) -> Result<Vec<ImageId>, Refusal> {
        if self.now.images.is_empty() {
            return Ok(Vec::new());
        }
        self.refuse_when_ended(now)?;
        let before = self.now.images.clone();
        self.show(Vec::new(), venue);
        Ok(before)
    }

    fn show(&mut self, images: Vec<ImageId>, venue: &Venue) {
        self.now.images = images;
        self.announce(EventChange::Updated, Told::default(), venue);
    }
}

#[cfg(test)]
mod tests;
