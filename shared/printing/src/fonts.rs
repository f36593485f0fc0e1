//! Which fonts there are: those that come with the program, and those of the machine. Each is read when a text first
//! needs it, once for the whole process.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, OnceLock},
};

use chrono_tz::Tz;
use parley::{
    FontContext,
    fontique::{Blob, Collection, CollectionOptions, SourceCache},
};

/// Latin, Greek, Cyrillic, Armenian, Georgian, many signs: the font of every ticket.
pub(crate) const PLAIN: &str = "DejaVu Sans";

/// Where `tools/fonts/install` puts fonts, for programs that run where they were built.
const BESIDE_THE_SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/fonts");

/// Where Linux keeps fonts.
const SYSTEM: &str = "/usr/share/fonts";

/// So many families of the machine are tried for a letter.
const MOST_FAMILIES: usize = 200;

static PLAIN_FILES: [&[u8]; 2] =
    [include_bytes!("../fonts/DejaVuSans.ttf"), include_bytes!("../fonts/DejaVuSans-Bold.ttf")];

/// A script that has a font of its own in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Hebrew,
    Arabic,
    Devanagari,
    Thai,
    Emoji,
}

impl Script {
    /// Whose letter this is.
    pub(crate) fn of(letter: char) -> Option<Self> {
        match u32::from(letter) {
            0x590..=0x5ff | 0xfb1d..=0xfb4f => Some(Self::Hebrew),
            0x600..=0x6ff | 0x750..=0x77f | 0x8a0..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc => {
                Some(Self::Arabic)
            }
            0x900..=0x97f | 0xa8e0..=0xa8ff => Some(Self::Devanagari),
            0xe00..=0xe7f => Some(Self::Thai),
            0x1f000..=0x1faff => Some(Self::Emoji),
            _ => None,
        }
    }

    /// The name of its font.
    pub(crate) fn family(self) -> &'static str {
        match self {
            Self::Hebrew => "Noto Sans Hebrew",
            Self::Arabic => "Noto Sans Arabic",
            Self::Devanagari => "Noto Sans Devanagari",
            Self::Thai => "Noto Sans Thai",
            Self::Emoji => "Noto Emoji",
        }
    }

    /// Reads its font, unless that was done before.
    pub(crate) fn read(self) {
        static READ: [OnceLock<()>; 5] = [const { OnceLock::new() }; 5];
        READ[self as usize].get_or_init(|| register(&mut FONTS.clone(), self.files()));
    }

    fn files(self) -> &'static [&'static [u8]] {
        match self {
            Self::Hebrew => &[
                include_bytes!("../fonts/NotoSansHebrew.ttf"),
                include_bytes!("../fonts/NotoSansHebrew-Bold.ttf"),
            ],
            Self::Arabic => &[
                include_bytes!("../fonts/NotoSansArabic.ttf"),
                include_bytes!("../fonts/NotoSansArabic-Bold.ttf"),
            ],
            Self::Devanagari => &[
                include_bytes!("../fonts/NotoSansDevanagari.ttf"),
                include_bytes!("../fonts/NotoSansDevanagari-Bold.ttf"),
            ],
            Self::Thai => &[
                include_bytes!("../fonts/NotoSansThai.ttf"),
                include_bytes!("../fonts/NotoSansThai-Bold.ttf"),
            ],
            Self::Emoji => &[include_bytes!("../fonts/NotoEmoji.ttf")],
        }
    }
}

/// Chinese characters look different in each of the languages that are written with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Han {
    Simplified,
    Traditional,
    Japanese,
    Korean,
}

impl Han {
    /// How they are to look on a ticket of these texts, for an event in this zone: the letters of a language decide
    /// before the place.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>, zone: Tz) -> Self {
        for letter in texts.into_iter().flat_map(str::chars) {
            match u32::from(letter) {
                0x3040..=0x30ff => return Self::Japanese,
                0x1100..=0x11ff | 0xac00..=0xd7af => return Self::Korean,
                _ => {}
            }
        }
        match zone {
            Tz::Asia__Tokyo | Tz::Japan => Self::Japanese,
            Tz::Asia__Seoul | Tz::Asia__Pyongyang | Tz::ROK => Self::Korean,
            Tz::Asia__Taipei
            | Tz::ROC
            | Tz::Asia__Hong_Kong
            | Tz::Hongkong
            | Tz::Asia__Macau
            | Tz::Asia__Macao => Self::Traditional,
            _ => Self::Simplified,
        }
    }

    /// What the names of fonts made for it end with.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Simplified => &[" SC", " CN"],
            Self::Traditional => &[" TC", " HK", " TW", " SC"],
            Self::Japanese => &[" JP"],
            Self::Korean => &[" KR"],
        }
    }
}

/// Fonts for [`PLAIN`], and what was read since; clones see the same.
static FONTS: LazyLock<FontContext> = LazyLock::new(|| {
    let mut fonts = FontContext {
        collection: Collection::new(CollectionOptions { shared: true, system_fonts: false }),
        source_cache: SourceCache::new_shared(),
    };
    register(&mut fonts, &PLAIN_FILES);
    fonts
});

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Names the folder where fonts for scripts are that no font of the program has, such as Chinese, Japanese and Korean
/// ones (`tools/fonts/install` brings those). It is looked through, before `/usr/share/fonts`, when a text first
/// needs it. Only the first call counts, before the first ticket.
pub fn look_for_fonts_in(folder: PathBuf) {
    if !folder.is_dir() {
        tracing::warn!(folder = %folder.display(), "the folder for fonts is not there: some scripts are printed as boxes");
    }
    FOLDER.get_or_init(|| folder);
}

/// The fonts of this process.
pub(crate) fn fonts() -> FontContext {
    FONTS.clone()
}

/// The names of the machine's families, in the order in which they are to be asked for a letter. Looks for them once.
pub(crate) fn of_the_machine(han: Han) -> Vec<&'static str> {
    static FOUND: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut found = Vec::new();
        let named = FOLDER.get().map_or(Path::new(BESIDE_THE_SOURCES), PathBuf::as_path);
        for folder in [named, Path::new(SYSTEM)] {
            let mut fonts = FONTS.clone();
            let known: Vec<String> = fonts.collection.family_names().map(str::to_owned).collect();
            fonts.collection.load_fonts_from_paths([folder]);
            let mut new: Vec<String> = fonts.collection.family_names().map(str::to_owned).collect();
            // Those in colours are pictures, which print nothing.
            new.retain(|name| !known.contains(name) && !name.contains("Color"));
            new.sort_by_key(|name| (!name.starts_with("Noto Sans"), name.clone()));
            found.extend(new);
        }
        tracing::debug!(families = found.len(), "looked for fonts on this machine");
        found
    });
    let mut names: Vec<&str> = FOUND.iter().map(String::as_str).collect();
    let wanted = |name: &&str| {
        han.endings().iter().position(|ending| name.ends_with(ending)).unwrap_or(han.endings().len())
    };
    names.sort_by_key(wanted);
    names.truncate(MOST_FAMILIES);
    names
}

fn register(fonts: &mut FontContext, files: &[&'static [u8]]) {
    for file in files {
        fonts.collection.register_fonts(Blob::new(Arc::new(*file)), None);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Fonts with a few Chinese, Japanese and Korean letters.
    pub(crate) fn with_letters_for_tests() {
        look_for_fonts_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts/for-tests"));
    }

    #[test]
    fn han_letters_look_as_where_the_event_is_unless_its_words_say_otherwise() {
        let zone = |name: &str| name.parse().unwrap();
        assert_eq!(Han::of(["北京音乐节"], zone("Asia/Shanghai")), Han::Simplified);
        assert_eq!(Han::of(["臺北"], zone("Asia/Taipei")), Han::Traditional);
        assert_eq!(Han::of(["東京"], zone("Asia/Tokyo")), Han::Japanese);
        assert_eq!(Han::of(["Jazz", "夏祭り"], zone("Europe/Vienna")), Han::Japanese);
        assert_eq!(Han::of(["한국 音樂"], zone("Asia/Tokyo")), Han::Korean);
        with_letters_for_tests();
        for (han, first) in [
            (Han::Simplified, "Noto Sans SC"),
            (Han::Japanese, "Noto Sans JP"),
            (Han::Korean, "Noto Sans KR"),
        ] {
            assert!(of_the_machine(han).first().unwrap().ends_with(&first[first.len() - 3..]), "{han:?}");
            assert!(of_the_machine(han).contains(&first));
        }
    }

    #[test]
    fn a_script_has_a_font_of_the_name_that_it_is_asked_for_by() {
        for script in [Script::Hebrew, Script::Arabic, Script::Devanagari, Script::Thai, Script::Emoji] {
            script.read();
            assert!(fonts().collection.family_id(script.family()).is_some(), "{script:?}");
        }
        assert!(fonts().collection.family_id(PLAIN).is_some());
    }
}
