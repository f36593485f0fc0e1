use std::fmt;

use kernel::typed_code;

use super::super::SecretHash;

/// How many there are in a set.
const IN_A_SET: usize = 10;
/// 16 of these are 80 bits: nobody finds one of what is kept of it.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of one.
const LENGTH: usize = 16;

/// A code that a person keeps on paper, for the day when nothing else is at hand. It works once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A new set.
    pub fn set() -> Vec<Self> {
        (0..IN_A_SET).map(|_| Self::of(rand::random())).collect()
    }

    fn of(bits: [u8; LENGTH]) -> Self {
        Self(bits.iter().map(|bits| char::from(LETTERS[usize::from(bits % 32)])).collect())
    }

    /// Reads what a person typed, with letters that look like digits as these. None when it cannot be one.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > 100 {
            return None;
        }
        let same = |letter| match letter {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let code: String = typed_code(text).chars().map(same).collect();
        let ours = code.len() == LENGTH && code.bytes().all(|letter| LETTERS.contains(&letter));
        ours.then_some(Self(code))
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// As a person writes it down, in groups of four.
    pub fn reveal(&self) -> String {
        let groups: Vec<_> = self.0.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_written_down() {
        let code = RecoveryCode::of(std::array::from_fn(|n| u8::try_from(n).unwrap()));
        assert_eq!(code.reveal(), "0123-4567-89AB-CDEF");
        for typed in
            ["0123-4567-89AB-CDEF", " 0123 4567 89ab cdef", "O123456789ABCDEF", "0i23-4567-89ab-cdef"]
        {
            assert_eq!(RecoveryCode::read(typed).as_ref(), Some(&code), "{typed}");
        }
        for none in ["", "123456", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEU", &"0".repeat(10_000)] {
            assert_eq!(RecoveryCode::read(none), None);
        }
    }

    #[test]
    fn a_set_has_ten_that_differ_and_are_kept_as_hashes() {
        let set = RecoveryCode::set();
        assert_eq!(set.len(), 10);
        let hashes: std::collections::HashSet<_> =
            set.iter().map(|code| code.hash().as_str().to_owned()).collect();
        assert_eq!(hashes.len(), 10);
        assert!(hashes.iter().all(|hash| hash.len() == 43));
    }
}
