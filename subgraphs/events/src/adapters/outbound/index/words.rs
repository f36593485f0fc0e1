//! Texts as words that are compared: cut as Unicode and dictionaries have it, folded, and reduced to their stems.

use std::sync::LazyLock;

use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed, options::WordBreakInvariantOptions};
use tantivy::tokenizer::{
    Language, LowerCaser, RawTokenizer, RemoveLongFilter, Stemmer, TextAnalyzer, TokenStream as _,
};

use crate::domain::folded;

/// The longest word, in bytes; no language has longer ones that anybody looks for.
const LONGEST: usize = 100;

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_auto(WordBreakInvariantOptions::default()));

/// The words of a text: those of Chinese, Japanese and Thai, which are written without spaces, by dictionary.
pub(super) fn words(text: &str) -> Vec<String> {
    cut(text).flat_map(words_of).collect()
}

fn words_of(cut: &str) -> Vec<String> {
    folded(cut).split(' ').filter(|word| fits(word)).map(str::to_owned).collect()
}

fn fits(word: &str) -> bool {
    (1..=LONGEST).contains(&word.len())
}

fn cut(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let mut cut = Vec::new();
    for (at, kind) in SEGMENTER.segment_str(text).iter_with_word_type() {
        if kind.is_word_like() {
            cut.push(&text[from..at]);
        }
        from = at;
    }
    cut.into_iter()
}

/// A language whose words have stems here, by its two letters of ISO 639.
pub(super) type Code = &'static str;

/// All of them.
pub(super) const LANGUAGES: [(Code, Language); 18] = [
    ("ar", Language::Arabic),
    ("da", Language::Danish),
    ("de", Language::German),
    ("el", Language::Greek),
    ("en", Language::English),
    ("es", Language::Spanish),
    ("fi", Language::Finnish),
    ("fr", Language::French),
    ("hu", Language::Hungarian),
    ("it", Language::Italian),
    ("nl", Language::Dutch),
    ("no", Language::Norwegian),
    ("pt", Language::Portuguese),
    ("ro", Language::Romanian),
    ("ru", Language::Russian),
    ("sv", Language::Swedish),
    ("ta", Language::Tamil),
    ("tr", Language::Turkish),
];

/// In which languages a text may be that is shown in this country: its own, and English.
pub(super) fn languages_of(country: &str) -> Vec<Code> {
    let own: &[Code] = match country {
        "AT" | "DE" | "LI" => &["de"],
        "CH" => &["de", "fr", "it"],
        "LU" => &["de", "fr"],
        "BE" => &["nl", "fr", "de"],
        "NL" | "SR" => &["nl"],
        "FR" | "MC" | "CA" | "SN" | "CI" => &["fr"],
        "IT" | "SM" | "VA" => &["it"],
        "ES" | "MX" | "AR" | "CO" | "CL" | "PE" | "EC" | "UY" | "PY" | "BO" | "VE" | "CR" | "PA" | "GT"
        | "CU" | "DO" | "HN" | "NI" | "SV" | "PR" => &["es"],
        "PT" | "BR" | "AO" | "MZ" => &["pt"],
        "DK" | "GL" | "FO" => &["da"],
        "NO" => &["no"],
        "SE" => &["sv"],
        "FI" => &["fi", "sv"],
        "HU" => &["hu"],
        "RO" | "MD" => &["ro"],
        "RU" | "BY" | "KZ" | "KG" => &["ru"],
        "TR" => &["tr"],
        "GR" | "CY" => &["el"],
        "SA" | "AE" | "EG" | "QA" | "KW" | "BH" | "OM" | "JO" | "LB" | "IQ" | "SY" | "YE" | "LY" => &["ar"],
        "MA" | "TN" | "DZ" => &["ar", "fr"],
        "LK" | "IN" | "SG" => &["ta"],
        _ => &[],
    };
    own.iter().copied().chain(["en"]).collect()
}

/// The language of a locale such as `de-AT`, if its words have stems here.
pub(super) fn language_of(locale: &str) -> Option<Code> {
    let language = locale.split('-').next()?.to_ascii_lowercase();
    // Norwegian is mostly called by one of its two ways of writing.
    let language = if matches!(language.as_str(), "nb" | "nn") { "no" } else { language.as_str() };
    LANGUAGES.iter().map(|(code, _)| *code).find(|code| *code == language)
}

/// What finds stems. Making one costs little, using it nothing worth mentioning.
pub(super) struct Stems(Vec<(Code, TextAnalyzer)>);

impl Stems {
    /// Of these languages.
    pub(super) fn of(codes: &[Code]) -> Self {
        let wanted = LANGUAGES.iter().filter(|(code, _)| codes.contains(code));
        let analyzer = |language: Language| {
            TextAnalyzer::builder(RawTokenizer::default())
                .filter(RemoveLongFilter::limit(LONGEST))
                .filter(LowerCaser)
                .filter(Stemmer::new(language))
                .build()
        };
        Self(wanted.map(|(code, language)| (*code, analyzer(*language))).collect())
    }

    /// The stems of a text's words by each of the languages, which stands before it: `de:konzert`. A word is reduced before it
    /// is folded, since umlauts matter there.
    pub(super) fn stems(&mut self, text: &str) -> Vec<String> {
        let mut stems = Vec::new();
        for word in cut(text) {
            stems.extend(self.of_word(word));
        }
        stems
    }

    /// The stems of one word.
    fn of_word(&mut self, word: &str) -> Vec<String> {
        let mut stems = Vec::new();
        for (code, analyzer) in &mut self.0 {
            let mut stream = analyzer.token_stream(word);
            while stream.advance() {
                let stem = folded(&stream.token().text).replace(' ', "");
                if fits(&stem) {
                    stems.push(format!("{code}:{stem}"));
                }
            }
        }
        stems
    }

    /// Each word of a text as it is compared, with its stems.
    pub(super) fn words(&mut self, text: &str) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        for word in cut(text) {
            let stems = self.of_word(word);
            let parts = words_of(word);
            let one = parts.len() == 1;
            all.extend(parts.into_iter().map(|part| (part, if one { stems.clone() } else { Vec::new() })));
        }
        all
    }
}

/// How many typing errors a word may have: short ones would be mistaken for others.
pub(super) fn typing_errors(word: &str) -> u8 {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// True when a name has a word for each of those typed, which begins as it does, with so many typing errors as it may have.
pub(super) fn begin_alike(name: &str, typed: &[String], forgiving: bool) -> bool {
    let of_name = words(name);
    typed.iter().all(|typed| {
        let errors = if forgiving { usize::from(typing_errors(typed).min(1)) } else { 0 };
        of_name
            .iter()
            .any(|word| word.starts_with(typed) || (errors > 0 && begins_nearly(word, typed, errors)))
    })
}

/// True when some beginning of `word` becomes `typed` by so many letters changed, put in, left out, or exchanged with the next.
fn begins_nearly(word: &str, typed: &str, errors: usize) -> bool {
    let (word, typed): (Vec<char>, Vec<char>) = (word.chars().collect(), typed.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (i, letter) in typed.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, other) in word.iter().enumerate() {
            let mut least = (row[j] + usize::from(letter != other)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *letter == word[j - 1] && typed[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.into_iter().min().is_some_and(|least| least <= errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_into_words_in_any_script() {
        for (text, expected) in [
            ("Straßenfest, STRASSENFEST!", vec!["strassenfest", "strassenfest"]),
            ("Ο Οδυσσεύς ΟΔΥΣΣΕΥΣ", vec!["ο", "οδυσσευσ", "οδυσσευσ"]),
            ("東京の祭り", vec!["東京", "の", "祭り"]),
            ("Rock'n'Roll, AC/DC 3.5", vec!["rocknroll", "ac", "dc", "3", "5"]),
            ("Ko\u{308}ln Café", vec!["koln", "cafe"]),
            ("!!!", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn forms_of_a_word_have_one_stem_in_its_language() {
        let mut german = Stems::of(&["de", "en"]);
        let of = |stems: &mut Stems, text: &str| {
            stems.stems(text).into_iter().filter(|s| s.starts_with("de:")).collect::<Vec<_>>()
        };
        assert_eq!(of(&mut german, "Konzerte"), of(&mut german, "Konzert"));
        assert_eq!(of(&mut german, "Häuser"), of(&mut german, "Hauses"));
        assert!(german.stems("dancing").contains(&"en:danc".to_owned()));
    }

    #[test]
    fn names_begin_as_they_are_typed_or_nearly() {
        let typed = |text: &str| words(text);
        assert!(begin_alike("Café Müller", &typed("mul"), false));
        assert!(begin_alike("Wiener Philharmoniker", &typed("philharmoniker wien"), false));
        assert!(!begin_alike("Wiener Philharmoniker", &typed("pihlharm"), false));
        assert!(begin_alike("Wiener Philharmoniker", &typed("pihlharm"), true));
        assert!(!begin_alike("Wiener Philharmoniker", &typed("berlin"), true));
    }
}
