//! Pictures of events, of performers, and from sections of layouts.

use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use kernel::ImageId;
use service::graphql::{IntoGraph, Url};

use super::{enums::ImageFormat, loaders::Loaders, plan::PublicUrl};
use crate::domain::{self, Motif, SizeAsk};

/// A picture of an event, of a performer, or from a section of a layout. It never changes: another one has another id.
pub(crate) struct Image(pub(crate) domain::Image);

/// A picture of an event, of a performer, or from a section of a layout. It never changes: another one has other addresses.
#[Object]
impl Image {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Where the smallest file is that covers what is asked. Where none is as large, or no size is asked for, it is the
    /// largest. Files never change, and may be kept for a year. Whoever has the address sees the file, also that of a draft:
    /// nobody can guess it. The files of a picture that was replaced are there for a day yet.
    async fn url(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How wide the file is to be at least, in pixels: 1 to 4096.")] width: Option<i32>,
        #[graphql(desc = "How high the file is to be at least, in pixels: 1 to 4096.")] height: Option<i32>,
        #[graphql(desc = "In what it is to be written; JPEG if left out.")] format: Option<ImageFormat>,
    ) -> Result<Url> {
        let width = self.0.width_for(SizeAsk::read(width, height).graph()?);
        let format = format.unwrap_or(ImageFormat::Jpeg).into();
        Ok(Url(url_of(&context.data::<PublicUrl>()?.0, self.0.id, width, format)))
    }

    /// What it shows, for those who do not see it.
    async fn alt_text(&self) -> &str {
        &self.0.alt_text
    }

    /// How wide it was sent, in pixels, upright. The largest file may be smaller, and has the same shape.
    async fn width(&self) -> u32 {
        self.0.size.width
    }

    /// How high it was sent, in pixels, upright. The largest file may be smaller, and has the same shape.
    async fn height(&self) -> u32 {
        self.0.size.height
    }

    /// A few pixels of it as a `data:` address of less than 500 characters, to be shown until the picture is there.
    async fn placeholder(&self) -> Option<&str> {
        self.0.placeholder.as_deref()
    }
}

/// What is shown of a motif; null where nothing is.
pub(super) async fn of_motif(context: &Context<'_>, motif: Motif) -> Result<Option<Image>> {
    Ok(context.data::<DataLoader<Loaders>>()?.load_one(motif).await?.map(Image))
}

/// The address of a file of a picture, where clients reach the platform under `base`.
pub(in crate::adapters::inbound) fn url_of(
    base: &str,
    id: ImageId,
    width: u32,
    format: domain::ImageFormat,
) -> String {
    format!("{base}/api/events/v1/images/{}/{width}.{}", id.public(), format.extension())
}
