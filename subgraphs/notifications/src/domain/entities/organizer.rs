use contracts::settings::Branding;
use kernel::EmailAddress;
use serde::{Deserialize, Serialize};

use crate::domain::{
    colour::Colour,
    letter,
    words::{Language, say},
};

/// How an organization presents itself in mails about its events. There is one only where it has chosen something of that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizer {
    /// Its name, where it was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The accent colour, as `#1a2b3c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Its own website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Where buyers write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
}

impl Organizer {
    /// As it has chosen. None where it has chosen nothing, and mails look as they do without.
    pub fn presented(name: Option<String>, branding: Branding) -> Option<Self> {
        let Branding { colour, website, support_email } = branding;
        let chosen = colour.is_some() || website.is_some() || support_email.is_some();
        chosen.then_some(Self { name, colour, website, support_email })
    }

    /// The accent colour, where it has one.
    pub fn accent(&self) -> Option<Colour> {
        Colour::parse(self.colour.as_deref()?)
    }

    /// Its name as it stands in a mail: in one line, of a bounded length.
    pub fn called(&self) -> Option<String> {
        self.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(letter::titled)
    }

    /// Its website, where a link to it does no harm.
    pub fn site(&self) -> Option<&str> {
        let site = self.website.as_deref()?;
        let is_web = site.starts_with("https://") || site.starts_with("http://");
        Some(site).filter(|site| {
            is_web && !site.chars().any(|letter| letter.is_whitespace() || letter.is_control())
        })
    }

    /// Where to ask, where it can be written to.
    pub fn support(&self) -> Option<&str> {
        let address = self.support_email.as_deref()?;
        EmailAddress::parse("supportEmail", address).ok().map(|_| address)
    }

    /// What stands below a mail in plain text, in lines.
    pub fn signature(&self, words: Language) -> Vec<String> {
        let support = self.support().map(|address| format!("{} {address}", say!(words, "questions")));
        [self.called(), self.site().map(str::to_owned), support].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branding() -> Branding {
        Branding {
            colour: Some("#c8102e".to_owned()),
            website: Some("https://bruecke.example/".to_owned()),
            support_email: Some("help@bruecke.example".to_owned()),
        }
    }

    #[test]
    fn who_has_chosen_nothing_is_not_presented() {
        assert_eq!(Organizer::presented(Some("Theater".to_owned()), Branding::default()), None);
        let site = Branding { website: Some("https://a.example".to_owned()), ..Branding::default() };
        let shown = Organizer::presented(None, site).unwrap();
        assert_eq!((shown.called(), shown.accent()), (None, None));
        assert_eq!(shown.signature(Language::English), ["https://a.example"]);
    }

    #[test]
    fn below_a_mail_stand_name_website_and_where_to_ask() {
        let shown = Organizer::presented(Some("תיאטרון 12".to_owned()), branding()).unwrap();
        assert_eq!(
            shown.signature(Language::English),
            [
                "\u{2068}תיאטרון 12\u{2069}",
                "https://bruecke.example/",
                "Questions? Write to help@bruecke.example"
            ]
        );
        assert_eq!(shown.accent().map(|colour| colour.to_string()).as_deref(), Some("#c8102e"));
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        let wrong = Branding {
            colour: Some("red".to_owned()),
            website: Some("javascript:alert(1)".to_owned()),
            support_email: Some("help@bruecke.example\r\nBcc: all@example.org".to_owned()),
        };
        let shown = Organizer::presented(Some(" \n".to_owned()), wrong).unwrap();
        assert!(shown.signature(Language::English).is_empty(), "{:?}", shown.signature(Language::English));
        assert_eq!(shown.accent(), None);
    }
}
