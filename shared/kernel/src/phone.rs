use crate::{Refusal, reasons};

/// A telephone number in international form: `+431234567`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads what a client sent in `field`: a plus sign and 7 to 15 digits; spaces, dots, hyphens and
    /// brackets between them do not matter.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_input(field, "must be an international number such as +43 1 234 5678")
                .because(reasons::MALFORMED)
        };
        if text.len() > 64 {
            return Err(wrong());
        }
        let number: String = text.trim().chars().filter(|char| !" .-()/".contains(*char)).collect();
        let digits = number.strip_prefix('+').ok_or_else(wrong)?;
        let well_formed = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if well_formed { Ok(Self(number)) } else { Err(wrong()) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_without_its_decoration() {
        assert_eq!(PhoneNumber::parse("phone", " +43 (1) 234-56.78 ").unwrap().as_str(), "+4312345678");
    }

    #[test]
    fn what_cannot_be_dialled_from_abroad_is_refused() {
        for text in ["", "01 234 5678", "+0123456789", "+12", "+1234567890123456", "+43 call me"] {
            assert_eq!(PhoneNumber::parse("phone", text).unwrap_err().details["field"], "phone");
        }
    }
}
