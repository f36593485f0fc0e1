//! Who performs, known by name.

use std::fmt;

use kernel::{Refusal, fingerprint, reasons};

use crate::domain::folded;

/// What every id of a performer begins with.
const PREFIX: &str = "prf_";
/// How many hexadecimal digits follow.
const DIGITS: usize = 32;

/// The id of a performer: the same for whoever is called the same, in any spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PerformerId(String);

impl PerformerId {
    /// That of whoever has this name.
    pub fn of(name: &str) -> Self {
        Self(fingerprint(&folded(name))[..DIGITS].to_owned())
    }

    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let hex = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS);
        let digits = digits.filter(|digits| digits.chars().all(hex));
        digits.map(|digits| Self(digits.to_owned())).ok_or_else(|| {
            let message = "must be the id of a performer, as `Performer.id` tells it: prf_…";
            Refusal::bad_input(field, message).because(reasons::MALFORMED)
        })
    }
}

impl fmt::Display for PerformerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_the_same_in_any_spelling_has_one_id() {
        let id = PerformerId::of("Björk");
        assert_eq!(id, PerformerId::of("  BJORK "));
        assert_ne!(id, PerformerId::of("Bjork Quartet"));
        assert_eq!(PerformerId::parse("performerId", &id.to_string()).unwrap(), id);
    }

    #[test]
    fn what_is_no_id_of_a_performer_is_refused_naming_it() {
        for wrong in ["", "prf_", "prf_12", &"a".repeat(36), &format!("prf_{}", "G".repeat(32))] {
            let refusal = PerformerId::parse("performerId", wrong).unwrap_err();
            assert_eq!(
                (&refusal.details["field"], refusal.reason.as_ref()),
                (&"performerId".into(), "MALFORMED")
            );
        }
    }
}
