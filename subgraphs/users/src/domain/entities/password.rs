use std::fmt;

use kernel::Refusal;
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password.
const MIN: usize = 8;
/// The most characters of a password.
const MAX: usize = 128;

/// A password as a person typed it, in Unicode's compatible composed form, so that it is the same from
/// every keyboard. It is never shown, not even in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a password that a person chooses in `field`: 8 to 128 characters.
    pub fn choose(field: &str, text: &str) -> Result<Self, Refusal> {
        let password = Self::given(field, text)?;
        if password.0.chars().count() < MIN {
            return Err(Refusal::bad_input(field, format!("must have at least {MIN} characters")));
        }
        Ok(password)
    }

    /// Reads a password that a person proves themselves with in `field`.
    pub fn given(field: &str, text: &str) -> Result<Self, Refusal> {
        let too_long = || Refusal::bad_input(field, format!("must have at most {MAX} characters"));
        if text.is_empty() {
            return Err(Refusal::bad_input(field, "must not be empty"));
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

    #[test]
    fn a_password_has_8_to_128_characters() {
        assert!(Password::choose("password", "1234567").is_err());
        assert!(Password::choose("password", "12345678").is_ok());
        assert!(Password::choose("password", &"ü".repeat(128)).is_ok());
        assert!(Password::choose("password", &"ü".repeat(129)).is_err());
        assert!(Password::choose("password", &"x".repeat(10_000_000)).is_err());
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard_and_never_shown() {
        let composed = Password::choose("password", "Frühling1").unwrap();
        assert_eq!(composed, Password::choose("password", "Fru\u{308}hling1").unwrap());
        assert!(!format!("{composed:?}").contains("hling"));
    }
}
