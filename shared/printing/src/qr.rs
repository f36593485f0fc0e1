//! The QR code: error correction level M, dark on white, with the quiet zone that readers need.

use std::fmt::Write;

use kernel::Fault;
use qrcode::{
    Color, EcLevel,
    bits::encode_auto,
    canvas::{Canvas, MaskPattern},
    ec::construct_codewords,
    types::QrError,
};

/// Modules of white around a code; the standard asks for four.
const QUIET: usize = 4;

/// A QR code as a grid of modules.
pub(crate) struct Grid {
    /// Modules from edge to edge, the quiet zone included.
    pub(crate) side: usize,
    code: Vec<Color>,
}

impl Grid {
    /// The code of `payload`; a fault when it is longer than a code can hold (some 2,300 bytes).
    pub(crate) fn of(payload: &str) -> Result<Self, Fault> {
        let drawing = |cause: QrError| Fault::new("drawing a QR code", cause.to_string());
        let bits = encode_auto(payload.as_bytes(), EcLevel::M).map_err(drawing)?;
        let version = bits.version();
        let (data, correction) =
            construct_codewords(&bits.into_bytes(), version, EcLevel::M).map_err(drawing)?;
        let mut canvas = Canvas::new(version, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        // A mask keeps a pattern in the payload from looking like one of the code's own. Signed tokens have no pattern: all
        // eight are as good as each other, and to draw and weigh all of them is most of the work.
        canvas.apply_mask(MaskPattern::Checkerboard);
        let code = canvas.into_colors();
        Ok(Self { side: code.len().isqrt() + 2 * QUIET, code })
    }

    /// Every run of dark modules in a row: its left end, its row, its length.
    pub(crate) fn runs(&self) -> Vec<(usize, usize, usize)> {
        let width = self.side - 2 * QUIET;
        let mut runs = Vec::new();
        for (y, row) in self.code.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run[0] == Color::Dark {
                    runs.push((x + QUIET, y + QUIET, run.len()));
                }
                x += run.len();
            }
        }
        runs
    }
}

/// The QR code of `payload` as an SVG that scales to whatever box it is put in.
///
/// A payload longer than some 2,300 bytes does not fit into any code, and is a fault.
pub fn qr_svg(payload: &str) -> Result<String, Fault> {
    let grid = Grid::of(payload)?;
    let side = grid.side;
    let mut path = String::new();
    for (x, y, length) in grid.runs() {
        write!(path, "M{x} {y}h{length}v1h-{length}z").expect("a String takes whatever is written");
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" \
         role=\"img\" aria-label=\"QR code\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// The QR code of `payload` as a PNG, `pixels_per_module` pixels (1 to 64) a module.
///
/// A payload longer than some 2,300 bytes does not fit into any code, and is a fault.
pub fn qr_png(payload: &str, pixels_per_module: u32) -> Result<Vec<u8>, Fault> {
    let grid = Grid::of(payload)?;
    let scale = pixels_per_module.clamp(1, 64);
    let pixels = |modules: usize| u32::try_from(modules).unwrap_or(u32::MAX).saturating_mul(scale);
    let side = pixels(grid.side);
    // A bit for each pixel, which is white when it is set; a row begins with a byte of its own.
    let mut rows = vec![vec![0xff_u8; side.div_ceil(8) as usize]; grid.side];
    for (x, y, length) in grid.runs() {
        for column in pixels(x)..pixels(x + length) {
            rows[y][(column / 8) as usize] &= !(0x80 >> (column % 8));
        }
    }
    let data = rows.iter().flat_map(|row| std::iter::repeat_n(row.as_slice(), scale as usize)).flatten();
    let data: Vec<u8> = data.copied().collect();
    let drawing = |cause| Fault::new("drawing a QR code", cause);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(drawing)?;
    writer.write_image_data(&data).map_err(drawing)?;
    writer.finish().map_err(drawing)?;
    Ok(png)
}

#[cfg(test)]
pub(crate) mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// As long as a signed ticket token, and of the same alphabet.
    pub(crate) const TOKEN: &str = "ODY1.AZqjfUWGeTuI2K1o3Zq4vwGapH1Fhnk7iNitaN2auL8BmqR9RYZ5O4jYrWjdmri_AAAAAQ.\
        q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

    /// What a reader sees in a picture.
    pub(crate) fn read(picture: &GrayImage) -> Vec<String> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
        });
        prepared.detect_grids().into_iter().map(|grid| grid.decode().unwrap().1).collect()
    }

    /// Paints white boxes in `unit` pixels per module: `x y width height`.
    pub(crate) fn painted(side: usize, unit: u32, boxes: &[(usize, usize, usize)]) -> GrayImage {
        let side = u32::try_from(side).unwrap() * unit;
        let mut picture = GrayImage::from_pixel(side, side, Luma([255]));
        for &(x, y, length) in boxes {
            let at = |modules: usize| u32::try_from(modules).unwrap() * unit;
            for row in at(y)..at(y + 1) {
                (at(x)..at(x + length)).for_each(|column| picture.put_pixel(column, row, Luma([0])));
            }
        }
        picture
    }

    #[test]
    fn the_png_reads_as_what_went_in() {
        for (payload, scale) in [(TOKEN, 3), (TOKEN, 8), ("x", 4), ("Grüße aus 東京", 4)] {
            let png = qr_png(payload, scale).unwrap();
            let picture = image::load_from_memory(&png).unwrap().to_luma8();
            assert_eq!(read(&picture), [payload]);
        }
    }

    #[test]
    fn every_token_reads_as_what_went_in() {
        for number in 0..100_u32 {
            let token: String = (0..TOKEN.len())
                .map(|place| {
                    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                    let hash = number.wrapping_mul(2_654_435_761).wrapping_add(u32::try_from(place).unwrap());
                    let hash = hash.wrapping_mul(hash | 1).rotate_left(15).wrapping_mul(2_246_822_519);
                    char::from(letters[(hash >> 26) as usize])
                })
                .collect();
            let picture = image::load_from_memory(&qr_png(&token, 3).unwrap()).unwrap().to_luma8();
            assert_eq!(read(&picture), [token]);
        }
    }

    #[test]
    fn the_svg_reads_as_what_went_in() {
        let svg = qr_svg(TOKEN).unwrap();
        let side: usize =
            svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let path = svg.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
        let boxes: Vec<_> = path
            .split_terminator('z')
            .map(|run| {
                let (at, shape) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
                let (x, y) = at.split_once(' ').unwrap();
                let (length, back) = shape.split_once("v1h-").unwrap();
                assert_eq!(length, back, "each box is closed");
                (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap())
            })
            .collect();
        assert_eq!(read(&painted(side, 4, &boxes)), [TOKEN]);
        assert!(svg.contains("shape-rendering=\"crispEdges\"") && svg.contains("fill=\"#fff\""));
    }

    #[test]
    fn the_quiet_zone_is_four_modules_wide() {
        let grid = Grid::of(TOKEN).unwrap();
        for (x, y, length) in grid.runs() {
            assert!(x >= QUIET && y >= QUIET && x + length <= grid.side - QUIET && y < grid.side - QUIET);
        }
    }

    #[test]
    fn what_fits_into_no_code_is_a_fault_and_no_panic() {
        assert!(qr_svg(&"a".repeat(3000)).is_err());
        assert!(qr_png(&"a".repeat(3000), 4).is_err());
    }
}
