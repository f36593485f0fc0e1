use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{Refusal, line, reasons, text::shows_nothing};

/// The longest address that mail servers take, in bytes, with the domain in ASCII.
const LONGEST: usize = 254;

/// An e-mail address: kept as typed, compared normalised, sent to in ASCII.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads what a client sent in `field`: one `@`; before it a name, after it a domain, both with letters of
    /// any language; at most 254 bytes, no spaces, nothing that cannot be seen. To a name that is not ASCII
    /// mail goes only by servers that speak SMTPUTF8 (RFC 6531).
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_input(field, "must be an e-mail address such as ada@example.org")
                .because(reasons::MALFORMED)
        };
        if text.len() > LONGEST * 8 {
            return Err(wrong());
        }
        if let Some(unseen) = text.trim().chars().find(|char| is_unseen(*char)) {
            let unseen = u32::from(unseen);
            let message = format!("contains a character that cannot be seen (U+{unseen:04X}); type it anew");
            return Err(Refusal::bad_input(field, message).because(reasons::FORBIDDEN_CHARACTERS));
        }
        let text = line(field, text, LONGEST)?;
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with('.')
                && !part.contains("..")
                && !part.chars().any(|char| char.is_whitespace() || "@,;:<>()[]\\\"".contains(char))
        };
        let ascii = domain_in_ascii(domain).ok_or_else(wrong)?;
        let fits = text.len() <= LONGEST && local.len() <= 64 && local.len() + 1 + ascii.len() <= LONGEST;
        // Signs are those of ASCII; of other languages there are letters and digits.
        let named =
            local.chars().all(|char| char.is_ascii() || char.is_alphanumeric() || is_combining_mark(char));
        if fits && named && plain(local) && plain(domain) { Ok(Self(text)) } else { Err(wrong()) }
    }

    /// Rebuilds an address that was taken before, perhaps by rules of that time.
    pub fn restore(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For comparing: composed, lower case, the domain in its own letters however it was written
    /// (`xn--mller-kva.example` is `müller.example`).
    pub fn normalised(&self) -> String {
        let whole = || self.0.nfkc().collect::<String>().to_lowercase();
        let Some((local, domain)) = self.0.rsplit_once('@') else { return whole() };
        let (domain, outcome) = Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, HYPHENS);
        if outcome.is_err() {
            return whole();
        }
        let local = local.nfkc().collect::<String>().to_lowercase();
        format!("{local}@{domain}")
    }

    /// As mail servers want it: the domain in ASCII (`xn--mller-kva.example` for `müller.example`).
    pub fn ascii(&self) -> String {
        let in_ascii = |(local, domain): (&str, &str)| Some(format!("{local}@{}", domain_in_ascii(domain)?));
        self.0.rsplit_once('@').and_then(in_ascii).unwrap_or_else(|| self.0.clone())
    }
}

/// Domains such as `r3---sn.example` are in use; at its ends a label has none.
const HYPHENS: Hyphens = Hyphens::CheckFirstLast;

fn domain_in_ascii(domain: &str) -> Option<String> {
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, HYPHENS, DnsLength::Verify);
    ascii.ok().map(std::borrow::Cow::into_owned)
}

fn is_unseen(char: char) -> bool {
    char.is_control() || (shows_nothing(char) && char != ' ')
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normalised() == other.normalised()
    }
}
impl Eq for EmailAddress {}
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> EmailAddress {
        EmailAddress::parse("email", text).unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"))
    }

    #[test]
    fn addresses_are_compared_normalised_and_kept_as_typed() {
        let typed = parsed(" Ada.Lovelace@Example.ORG ");
        assert_eq!(typed.as_str(), "Ada.Lovelace@Example.ORG");
        assert_eq!(typed, parsed("ada.lovelace@example.org"));
    }

    #[test]
    fn a_domain_is_the_same_in_its_own_letters_and_in_ascii() {
        for (own, ascii) in [
            ("ada@müller.example", "ada@xn--mller-kva.example"),
            ("ada@mu\u{308}LLER.example", "ada@XN--MLLER-KVA.example"),
            ("ada@straße.example", "ada@xn--strae-oqa.example"),
            ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
            ("ada@بريد.example", "ada@xn--ngbof4h.example"),
        ] {
            assert_eq!(parsed(own).ascii(), ascii.to_lowercase());
            assert_eq!(parsed(own), parsed(ascii));
            assert_eq!(parsed(own).normalised(), parsed(ascii).normalised());
        }
        assert_eq!(parsed("ada@müller.example").normalised(), "ada@müller.example");
        assert_eq!(parsed("ada@r3---sn.example").ascii(), "ada@r3---sn.example");
    }

    #[test]
    fn what_cannot_be_seen_is_refused_wherever_it_stands() {
        for unseen in [
            '\u{200b}', '\u{feff}', '\u{ad}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{2060}', '\u{3164}',
            '\0',
        ] {
            for text in [
                format!("{unseen}ada@example.org"),
                format!("a{unseen}da@example.org"),
                format!("ada@example{unseen}.org"),
            ] {
                let refusal = EmailAddress::parse("email", &text).unwrap_err();
                assert_eq!(refusal.details["field"], "email", "{text:?}");
                assert!(refusal.message.contains(&format!("U+{:04X}", u32::from(unseen))), "{refusal}");
            }
        }
        assert_eq!(parsed("\u{a0}ada@example.org\u{a0}").as_str(), "ada@example.org");
        assert!(EmailAddress::parse("email", "a\u{a0}da@example.org").is_err());
    }

    #[test]
    fn a_name_may_have_letters_of_any_language_but_no_pictures() {
        for text in ["jürgen@example.org", "用户@例え.テスト", "अमित@example.org"] {
            assert_eq!(parsed(text).as_str(), text);
        }
        assert_eq!(parsed("JÜRGEN@example.org"), parsed("ju\u{308}rgen@example.org"));
        assert_eq!(parsed("ａda@example.org"), parsed("ada@example.org"), "who looks the same is the same");
        for text in
            ["🎷@example.org", "ada→@example.org", "ada\u{e000}@example.org", "a\u{3000}da@example.org"]
        {
            assert!(EmailAddress::parse("email", text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse("email", &format!("{}@example.org", "ü".repeat(33))).is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@x.org",
            "ada@",
            "a b@x.org",
            "a@b@c.org",
            "ada@x..org",
            "ada@-x.org",
            "a\n@x.org",
            "ada@xn--a",
            "ada@x_y.org",
            "ada@x.org.",
            "ada@[127.0.0.1]",
        ] {
            assert!(EmailAddress::parse("email", text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse("email", &format!("{}@x.org", "a".repeat(10_000_000))).is_err());
        let long = format!("ada@{}.example", ["ü".repeat(50), "ü".repeat(50), "ü".repeat(20)].join("."));
        assert!(EmailAddress::parse("email", &format!("ada@{}.example", "ü".repeat(64))).is_err());
        assert!(EmailAddress::parse("email", &long).is_ok());
    }

    #[test]
    fn what_was_taken_before_can_be_read_and_compared() {
        let before = EmailAddress::restore("Jürgen@Example.org");
        assert_eq!(
            (before.normalised().as_str(), before.ascii().as_str()),
            ("jürgen@example.org", "Jürgen@example.org")
        );
        assert_eq!(EmailAddress::restore("nonsense").ascii(), "nonsense");
    }
}
