//! Text as it is compared: without case and accents.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a text without case, accents and punctuation, separated by single spaces:
/// "Café  O'Brien, Łódź!" is "cafe obrien lodz".
pub fn folded(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |letter: char| {
        if letter.is_alphanumeric() && !is_inside_a_word(letter) {
            if gap && !words.is_empty() {
                words.push(' ');
            }
            gap = false;
            words.push(letter);
        } else if !is_inside_a_word(letter) {
            gap = true;
        }
    };
    if text.is_ascii() {
        text.bytes().for_each(|byte| push(char::from(byte.to_ascii_lowercase())));
        return words;
    }
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => ['s', 's'].into_iter().for_each(&mut push),
            'æ' => ['a', 'e'].into_iter().for_each(&mut push),
            'œ' => ['o', 'e'].into_iter().for_each(&mut push),
            'þ' => ['t', 'h'].into_iter().for_each(&mut push),
            'ø' => push('o'),
            'ł' => push('l'),
            'đ' | 'ð' => push('d'),
            'ħ' => push('h'),
            'ŧ' => push('t'),
            'ı' => push('i'),
            'ς' => push('σ'),
            letter if is_combining_mark(letter) => {}
            letter => push(letter),
        }
    }
    words
}

/// What parts of one word are written with and nobody types when looking for it: apostrophes, Arabic's
/// lengthening stroke, and what is not seen.
const fn is_inside_a_word(letter: char) -> bool {
    matches!(letter, '\'' | '‘' | '’' | '´' | '\u{2bb}' | '\u{2bc}' | '\u{640}' | '\u{ad}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        for (text, words) in [
            ("Café  O'Brien, Łódź!", "cafe obrien lodz"),
            ("STRASSENFEST straßenfest", "strassenfest strassenfest"),
            ("Ærø — Smørrebrød", "aero smorrebrod"),
            ("İstanbul ıssız", "istanbul issiz"),
            ("  Rock'n’Roll 2027 ", "rocknroll 2027"),
            ("東京フィル", "東京フィル"),
            ("Ο ΔΥΣΤΥΧΗΣ ΟΔΥΣΣΕΥΣ, ο Οδυσσεύς", "ο δυστυχησ οδυσσευσ ο οδυσσευσ"),
            ("Cafe\u{301} Mu\u{308}ller ẞ", "cafe muller ss"),
            ("I\u{307}stanbul Għarb", "istanbul gharb"),
            ("Donau\u{ad}dampf\u{200b}schiff", "donaudampfschiff"),
            ("می\u{200c}خواهم مــيــم", "میخواهم ميم"),
            ("Oʼahu, Qurʻan, ﬁlm", "oahu quran film"),
            ("!!!", ""),
        ] {
            assert_eq!(folded(text), words, "{text}");
        }
    }
}
