use crate::{Refusal, reasons};

/// The two-letter languages of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu \
    cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia \
    id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg \
    mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw \
    sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz \
    ve vi vo wa wo xh yi yo za zh zu";

/// A language and, where it matters, a region: `en`, `de-AT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(String);

impl Default for Locale {
    /// English.
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl Locale {
    /// Reads what a client sent in `field`: a language of ISO 639-1, and perhaps a region of two letters.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_input(field, "must be a language tag such as en or de-AT")
                .because(reasons::MALFORMED)
        };
        if text.len() > 16 {
            return Err(wrong());
        }
        let text = text.trim();
        let (language, region) = text.split_once(['-', '_']).map_or((text, None), |(l, r)| (l, Some(r)));
        let language = language.to_ascii_lowercase();
        if language.len() != 2 || !LANGUAGES.split_whitespace().any(|known| known == language) {
            return Err(wrong());
        }
        match region {
            None => Ok(Self(language)),
            Some(region) if region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self(format!("{language}-{}", region.to_ascii_uppercase())))
            }
            Some(_) => Err(wrong()),
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_written_in_its_usual_case() {
        assert_eq!(Locale::parse("locale", "de_at").unwrap().as_str(), "de-AT");
        assert_eq!(Locale::parse("locale", "EN").unwrap().as_str(), "en");
    }

    #[test]
    fn unknown_languages_and_odd_tags_are_refused() {
        for text in ["", "xx", "english", "de-", "de-A1", "de-AUT", "-AT", "d e", &"e".repeat(10_000_000)] {
            assert_eq!(Locale::parse("locale", text).unwrap_err().details["field"], "locale");
        }
    }
}
