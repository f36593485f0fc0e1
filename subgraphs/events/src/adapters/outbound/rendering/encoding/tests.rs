use image::{GrayImage, Rgb, Rgba, RgbaImage};

use super::*;

/// What a camera wrote beside the pixels.
const SECRET: &[u8] = b"48.2049 N 16.3568 E";
const RED: [u8; 3] = [220, 20, 20];
const BLUE: [u8; 3] = [20, 20, 220];

fn written(picture: &DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red on the left, blue on the right.
fn two_halves(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { RED } else { BLUE })).into()
}

/// A JPEG with what a camera says of it: how it was held, and where.
fn photo(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let jpeg = written(picture, image::ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(SECRET);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn file(rendering: &Rendering, width: u32, format: ImageFormat) -> &[u8] {
    let file = rendering.files.iter().find(|file| file.width == width && file.format == format);
    &file.unwrap_or_else(|| panic!("there is no {width}.{}", format.extension())).bytes
}

fn shown(rendering: &Rendering, width: u32, format: ImageFormat) -> RgbImage {
    image::load_from_memory(file(rendering, width, format)).unwrap().into_rgb8()
}

fn is_about(pixel: Rgb<u8>, wanted: [u8; 3]) -> bool {
    pixel.0.iter().zip(wanted).all(|(is, wanted)| is.abs_diff(wanted) < 40)
}

fn why(bytes: &[u8], of: UploadType) -> (String, String) {
    let error = render(bytes, of).expect_err("this was to be refused");
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.details["field"], "body");
    (refusal.reason.to_string(), refusal.message.clone())
}

#[test]
fn a_photo_stands_upright_however_the_camera_was_held() {
    let lying = two_halves(80, 40);
    for (orientation, size, above) in
        [(1, (80, 40), None), (6, (40, 80), Some(RED)), (8, (40, 80), Some(BLUE))]
    {
        let rendering = render(&photo(&lying, orientation), UploadType::Jpeg).unwrap();
        assert_eq!((rendering.size.width, rendering.size.height), size, "{orientation}");
        for format in [ImageFormat::Jpeg, ImageFormat::Webp] {
            let upright = shown(&rendering, size.0, format);
            assert_eq!(upright.dimensions(), size, "{orientation}");
            let above = above.unwrap_or(RED);
            assert!(
                is_about(*upright.get_pixel(10, 10), above),
                "{orientation}: {:?}",
                upright.get_pixel(10, 10)
            );
        }
    }
    let large = render(&photo(&two_halves(1_200, 700), 6), UploadType::Jpeg).unwrap();
    let upright = shown(&large, 640, ImageFormat::Jpeg);
    assert_eq!(upright.dimensions(), (640, 1_097));
    assert!(is_about(*upright.get_pixel(320, 100), RED) && is_about(*upright.get_pixel(320, 1_000), BLUE));
}

#[test]
fn nothing_that_a_camera_wrote_beside_the_pixels_is_passed_on() {
    let photo = photo(&two_halves(400, 200), 1);
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(holds(&photo, SECRET));
    let rendering = render(&photo, UploadType::Jpeg).unwrap();
    assert_eq!(rendering.files.len(), 6);
    for file in rendering.files {
        assert!(!holds(&file.bytes, SECRET) && !holds(&file.bytes, b"Exif"), "{:?}", file.format);
    }
}

#[test]
fn each_file_is_what_its_name_says() {
    let rendering =
        render(&written(&two_halves(700, 350), image::ImageFormat::Png), UploadType::Png).unwrap();
    for (width, height) in [(320, 160), (640, 320), (700, 350)] {
        assert_eq!(&file(&rendering, width, ImageFormat::Avif)[4..12], b"ftypavif");
        assert_eq!(&file(&rendering, width, ImageFormat::Webp)[8..12], b"WEBP");
        assert_eq!(&file(&rendering, width, ImageFormat::Jpeg)[..3], [0xFF, 0xD8, 0xFF]);
        assert_eq!(shown(&rendering, width, ImageFormat::Webp).dimensions(), (width, height));
        assert_eq!(shown(&rendering, width, ImageFormat::Jpeg).dimensions(), (width, height));
    }
    assert_eq!(rendering.files.len(), 9);
}

#[test]
fn what_is_transparent_is_white_in_every_format() {
    let mut logo = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
    for x in 0..20 {
        for y in 0..40 {
            logo.put_pixel(x, y, Rgba([220, 20, 20, 255]));
        }
    }
    let rendering = render(&written(&logo.into(), image::ImageFormat::Png), UploadType::Png).unwrap();
    for format in [ImageFormat::Jpeg, ImageFormat::Webp] {
        let shown = shown(&rendering, 40, format);
        assert!(is_about(*shown.get_pixel(34, 20), [255; 3]), "{:?}", shown.get_pixel(34, 20));
        assert!(is_about(*shown.get_pixel(5, 20), RED), "{:?}", shown.get_pixel(5, 20));
    }
}

#[test]
fn a_single_pixel_is_a_picture_too() {
    for format in [image::ImageFormat::Png, image::ImageFormat::WebP, image::ImageFormat::Jpeg] {
        let of = match format {
            image::ImageFormat::Png => UploadType::Png,
            image::ImageFormat::WebP => UploadType::Webp,
            _ => UploadType::Jpeg,
        };
        let rendering = render(&written(&two_halves(1, 1), format), of).unwrap();
        assert_eq!(rendering.size, Size { width: 1, height: 1 });
        assert!(is_about(*shown(&rendering, 1, ImageFormat::Jpeg).get_pixel(0, 0), BLUE));
    }
}

#[test]
fn a_placeholder_is_small_and_looks_like_the_picture() {
    for (width, height) in [(1_600, 900), (90, 1_600), (1_600, 3)] {
        let picture = written(&two_halves(width, height), image::ImageFormat::Jpeg);
        let placeholder = render(&picture, UploadType::Jpeg).unwrap().placeholder.unwrap();
        assert!(placeholder.len() < 500, "{}", placeholder.len());
        let bytes = placeholder.strip_prefix("data:image/webp;base64,").unwrap();
        let shown = image::load_from_memory(&BASE64_STANDARD.decode(bytes).unwrap()).unwrap().into_rgb8();
        assert_eq!(shown.width(), 16);
        assert!(is_about(*shown.get_pixel(2, 0), RED) && is_about(*shown.get_pixel(13, 0), BLUE));
    }
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused_in_words() {
    let wide = written(&GrayImage::new(8_001, 1).into(), image::ImageFormat::Png);
    let bomb = written(&GrayImage::new(6_000, 5_000).into(), image::ImageFormat::Png);
    assert!(bomb.len() < 200_000, "it is {} bytes and would be 30 megapixels", bomb.len());
    for bytes in [wide, bomb] {
        let (reason, message) = why(&bytes, UploadType::Png);
        assert_eq!(reason, "OUT_OF_RANGE");
        assert!(
            message.contains("at most 24 megapixels, and at most 8000 pixels wide and high"),
            "{message}"
        );
    }
}

#[test]
fn what_is_no_whole_picture_is_refused() {
    let whole = written(&two_halves(300, 200), image::ImageFormat::Png);
    let text = [b"\x89PNG\r\n\x1a\n".as_slice(), b"and this is a text, not a picture"].concat();
    for (bytes, of) in [
        (&whole[..whole.len() / 2], UploadType::Png),
        (&text, UploadType::Png),
        (&whole, UploadType::Webp),
        (b"\xFF\xD8\xFF", UploadType::Jpeg),
    ] {
        assert_eq!(why(bytes, of).0, "MALFORMED");
    }
}
