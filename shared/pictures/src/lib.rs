//! Writes pictures for pages.
//!
//! A crate of its own because what encodes is compiled with whoever calls it: here it is optimized also where nothing else of
//! ours is. Otherwise AVIF takes twenty times as long in tests, and longer than it need in services that are built for size.

use image::{
    DynamicImage, ImageEncoder as _, ImageResult,
    codecs::{avif::AvifEncoder, jpeg::JpegEncoder},
};

/// From 1 to 10. A slower one saves some bytes and takes several times as long: at this one a picture of three megapixels takes
/// about two seconds.
const AVIF_SPEED: u8 = 10;

/// The picture in AVIF, of this quality in a hundred. It takes one processor.
pub fn avif(picture: &DynamicImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = AvifEncoder::new_with_speed_quality(&mut bytes, AVIF_SPEED, quality);
    let encoder = encoder.with_num_threads(Some(1));
    let (pixels, color) = (picture.as_bytes(), picture.color().into());
    encoder.write_image(pixels, picture.width(), picture.height(), color)?;
    Ok(bytes)
}

/// The picture in JPEG, of this quality in a hundred.
pub fn jpeg(picture: &DynamicImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let (pixels, color) = (picture.as_bytes(), picture.color().into());
    JpegEncoder::new_with_quality(&mut bytes, quality).write_image(
        pixels,
        picture.width(),
        picture.height(),
        color,
    )?;
    Ok(bytes)
}

/// The picture in `WebP`, with loss, of this quality in a hundred; or what keeps it from being written. Its transparency is
/// left out.
pub fn webp(picture: &DynamicImage, quality: f32) -> Result<Vec<u8>, String> {
    let picture = picture.to_rgb8();
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    encoder.encode_simple(false, quality).map(|bytes| bytes.to_vec()).map_err(|error| format!("{error:?}"))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn each_format_begins_as_it_must() {
        let picture = DynamicImage::from(RgbImage::from_pixel(20, 10, Rgb([200, 90, 60])));
        assert_eq!(&avif(&picture, 70).unwrap()[4..12], b"ftypavif");
        assert_eq!(&jpeg(&picture, 80).unwrap()[..3], [0xFF, 0xD8, 0xFF]);
        assert_eq!(&webp(&picture, 80.0).unwrap()[8..12], b"WEBP");
    }
}
