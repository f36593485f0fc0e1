//! The words of tickets and invoices.

use std::sync::LazyLock;

use crate::Messages;

/// A message in a language, with what it is about: `say!(words, "page", page = 1, of = 2)`.
macro_rules! say {
    ($words:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::WORDS.say($words, $id, [$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}
pub(crate) use say;

/// What `words/*.ftl` have.
pub(crate) static WORDS: LazyLock<Messages> =
    LazyLock::new(|| Messages::new(include_str!("../words/en.ftl"), include_str!("../words/de.ftl")));

#[cfg(test)]
mod tests {
    use crate::{Language, said_otherwise};

    #[test]
    fn every_word_is_there_in_both_languages_with_the_same_variables() {
        let differing = said_otherwise(include_str!("../words/en.ftl"), include_str!("../words/de.ftl"));
        assert!(differing.is_empty(), "{differing:?}");
    }

    #[test]
    fn a_word_is_said_in_the_language_of_who_reads_it() {
        assert_eq!(say!(Language::English, "page", page = 1, of = 12), "Page 1 of 12");
        assert_eq!(say!(Language::German, "page", page = 1, of = 12), "Seite 1 von 12");
    }
}
