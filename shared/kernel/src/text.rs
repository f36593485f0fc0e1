use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Fault, Refusal, reasons};

/// A line of text from a client: trimmed, in Unicode's composed form, 1 to `max` characters with at
/// least one that shows, no control characters and no line breaks, those that turn the direction of
/// reading included. Marks that copying leaves behind and nobody sees are left out.
pub fn line(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = checked(field, text, max, |char| !left_by_copying(char))?;
    if text.chars().all(shows_nothing) {
        return Err(Refusal::bad_input(field, "must not be empty").because(reasons::REQUIRED));
    }
    if text.chars().any(|char| char.is_control() || breaks_lines(char) || turns_direction(char)) {
        return Err(Refusal::bad_input(field, "must be one line without control characters")
            .because(reasons::FORBIDDEN_CHARACTERS));
    }
    Ok(text)
}

/// The key by which a client marks a call, so that it can be repeated: 1 to 100 characters.
pub fn idempotency_key(key: &str) -> Result<String, Refusal> {
    line("idempotencyKey", key, 100)
}

/// A line that may be left out; an empty one counts as left out.
pub fn optional_line(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>, Refusal> {
    text.filter(|text| !text.trim().is_empty()).map(|text| line(field, text, max)).transpose()
}

/// Text of several lines, which may be empty: trimmed, composed, at most `max` characters, line breaks of
/// any kind as `\n`, no control characters but these and tabs.
pub fn paragraph(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = checked(field, text, max, |char| char != '\u{feff}')?;
    let text = with_plain_breaks(&text);
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
        return Err(Refusal::bad_input(field, "must not contain control characters")
            .because(reasons::FORBIDDEN_CHARACTERS));
    }
    Ok(text)
}

/// The same text with `\n` for each line break, however it was written: by Windows, by an old Mac, by a
/// word processor.
pub fn with_plain_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace(breaks_lines, "\n")
}

/// A code as it is compared, however a person has typed it: capital letters and digits of one width, without spaces,
/// dashes of any kind, and what is not seen.
pub fn typed_code(text: &str) -> String {
    let between = |char: char| {
        shows_nothing(char)
            || char == '-'
            || matches!(char, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}')
    };
    text.nfkc().filter(|char| !between(*char)).flat_map(char::to_uppercase).collect()
}

/// A word that opens something, as it is compared: in one form and without case, since phones begin words with a
/// capital letter.
pub fn spoken_word(text: &str) -> String {
    text.trim().nfkc().filter(|char| !left_by_copying(*char)).flat_map(char::to_lowercase).collect()
}

fn checked(field: &str, text: &str, max: usize, kept: fn(char) -> bool) -> Result<String, Refusal> {
    // The raw size is looked at first, so that huge input costs nothing.
    if text.len() > max * 8 {
        return Err(too_long(field, max));
    }
    let text: String = text.nfc().filter(|char| kept(*char)).collect();
    let text = text.trim().to_owned();
    if text.chars().count() > max {
        return Err(too_long(field, max));
    }
    Ok(text)
}

fn too_long(field: &str, max: usize) -> Refusal {
    Refusal::bad_input(field, format!("must have at most {max} characters")).because(reasons::TOO_LONG)
}

const fn breaks_lines(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What pages and word processors put between letters, and what comes along unseen when one copies from
/// them: soft hyphens, breaks of no width, byte order marks, marks of formulas and annotations.
const fn left_by_copying(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}')
        || matches!(char, '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Unicode's characters that may be ignored when a text is shown, and those that are blank.
pub(crate) const fn shows_nothing(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}')
        || matches!(char, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
        || matches!(char, '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}')
        || matches!(char, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || char.is_whitespace()
}

/// With them a line reads other than it is written, up to the text around it.
const fn turns_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A time zone of the IANA database, such as `Europe/Vienna`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, name: &str) -> Result<Self, Refusal> {
        chrono_tz::Tz::from_str(name).map(Self).map_err(|_| {
            Refusal::bad_input(field, "must be a time zone of the IANA database, such as Europe/Vienna")
                .because(reasons::UNKNOWN)
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The zone, to compute with.
    pub fn tz(self) -> chrono_tz::Tz {
        self.0
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimeZone {
    type Err = Fault;
    fn from_str(name: &str) -> Result<Self, Fault> {
        chrono_tz::Tz::from_str(name)
            .map(Self)
            .map_err(|_| Fault::broken_rule(format!("unknown time zone {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_limited_in_characters_and_have_no_control_characters() {
        assert_eq!(line("title", "  Frühling  ", 8).unwrap(), "Frühling");
        assert!(line("title", "Frühlinge", 8).is_err());
        assert!(line("title", "a\u{0}b", 8).is_err());
        assert!(line("title", "   ", 8).is_err());
        assert_eq!(optional_line("title", Some(" "), 8).unwrap(), None);
    }

    #[test]
    fn lines_show_something_and_read_as_they_are_written() {
        for text in
            ["\u{200b}", "\u{feff}\u{200d} \u{2060}", "\u{3164}", "\u{ffff}", "\u{202e}live", "a\u{2066}b"]
        {
            assert!(line("title", text, 80).is_err(), "{text:?}");
        }
        for text in ["👩\u{200d}🎤", "می\u{200c}خواهم", "עברית", "❤\u{fe0f}"] {
            assert_eq!(line("title", text, 80).unwrap(), text);
        }
    }

    #[test]
    fn lines_are_without_the_marks_that_copying_leaves() {
        for (pasted, meant) in [
            ("\u{feff}Hamlet", "Hamlet"),
            ("Donau\u{ad}dampf\u{200b} ", "Donaudampf"),
            ("\u{200b} Ham\u{2060}let\u{a0}", "Hamlet"),
        ] {
            assert_eq!(line("title", pasted, 80).unwrap(), meant);
        }
        for text in ["a\u{2028}b", "a\u{85}b", "a\rb", "\u{2800}", "\u{17b4}"] {
            assert!(line("title", text, 80).is_err(), "{text:?}");
        }
    }

    #[test]
    fn codes_are_the_same_however_they_are_typed() {
        for typed in ["0AB1-C2D3", " 0ab1 c2d3\u{200b}", "0ab1–c2d3", "０ａｂ１－ｃ２ｄ３", "0AB1\u{a0}C2D3"]
        {
            assert_eq!(typed_code(typed), "0AB1C2D3", "{typed:?}");
        }
        for typed in ["Sommer–Nacht", " sommer–nacht ", "SOMMER–\u{200b}NACHT"] {
            assert_eq!(spoken_word(typed), "sommer–nacht");
        }
        assert_ne!(spoken_word("--------"), spoken_word("________"));
    }

    #[test]
    fn lines_of_a_paragraph_end_in_one_way() {
        for text in
            ["one\r\ntwo", "one\rtwo", "one\ntwo", "one\u{b}two", "one\u{2028}two", "\u{feff}one\u{85}two"]
        {
            assert_eq!(paragraph("description", text, 80).unwrap(), "one\ntwo", "{text:?}");
        }
        assert_eq!(paragraph("description", " one\r\n\r\n\ttwo\r\n", 80).unwrap(), "one\n\n\ttwo");
        assert!(paragraph("description", "one\u{1b}[2Jtwo", 80).is_err());
    }
}
