//! Addresses as people write them: with the country's name.

mod countries;

use std::borrow::Cow;

use self::countries::COUNTRIES;
use crate::Language;

/// The lines of an address whose last one is a country: by its name, also where it was told by its two letters of
/// ISO 3166-1.
pub fn address_lines(lines: &str, language: Language) -> Cow<'_, str> {
    let (rest, last) = lines.rsplit_once('\n').unwrap_or(("", lines));
    match country_name(last, language) {
        Some(name) if rest.is_empty() => Cow::Borrowed(name),
        Some(name) => Cow::Owned(format!("{rest}\n{name}")),
        None => Cow::Borrowed(lines),
    }
}

/// The name of a country, by its two letters of ISO 3166-1.
pub fn country_name(code: &str, language: Language) -> Option<&'static str> {
    let found = COUNTRIES.binary_search_by_key(&code, |(code, ..)| code).ok()?;
    let (_, english, german) = COUNTRIES[found];
    Some(match language {
        Language::English => english,
        Language::German => german,
    })
}

/// Whether there is a country of these two letters.
pub fn is_country(code: &str) -> bool {
    country_name(code, Language::default()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_written_by_its_name_in_the_readers_language() {
        let english = |lines| address_lines(lines, Language::English).into_owned();
        assert_eq!(english("Brückengasse 4\n1060 Wien\nAT"), "Brückengasse 4\n1060 Wien\nAustria");
        assert_eq!(english("Brückengasse 4\n1060 Wien\nAustria"), "Brückengasse 4\n1060 Wien\nAustria");
        assert_eq!(english("12 Old Street"), "12 Old Street");
        assert_eq!(english("KR"), "South Korea");
        assert_eq!(english(""), "");
        let german = |lines| address_lines(lines, Language::German).into_owned();
        assert_eq!(german("Brückengasse 4\n1060 Wien\nAT"), "Brückengasse 4\n1060 Wien\nÖsterreich");
        assert_eq!(german("KR"), "Südkorea");
    }

    #[test]
    fn every_country_can_be_found() {
        assert!(COUNTRIES.is_sorted_by_key(|(code, ..)| *code));
        for (code, english, german) in COUNTRIES {
            assert_eq!(country_name(code, Language::English), Some(*english));
            assert_eq!(country_name(code, Language::German), Some(*german));
        }
        assert!(is_country("JP") && !is_country("jp") && !is_country("XX"));
    }
}
