//! Reads a picture as somebody sent it, and writes what pages show of it.

use std::io::Cursor;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageReader, Limits, RgbImage, imageops::FilterType,
    metadata::Orientation,
};
use kernel::{Fault, Refusal, Result, reasons};

use crate::domain::{
    ImageFormat, Size,
    entities::image::UploadType,
    ports::{ImageFile, Rendering},
};

/// The longest side of a picture that is read, in pixels.
const LONGEST_SIDE: u32 = 8_000;
/// The most pixels of a picture that is read, in millions.
const MOST_MEGAPIXELS: u64 = 24;
/// The most memory for one picture while it is read, in bytes: 24 megapixels of the richest kind, and some for the work.
const MOST_MEMORY: u64 = 320 * 1024 * 1024;
/// How wide a placeholder is, and how high at most.
const PLACEHOLDER: (u32, u32) = (16, 32);
/// The longest placeholder, in characters.
const LONGEST_PLACEHOLDER: usize = 500;
/// Of a hundred.
const JPEG_QUALITY: u8 = 80;
const WEBP_QUALITY: f32 = 78.0;
const AVIF_QUALITY: u8 = 60;
const PLACEHOLDER_QUALITY: f32 = 40.0;

/// The picture's files, upright, without anything that was written beside its pixels; what is transparent is white.
pub(super) fn render(bytes: &[u8], of: UploadType) -> Result<Rendering> {
    let (mut picture, orientation) = decoded(bytes, of)?;
    let sideways = is_sideways(orientation);
    let turned = |size: Size| if sideways { Size { width: size.height, height: size.width } } else { size };
    let size = turned(Size { width: picture.width(), height: picture.height() });
    let ladder = size.ladder();
    // Less is to be turned of a smaller one.
    if let Some(largest) = ladder.last() {
        picture = resized(picture, turned(*largest));
    }
    picture.apply_orientation(orientation);
    let mut files = Vec::with_capacity(ladder.len() * ImageFormat::ALL.len());
    // Each is made of the next larger one, which is the less work the smaller it is.
    for file in ladder.into_iter().rev() {
        picture = resized(picture, file);
        for format in ImageFormat::ALL {
            let bytes = encoded(&picture, format)?;
            files.push(ImageFile { width: file.width, format, bytes });
        }
    }
    Ok(Rendering { size, placeholder: placeholder(&picture, size), files })
}

fn resized(picture: DynamicImage, to: Size) -> DynamicImage {
    if (picture.width(), picture.height()) == (to.width, to.height) {
        return picture;
    }
    picture.resize_exact(to.width, to.height, FilterType::CatmullRom)
}

/// The picture as it lies there, with white for what is transparent, and how it is to be turned.
fn decoded(bytes: &[u8], of: UploadType) -> Result<(DynamicImage, Orientation), Refusal> {
    let format = match of {
        UploadType::Jpeg => image::ImageFormat::Jpeg,
        UploadType::Png => image::ImageFormat::Png,
        UploadType::Webp => image::ImageFormat::WebP,
    };
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_MEGAPIXELS * 1_000_000 {
        return Err(too_large());
    }
    // What says nonsense of how it is to be turned says nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    Ok((on_white(picture).into(), orientation))
}

const fn is_sideways(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// All formats look the same, also the one that knows no transparency.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut on_white = RgbImage::new(picture.width(), picture.height());
    for (pixel, seen) in on_white.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = seen.0.map(u16::from);
        let mixed = [red, green, blue].map(|part| (part * alpha + 255 * (255 - alpha) + 127) / 255);
        pixel.0 = mixed.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    }
    on_white
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Result<Vec<u8>, Fault> {
    let doing = "writing a picture";
    match format {
        ImageFormat::Avif => pictures::avif(picture, AVIF_QUALITY).map_err(|cause| Fault::new(doing, cause)),
        ImageFormat::Webp => pictures::webp(picture, WEBP_QUALITY).map_err(|cause| Fault::new(doing, cause)),
        ImageFormat::Jpeg => pictures::jpeg(picture, JPEG_QUALITY).map_err(|cause| Fault::new(doing, cause)),
    }
}

/// A few pixels that a page can show until it has the picture; none where they are too many bytes all the same.
fn placeholder(smallest: &DynamicImage, size: Size) -> Option<String> {
    let (width, highest) = PLACEHOLDER;
    let height = size.scaled_to(width).height.min(highest);
    let bytes =
        pictures::webp(&smallest.resize_exact(width, height, FilterType::Triangle), PLACEHOLDER_QUALITY)
            .ok()?;
    let text = format!("data:image/webp;base64,{}", BASE64_STANDARD.encode(bytes));
    (text.len() < LONGEST_PLACEHOLDER).then_some(text)
}

fn refused(error: &ImageError) -> Refusal {
    if matches!(error, ImageError::Limits(_)) {
        return too_large();
    }
    Refusal::bad_input("body", "must be a picture that is whole and can be read").because(reasons::MALFORMED)
}

fn too_large() -> Refusal {
    let message = format!(
        "must be a picture of at most {MOST_MEGAPIXELS} megapixels, and at most {LONGEST_SIDE} pixels wide and high"
    );
    Refusal::bad_input("body", message).because(reasons::OUT_OF_RANGE)
}

#[cfg(test)]
mod tests;
