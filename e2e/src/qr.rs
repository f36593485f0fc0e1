//! What a scanner without a network does: reads a code off a picture, and checks who has signed it.

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};
use uuid::Uuid;

/// Pixels a module, about what a camera sees.
const SCALE: f32 = 6.0;
const PREFIX: &str = "ODY1.";
/// Ticket, event, and issue.
const CONTENT: usize = 16 + 16 + 4;

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Which ticket.
    pub ticket: Uuid,
    /// To which event.
    pub event: Uuid,
    /// Which issue of its code.
    pub issue: u32,
}

/// Draws an SVG and reads the only QR code in it.
pub fn read(svg: &str) -> anyhow::Result<String> {
    let tree = Tree::from_str(svg, &Options::default()).context("reading the SVG")?;
    let size = tree.size().to_int_size().scale_by(SCALE).context("the picture has a size")?;
    let mut picture = Pixmap::new(size.width(), size.height()).context("the picture has a size")?;
    render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    let (width, height) = (usize::try_from(size.width())?, usize::try_from(size.height())?);
    let pixels = picture.pixels();
    // What is not painted is as white as paper.
    let shade = |x: usize, y: usize| {
        let pixel = pixels[y * width + x];
        pixel.green().saturating_add(255 - pixel.alpha())
    };
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    match seen.detect_grids().as_slice() {
        [code] => Ok(code.decode().context("reading the code")?.1),
        codes => bail!("there are {} codes in the picture", codes.len()),
    }
}

/// What a code says, when it was signed with that key: base64, as published.
pub fn verify(code: &str, key: &str) -> anyhow::Result<Token> {
    let key = BASE64_URL_SAFE_NO_PAD.decode(key)?;
    let key = VerifyingKey::from_bytes(key.as_slice().try_into().context("a key has 32 bytes")?)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(code.strip_prefix(PREFIX).context("it is one of ours")?)?;
    ensure!(bytes.len() == CONTENT + Signature::BYTE_SIZE, "it has {} bytes", bytes.len());
    let (content, signature) = bytes.split_at(CONTENT);
    key.verify_strict(content, &Signature::from_slice(signature)?).context("the signature")?;
    Ok(Token {
        ticket: Uuid::from_slice(&content[..16])?,
        event: Uuid::from_slice(&content[16..32])?,
        issue: u32::from_be_bytes(content[32..].try_into()?),
    })
}
