use std::fmt;

use kernel::Refusal;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

/// The fewest characters of a password.
const MIN: usize = 8;
/// The most characters of a password.
const MAX: usize = 128;
/// So many of its characters are looked at when it is asked how easily it is guessed.
const LOOKED_AT: usize = 100;

/// A password as a person typed it, in Unicode's compatible composed form, so that it is the same from
/// every keyboard. It is never shown, not even in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a password that a person chooses in `field`: 8 to 128 characters that are not among the first that others
    /// would try. `known` is what everybody knows of the person, such as name and address.
    pub fn choose(field: &str, text: &str, known: &[&str]) -> Result<Self, Refusal> {
        let password = Self::given(field, text)?;
        if password.0.chars().count() < MIN {
            return Err(Refusal::bad_input(field, format!("must have at least {MIN} characters"))
                .because(kernel::reasons::TOO_SHORT));
        }
        // The cost of looking rises with the square of the length.
        let looked_at: String = password.0.chars().take(LOOKED_AT).collect();
        if zxcvbn::zxcvbn(&looked_at, known).score() < Score::Two {
            return Err(Refusal::bad_input(
                field,
                "is among the first that others would try; take three or four words that do not belong together",
            ).because(kernel::reasons::TOO_EASY_TO_GUESS));
        }
        Ok(password)
    }

    /// Reads a password that a person proves themselves with in `field`.
    pub fn given(field: &str, text: &str) -> Result<Self, Refusal> {
        let too_long = || {
            Refusal::bad_input(field, format!("must have at most {MAX} characters"))
                .because(kernel::reasons::TOO_LONG)
        };
        if text.is_empty() {
            return Err(Refusal::bad_input(field, "must not be empty").because(kernel::reasons::REQUIRED));
        }
        // The raw size is looked at first, so that huge input costs nothing.
        if text.len() > MAX * 8 {
            return Err(too_long());
        }
        let text: String = text.nfkc().collect();
        if text.chars().count() > MAX { Err(too_long()) } else { Ok(Self(text)) }
    }

    /// For hashing, and nothing else.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password, Refusal> {
        Password::choose("password", text, &["ada@example.org", "Ada Lovelace"])
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        assert!(choose("x7!kQpz").is_err());
        assert!(choose("x7!kQpzw").is_ok());
        assert!(choose(&format!("{}{}", "korrekt pferd batterie", "ü".repeat(106))).is_ok());
        assert!(choose(&format!("{}{}", "korrekt pferd batterie", "ü".repeat(107))).is_err());
        assert!(choose(&"x".repeat(10_000_000)).is_err());
    }

    #[test]
    fn what_others_would_try_first_is_refused_and_words_that_do_not_belong_together_are_not() {
        for common in
            ["12345678", "Password123!", "qwertyuiop", "summer2026", "aaaaaaaaaaaa", "ada@example.org"]
        {
            assert_eq!(choose(common).unwrap_err().details["field"], "password", "{common}");
        }
        for good in ["odysseus-demo", "a long password", "correct horse battery", "not-the-password"] {
            assert!(choose(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard_and_never_shown() {
        let composed = choose("Frühling1 im Zelt").unwrap();
        assert_eq!(composed, choose("Fru\u{308}hling1 im Zelt").unwrap());
        assert!(!format!("{composed:?}").contains("hling"));
    }
}
