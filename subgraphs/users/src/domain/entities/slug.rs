use kernel::Refusal;

/// The most characters of a slug.
const MAX: usize = 60;

/// A name in addresses: lower-case letters, digits and single hyphens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let well_formed = (2..=MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::bad_input(
                field,
                format!(
                    "must have 2 to {MAX} lower-case letters, digits and single hyphens, such as opera-house"
                ),
            )
            .because(kernel::reasons::MALFORMED))
        }
    }

    /// A slug made of a name; `numbered` from 2 when those before are taken.
    pub fn of_name(name: &str, numbered: u32) -> Self {
        let mut slug = slug::slugify(name);
        slug.truncate(MAX - 11); // it is ASCII; room for a number
        let slug = slug.trim_matches('-');
        let slug = if slug.len() < 2 { "organization" } else { slug };
        Self(if numbered < 2 { slug.to_owned() } else { format!("{slug}-{numbered}") })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_a_slug_that_would_be_accepted() {
        let long = "Wiener Konzerthausgesellschaft ".repeat(20);
        for name in ["Oper Graz", "Ægir & Söhne!", "東京ドーム", "!!!", "A", long.as_str()] {
            for numbered in [1, 2, u32::MAX] {
                let slug = Slug::of_name(name, numbered);
                assert_eq!(Slug::parse("slug", slug.as_str()).unwrap(), slug);
            }
        }
        assert_eq!(Slug::of_name("Oper Graz", 1).as_str(), "oper-graz");
        assert_eq!(Slug::of_name("Oper Graz", 2).as_str(), "oper-graz-2");
    }

    #[test]
    fn what_does_not_belong_in_an_address_is_refused() {
        for text in ["", "a", "Oper", "oper graz", "-oper", "oper-", "oper--graz", "öper", &"a".repeat(61)] {
            assert_eq!(Slug::parse("slug", text).unwrap_err().details["field"], "slug", "{text}");
        }
    }
}
