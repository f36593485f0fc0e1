//! Pictures: what may be sent, in which widths they are kept, and which file a page gets.

use chrono::{DateTime, Utc};
use kernel::{ImageId, LayoutId, OrganizationId, Refusal, line, reasons, together};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::performer::PerformerId;

/// The widths of the files that are made of a picture, as far as it is that wide.
const RUNGS: [u32; 5] = [320, 640, 960, 1_280, 1_920];
/// The highest file that is made, in pixels.
const HIGHEST: u32 = 2_880;
/// The largest side that may be asked for, in pixels.
const LARGEST_ASKED: u32 = 4_096;
/// The most characters of the words for those who do not see a picture.
const LONGEST_ALT_TEXT: usize = 500;

/// In what a file of a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// AVIF, mostly the smallest.
    Avif,
    /// `WebP`, which nearly every browser reads.
    Webp,
    /// JPEG, which everything reads.
    Jpeg,
}

impl ImageFormat {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Avif, Self::Webp, Self::Jpeg];

    /// What the names of such files end with.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }

    /// What it is called in `Content-Type`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The format of files whose names end so.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// In what a picture may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// `WebP`.
    Webp,
}

impl UploadType {
    /// The type of this name in `Content-Type`, without its parameters.
    pub fn from_media_type(name: &str) -> Option<Self> {
        let known = [("image/jpeg", Self::Jpeg), ("image/png", Self::Png), ("image/webp", Self::Webp)];
        known.into_iter().find(|(known, _)| name.trim().eq_ignore_ascii_case(known)).map(|(_, of)| of)
    }

    /// The type that these bytes begin as.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// Refuses bytes that are no picture, or one of another type than was said.
    pub fn check(self, bytes: &[u8]) -> Result<(), Refusal> {
        match Self::of(bytes) {
            Some(of) if of == self => Ok(()),
            Some(_) => Err(Refusal::bad_input("Content-Type", "must be the type that the picture is of")
                .because(reasons::INCONSISTENT)),
            None => Err(Refusal::bad_input("body", "must be a picture in JPEG, PNG or WebP")
                .because(reasons::MALFORMED)),
        }
    }
}

/// A width and a height, in pixels; neither is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// To the right.
    pub width: u32,
    /// Downwards.
    pub height: u32,
}

impl Size {
    /// The same shape with another width.
    #[must_use]
    pub fn scaled_to(self, width: u32) -> Self {
        let (wide, high) = (u64::from(self.width), u64::from(self.height));
        let height = (u64::from(width) * high + wide / 2) / wide;
        Self { width, height: u32::try_from(height).unwrap_or(u32::MAX).max(1) }
    }

    /// The sizes of the files that are made of a picture of this size, the smallest first: as wide as every rung that is
    /// narrower, and the largest that it can have. No file is larger than the picture, or higher than a screen shows.
    pub fn ladder(self) -> Vec<Self> {
        let as_wide_as_high = u64::from(HIGHEST) * u64::from(self.width) / u64::from(self.height);
        let as_wide_as_high = u32::try_from(as_wide_as_high).unwrap_or(u32::MAX).max(1);
        let largest = self.width.min(as_wide_as_high).min(RUNGS[RUNGS.len() - 1]);
        let smaller = RUNGS.into_iter().filter(|rung| *rung < largest);
        smaller.chain([largest]).map(|width| self.scaled_to(width)).collect()
    }
}

/// How large a picture is to be on a page, as far as that was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeAsk {
    width: Option<u32>,
    height: Option<u32>,
}

impl SizeAsk {
    /// Reads what a client asks for, in pixels.
    pub fn read(width: Option<i32>, height: Option<i32>) -> Result<Self, Refusal> {
        let side = |field, asked: Option<i32>| {
            let in_range =
                |asked| u32::try_from(asked).ok().filter(|side| (1..=LARGEST_ASKED).contains(side));
            asked.map(|asked| in_range(asked).ok_or_else(|| wrong_side(field))).transpose()
        };
        let (width, height) = together((side("width", width), side("height", height)))?;
        Ok(Self { width, height })
    }

    fn is_covered_by(self, size: Size) -> bool {
        self.width.is_none_or(|width| size.width >= width)
            && self.height.is_none_or(|height| size.height >= height)
    }
}

fn wrong_side(field: &str) -> Refusal {
    Refusal::bad_input(field, format!("must be from 1 to {LARGEST_ASKED}")).because(reasons::OUT_OF_RANGE)
}

/// A picture of an event, of a performer, or from a section of a layout, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Which.
    pub id: ImageId,
    /// Of which event, or by which layout or organization what it shows is known.
    pub of: Uuid,
    /// Whose.
    pub organization_id: OrganizationId,
    /// What it shows, for those who do not see it.
    pub alt_text: String,
    /// How large it was sent, turned upright.
    pub size: Size,
    /// How wide its files are, the narrowest first; there is one at least.
    pub widths: Vec<u32>,
    /// A few pixels of it as a `data:` address.
    pub placeholder: Option<String>,
    /// What tells the bytes that were sent from others.
    pub digest: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

impl Image {
    /// The size of the file with this width.
    pub fn file(&self, width: u32) -> Size {
        self.size.scaled_to(width)
    }

    /// How wide the smallest file is that covers what is asked; where none does, or nothing is asked, the largest.
    pub fn width_for(&self, ask: SizeAsk) -> u32 {
        let covers = |width: &u32| ask != SizeAsk::default() && ask.is_covered_by(self.file(*width));
        let largest = self.widths.last().copied().unwrap_or(self.size.width);
        self.widths.iter().copied().find(covers).unwrap_or(largest)
    }

    /// True when it was made of these bytes and says this of them.
    pub fn is_of(&self, digest: &str, alt_text: &str) -> bool {
        self.digest == digest && self.alt_text == alt_text
    }
}

/// What has one picture of its own, and is no event: it is known by its key in a layout or an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Motif {
    /// Which layout or organization.
    pub owner: Uuid,
    /// Which of its sections or performers.
    pub key: String,
}

impl Motif {
    /// What is seen from the section of a layout that has this key.
    pub fn view(layout: LayoutId, section: &str) -> Self {
        Self { owner: layout.uuid(), key: section.to_owned() }
    }

    /// Somebody who performs at an organization's events.
    pub fn performer(organization: OrganizationId, performer: &PerformerId) -> Self {
        Self { owner: organization.uuid(), key: performer.to_string() }
    }
}

/// What tells these bytes from others.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The words for those who do not see a picture, in order; or what is wrong with them.
pub fn checked_alt_text(alt_text: &str) -> Result<String, Refusal> {
    line("altText", alt_text, LONGEST_ALT_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: u32, height: u32) -> Image {
        let size = Size { width, height };
        Image {
            id: ImageId::new(),
            of: ImageId::new().uuid(),
            organization_id: OrganizationId::new(),
            alt_text: "A stage.".to_owned(),
            size,
            widths: size.ladder().iter().map(|file| file.width).collect(),
            placeholder: None,
            digest: digest(b"bytes"),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn asked(width: impl Into<Option<i32>>, height: impl Into<Option<i32>>) -> SizeAsk {
        SizeAsk::read(width.into(), height.into()).unwrap()
    }

    #[test]
    fn no_file_is_larger_than_the_picture() {
        for (width, height, widths) in [
            (4_000, 3_000, vec![320, 640, 960, 1_280, 1_920]),
            (1_000, 800, vec![320, 640, 960, 1_000]),
            (960, 540, vec![320, 640, 960]),
            (321, 10, vec![320, 321]),
            (1, 1, vec![1]),
            (2_000, 8_000, vec![320, 640, 720]),
        ] {
            assert_eq!(image(width, height).widths, widths, "{width} × {height}");
        }
    }

    #[test]
    fn files_keep_the_shape_of_the_picture_and_are_one_pixel_high_at_least() {
        let heights = |width, height| -> Vec<u32> {
            Size { width, height }.ladder().iter().map(|file| file.height).collect()
        };
        assert_eq!(heights(4_000, 3_000), [240, 480, 720, 960, 1_440]);
        assert_eq!(heights(8_000, 1), [1; 5]);
        assert_eq!(heights(2_000, 8_000).last(), Some(&2_880));
    }

    #[test]
    fn a_page_gets_the_smallest_file_that_covers_what_it_asks_for() {
        let picture = image(4_000, 3_000);
        for (ask, width) in [
            (asked(1, None), 320),
            (asked(320, None), 320),
            (asked(321, None), 640),
            (asked(None, 241), 640),
            (asked(640, 700), 960),
            (asked(1_000, 1), 1_280),
            (asked(4_096, None), 1_920),
            (asked(None, 2_000), 1_920),
            (asked(None, None), 1_920),
        ] {
            assert_eq!(picture.width_for(ask), width, "{ask:?}");
        }
        assert_eq!(image(1, 1).width_for(asked(640, 480)), 1);
    }

    #[test]
    fn sides_that_no_screen_has_are_refused_naming_them() {
        for (width, height, field) in [
            (Some(0), None, "width"),
            (Some(4_097), Some(1), "width"),
            (None, Some(-1), "height"),
            (Some(1), Some(i32::MAX), "height"),
        ] {
            let refusal = SizeAsk::read(width, height).unwrap_err();
            assert_eq!((&refusal.details["field"], refusal.reason.as_ref()), (&field.into(), "OUT_OF_RANGE"));
        }
        assert_eq!(SizeAsk::read(Some(0), Some(0)).unwrap_err().problems.len(), 2, "both are told");
    }

    #[test]
    fn a_picture_says_something_to_those_who_do_not_see_it() {
        assert_eq!(checked_alt_text("  A stage. ").unwrap(), "A stage.");
        assert!(checked_alt_text(&"ä".repeat(500)).is_ok());
        for (wrong, reason) in [
            ("", "REQUIRED"),
            (" ", "REQUIRED"),
            (&"ä".repeat(501), "TOO_LONG"),
            ("a\nb", "FORBIDDEN_CHARACTERS"),
        ] {
            let refusal = checked_alt_text(wrong).unwrap_err();
            assert_eq!((&refusal.details["field"], refusal.reason.as_ref()), (&"altText".into(), reason));
        }
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let png = b"\x89PNG\r\n\x1a\n....";
        assert!(UploadType::Png.check(png).is_ok());
        let named = |of: UploadType, bytes: &[u8]| of.check(bytes).unwrap_err().details["field"].clone();
        assert_eq!(named(UploadType::Jpeg, png), "Content-Type");
        assert_eq!(named(UploadType::Png, b"This is a PNG."), "body");
        assert_eq!(named(UploadType::Webp, b""), "body");
        assert_eq!(UploadType::from_media_type(" IMAGE/WebP "), Some(UploadType::Webp));
        assert_eq!(UploadType::from_media_type("image/svg+xml"), None);
    }
}
