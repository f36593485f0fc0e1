//! Names in scripts that run from right to left, within sentences that run from left to right.

use std::borrow::Cow;

/// What comes next runs in the direction of its own first letter, and moves nothing around it.
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
/// Ends it.
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// A name as it stands in a sentence of plain text: where it has letters that run from right to left it is set apart, so
/// that the figures and brackets beside it stay where they are. Other names are left as they are.
pub fn apart(name: &str) -> Cow<'_, str> {
    if name.chars().any(runs_from_the_right) {
        Cow::Owned(format!("{FIRST_STRONG_ISOLATE}{name}{POP_DIRECTIONAL_ISOLATE}"))
    } else {
        Cow::Borrowed(name)
    }
}

/// In Unicode's blocks for such scripts: Hebrew, Arabic, Syriac, Thaana, N'Ko and others.
const fn runs_from_the_right(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
        || matches!(letter, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_right_to_left_are_set_apart_and_others_are_left_alone() {
        assert_eq!(apart("מופע Jazz 2027"), "\u{2068}מופע Jazz 2027\u{2069}");
        assert_eq!(apart("12 مهرجان"), "\u{2068}12 مهرجان\u{2069}");
        for name in ["Die Zauberflöte", "東京フィル 2027", "Война и мир", "🎷 Jazz", ""] {
            assert!(matches!(apart(name), Cow::Borrowed(same) if same == name));
        }
    }
}
