//! What all have in common that take a picture.

use kernel::{ImageId, OrganizationId, Refusal, Result};
use uuid::Uuid;

use super::Events;
use crate::domain::{
    Image,
    entities::image::{UploadType, checked_alt_text, digest},
    ports::ImageFile,
};

/// A picture that somebody sends.
#[derive(Clone, Debug)]
pub struct SetImage {
    /// What it shows, for those who do not see it.
    pub alt_text: String,
    /// In what it is said to be.
    pub of: UploadType,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// A picture that was sent, with words in order; whether it is one its bytes alone will tell.
pub(super) struct Sent {
    alt_text: String,
    digest: String,
    of: UploadType,
    bytes: Vec<u8>,
}

impl SetImage {
    /// What was sent, or what is wrong with it.
    pub(super) fn checked(self) -> Result<Sent, Refusal> {
        let alt_text = checked_alt_text(&self.alt_text)?;
        self.of.check(&self.bytes)?;
        Ok(Sent { alt_text, digest: digest(&self.bytes), of: self.of, bytes: self.bytes })
    }
}

impl Sent {
    /// True when that was made of the same bytes, with the same words.
    pub(super) fn is_that(&self, image: &Image) -> bool {
        image.is_of(&self.digest, &self.alt_text)
    }
}

impl Events {
    /// Makes a picture's files, before any transaction: no reader ever waits for that. It counts against how many pictures the
    /// organization may send.
    pub(super) async fn develop(
        &self,
        sent: &Sent,
        of: Uuid,
        organization: OrganizationId,
    ) -> Result<(Image, Vec<ImageFile>)> {
        self.limits.sends_picture(organization)?;
        let rendering = self.renderer.render(sent.bytes.clone(), sent.of).await?;
        let image = Image {
            id: ImageId::new(),
            of,
            organization_id: organization,
            alt_text: sent.alt_text.clone(),
            size: rendering.size,
            widths: rendering.size.ladder().iter().map(|file| file.width).collect(),
            placeholder: rendering.placeholder,
            digest: sent.digest.clone(),
            created_at: self.clock.now(),
        };
        Ok((image, rendering.files))
    }
}
