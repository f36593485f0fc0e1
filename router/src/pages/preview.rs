//! What a link to an event shows where it is shared: programs that make such previews run no scripts.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::escaped;

/// What the page has in place of it; a test of ours reads them in `web/index.html`.
const TITLE: &str = "<title>Odysseus</title>";
const DESCRIPTION: &str = "<meta name=\"description\" content=\"";
const LANGUAGE: &str = "<html lang=\"en\">";
/// As much is shown where links are shared.
const LONGEST_DESCRIPTION: usize = 240;
const MONTHS: [(&str, &str); 12] = [
    ("January", "Januar"),
    ("February", "Februar"),
    ("March", "März"),
    ("April", "April"),
    ("May", "Mai"),
    ("June", "Juni"),
    ("July", "Juli"),
    ("August", "August"),
    ("September", "September"),
    ("October", "Oktober"),
    ("November", "November"),
    ("December", "Dezember"),
];

/// An event, as everybody sees it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Preview {
    url: String,
    title: String,
    description: String,
    starts_at: DateTime<Utc>,
    timezone: Tz,
    venue: Venue,
    image: Option<Image>,
}

#[derive(Debug, Deserialize)]
struct Venue {
    name: String,
    address: Address,
}

#[derive(Debug, Deserialize)]
struct Address {
    city: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    url: String,
    alt_text: String,
}

/// In which of the storefront's languages something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    /// The first that a reader names of those that there are; English for whoever names none.
    pub(super) fn wanted(accepted: &str) -> Self {
        let mut tags = accepted.split(',').filter_map(|tag| tag.split([';', '-']).next()).map(str::trim);
        let known = |tag: &str| match tag.to_ascii_lowercase().as_str() {
            "de" => Some(Self::German),
            "en" => Some(Self::English),
            _ => None,
        };
        tags.find_map(known).unwrap_or(Self::English)
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn locale(self) -> &'static str {
        match self {
            Self::English => "en_GB",
            Self::German => "de_DE",
        }
    }
}

/// The storefront's page with an event's title, description and picture in its head.
pub(super) fn with_event(page: &str, event: &Preview, language: Language) -> String {
    let about = event.about(language);
    let title = format!("{} – Odysseus", event.title);
    let mut head = format!("<title>{}</title>", escaped(&title));
    let mut tell = |kind: &str, name: &str, content: &str| {
        let _ = write!(head, "\n    <meta {kind}=\"{name}\" content=\"{}\">", escaped(content));
    };
    tell("property", "og:type", "website");
    tell("property", "og:site_name", "Odysseus");
    tell("property", "og:locale", language.locale());
    tell("property", "og:title", &event.title);
    tell("property", "og:description", &about);
    tell("property", "og:url", &event.url);
    match &event.image {
        Some(image) => {
            tell("property", "og:image", &image.url);
            tell("property", "og:image:alt", &image.alt_text);
            tell("name", "twitter:card", "summary_large_image");
        }
        None => tell("name", "twitter:card", "summary"),
    }
    let _ = write!(head, "\n    <link rel=\"canonical\" href=\"{}\">", escaped(&event.url));
    let page = page.replacen(LANGUAGE, &format!("<html lang=\"{}\">", language.tag()), 1);
    let page = described(&page, &about);
    page.replacen(TITLE, &head, 1)
}

/// The same page, not to be found by search engines: nobody sees an event at its address.
pub(super) fn with_nothing(page: &str) -> String {
    page.replacen(TITLE, &format!("{TITLE}\n    <meta name=\"robots\" content=\"noindex\">"), 1)
}

/// With another text in the page's own description.
fn described(page: &str, about: &str) -> String {
    let Some((before, rest)) = page.split_once(DESCRIPTION) else { return page.to_owned() };
    let Some((_, after)) = rest.split_once('"') else { return page.to_owned() };
    format!("{before}{DESCRIPTION}{}\"{after}", escaped(about))
}

impl Preview {
    /// When, where and what it is, in a line.
    fn about(&self, language: Language) -> String {
        let starts = self.starts_at.with_timezone(&self.timezone);
        let (day, year, time) = (starts.day(), starts.year(), starts.format("%H:%M"));
        let (english, german) = MONTHS[starts.month0() as usize];
        let when = match language {
            Language::English => format!("{day} {english} {year}, {time}"),
            Language::German => format!("{day}. {german} {year}, {time} Uhr"),
        };
        let words = self.description.split_whitespace().collect::<Vec<_>>().join(" ");
        let Venue { name, address } = &self.venue;
        shortened(&format!("{when} · {name}, {} · {words}", address.city))
    }
}

/// As many whole words as are shown.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_DESCRIPTION) else { return text.to_owned() };
    let whole = text[..end].rsplit_once(' ').map_or(&text[..end], |(whole, _)| whole);
    format!("{}…", whole.trim_end_matches([',', '.', ';', ':', '·', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../web/index.html");

    fn event() -> Preview {
        serde_json::from_value(serde_json::json!({
            "url": "https://tickets.example/events/hamlet",
            "title": "Hamlet <\"Prince\"> & Co",
            "description": "To be,\n\nor not.",
            "startsAt": "2027-03-05T19:30:00Z",
            "timezone": "Europe/Vienna",
            "venue": { "name": "Burgtheater", "address": { "city": "Wien" } },
            "image": { "url": "https://tickets.example/api/events/v1/images/1/1280.jpg", "altText": "A skull" },
        }))
        .unwrap()
    }

    #[test]
    fn a_shared_link_tells_title_time_place_and_picture() {
        let page = with_event(PAGE, &event(), Language::English);
        for told in [
            "<html lang=\"en\">",
            "<title>Hamlet &lt;&quot;Prince&quot;&gt; &amp; Co – Odysseus</title>",
            "<meta name=\"description\" content=\"5 March 2027, 20:30 · Burgtheater, Wien · To be, or not.\">",
            "<meta property=\"og:description\" content=\"5 March 2027, 20:30 · Burgtheater, Wien · To be, or not.\">",
            "<meta property=\"og:image\" content=\"https://tickets.example/api/events/v1/images/1/1280.jpg\">",
            "<meta property=\"og:image:alt\" content=\"A skull\">",
            "<meta name=\"twitter:card\" content=\"summary_large_image\">",
            "<link rel=\"canonical\" href=\"https://tickets.example/events/hamlet\">",
        ] {
            assert!(page.contains(told), "{told} is not in {page}");
        }
        assert!(!page.contains("choose your seat") && !page.contains("Prince\""), "{page}");
        assert_eq!(page.matches("<title>").count(), 1);
    }

    #[test]
    fn who_reads_german_is_told_in_german() {
        let page = with_event(PAGE, &event(), Language::wanted("de-AT,de;q=0.9,en;q=0.5"));
        assert!(page.contains("<html lang=\"de\">") && page.contains("content=\"de_DE\""), "{page}");
        assert!(page.contains("5. März 2027, 20:30 Uhr · Burgtheater"), "{page}");
        for accepted in ["", "*", "fr-FR", "en-GB,de", "fr, en;q=0.8, de;q=0.7"] {
            assert_eq!(Language::wanted(accepted), Language::English, "{accepted}");
        }
        assert_eq!(Language::wanted("fr,DE;q=0.8,en;q=0.7"), Language::German);
    }

    #[test]
    fn without_a_picture_the_words_are_shown_alone() {
        let page = with_event(PAGE, &Preview { image: None, ..event() }, Language::English);
        assert!(
            page.contains("name=\"twitter:card\" content=\"summary\"") && !page.contains("og:image"),
            "{page}"
        );
    }

    #[test]
    fn long_descriptions_end_after_a_word() {
        let long = Preview { description: "Straße, ".repeat(200), ..event() };
        let about = long.about(Language::German);
        assert!(about.ends_with("Straße…") && about.chars().count() <= LONGEST_DESCRIPTION + 1, "{about}");
        let endless = Preview { description: "ß".repeat(2_000), ..event() };
        assert!(endless.about(Language::English).ends_with("Wien…"));
    }

    #[test]
    fn where_nothing_is_search_engines_are_told_so() {
        let page = with_nothing(PAGE);
        assert!(page.contains("content=\"noindex\"") && page.contains(TITLE), "{page}");
    }
}
