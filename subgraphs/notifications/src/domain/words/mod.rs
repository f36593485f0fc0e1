//! What is said, in the language of who reads it: messages of Fluent, compiled in.

use std::sync::LazyLock;

pub use printing::Language;
use printing::Messages;

const EN: &str = include_str!("../../../words/en.ftl");
const DE: &str = include_str!("../../../words/de.ftl");

/// A message in a language, with what it is about: `say!(words, "paid-with", amount = words.money(total))`.
macro_rules! say {
    ($words:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::domain::words::WORDS.say($words, $id, [$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}
pub(crate) use say;

/// What `words/*.ftl` have.
pub(crate) static WORDS: LazyLock<Messages> = LazyLock::new(|| Messages::new(EN, DE));

/// A subject line that names its order, where that is known.
pub(crate) fn with_order(words: Language, subject: String, number: Option<&str>) -> String {
    match number {
        Some(number) => say!(words, "with-order", subject = subject, number = number),
        None => subject,
    }
}

#[cfg(test)]
mod tests;
