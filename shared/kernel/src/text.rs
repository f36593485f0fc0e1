use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Fault, Refusal};

/// A line of text from a client: trimmed, in Unicode's composed form, 1 to `max` characters with at
/// least one that shows, no control characters, those that turn the direction of reading included.
pub fn line(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = checked(field, text, max)?;
    if text.chars().all(shows_nothing) {
        return Err(Refusal::bad_input(field, "must not be empty"));
    }
    if text.chars().any(|char| char.is_control() || turns_direction(char)) {
        return Err(Refusal::bad_input(field, "must be one line without control characters"));
    }
    Ok(text)
}

/// A line that may be left out; an empty one counts as left out.
pub fn optional_line(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>, Refusal> {
    text.filter(|text| !text.trim().is_empty()).map(|text| line(field, text, max)).transpose()
}

/// Text of several lines, which may be empty: trimmed, composed, at most `max` characters, no control
/// characters but line breaks and tabs.
pub fn paragraph(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = checked(field, text, max)?;
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
        return Err(Refusal::bad_input(field, "must not contain control characters"));
    }
    Ok(text)
}

fn checked(field: &str, text: &str, max: usize) -> Result<String, Refusal> {
    // The raw size is looked at first, so that huge input costs nothing.
    if text.len() > max * 8 {
        return Err(Refusal::bad_input(field, format!("must have at most {max} characters")));
    }
    let text: String = text.trim().nfc().collect();
    if text.chars().count() > max {
        return Err(Refusal::bad_input(field, format!("must have at most {max} characters")));
    }
    Ok(text)
}

/// Of Unicode's characters that may be ignored when a text is shown, those outside of a script's own use.
const fn shows_nothing(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}')
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(char, '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
        || matches!(char, '\u{e0000}'..='\u{e0fff}' | '\u{fff0}'..='\u{fff8}' | '\u{fffe}'..='\u{ffff}')
        || char.is_whitespace()
}

/// With them a line reads other than it is written, up to the text around it.
const fn turns_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An e-mail address: kept as typed, compared normalised.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads what a client sent in `field`: one `@`, a name before it, a dotted or local host after it,
    /// at most 254 bytes, no spaces.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::bad_input(field, "must be an e-mail address such as ada@example.org");
        let text = line(field, text, 254)?;
        let (local, host) = text.rsplit_once('@').ok_or_else(wrong)?;
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with('.')
                && !part.contains("..")
                && !part.chars().any(|char| char.is_whitespace() || "@,;:<>()[]\\\"".contains(char))
        };
        let host_ok = host.chars().all(|char| char.is_alphanumeric() || char == '-' || char == '.')
            && host.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-'));
        if text.len() <= 254 && local.len() <= 64 && plain(local) && plain(host) && host_ok {
            Ok(Self(text))
        } else {
            Err(wrong())
        }
    }

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For comparing: composed, lower case.
    pub fn normalised(&self) -> String {
        self.0.nfkc().collect::<String>().to_lowercase()
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normalised() == other.normalised()
    }
}
impl Eq for EmailAddress {}
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
    fn addresses_are_compared_normalised_and_kept_as_typed() {
        let typed = EmailAddress::parse("email", " Ada.Lovelace@Example.ORG ").unwrap();
        assert_eq!(typed.as_str(), "Ada.Lovelace@Example.ORG");
        assert_eq!(typed, EmailAddress::parse("email", "ada.lovelace@example.org").unwrap());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "ada", "@x.org", "ada@", "a b@x.org", "a@b@c.org", "ada@x..org", "ada@-x.org", "a\n@x.org"]
        {
            assert!(EmailAddress::parse("email", text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse("email", &format!("{}@x.org", "a".repeat(10_000_000))).is_err());
    }

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
}
