//! What is said, in the language of who reads it: messages of Fluent, compiled in; days, numbers and amounts as the language
//! writes them.

mod german;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use contracts::purchase::EventOnTicket;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::{Locale, locale};
use kernel::{Money, TimeZone};
use printing::{DatesInWords, English, WrittenTimes, instant_in_words};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A message in a language, with what it is about: `say!(words, "paid-with", amount = words.money(total))`.
macro_rules! say {
    ($words:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $words.say($id, [$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}
pub(crate) use say;

type Bundle = FluentBundle<FluentResource>;

/// A language in which people are written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// As it is written in Europe; whoever wants none of the others reads it.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

static ENGLISH: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Language::English, include_str!("../../../words/en.ftl")));
static GERMAN: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Language::German, include_str!("../../../words/de.ftl")));

fn bundle(language: Language, words: &str) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag()]);
    // Names that run the other way are set apart where they are put in, and others are left as they are.
    bundle.set_use_isolating(false);
    let words = match FluentResource::try_new(words.to_owned()) {
        Ok(words) => words,
        Err((words, errors)) => {
            tracing::error!(?errors, "some words of a language cannot be read");
            words
        }
    };
    if let Err(errors) = bundle.add_resource(words) {
        tracing::error!(?errors, "some words of a language are there twice");
    }
    bundle
}

impl Language {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The one for who wants this: a language tag such as `de-AT`, or several, as browsers send them. English where it is none
    /// of ours.
    pub fn of(tag: &str) -> Self {
        let known = Self::ALL.map(Self::tag);
        let wanted = parse_accepted_languages(tag);
        let found = negotiate_languages(&wanted, &known, None, NegotiationStrategy::Filtering);
        let first = found.first().map(|first| first.language);
        Self::ALL.into_iter().find(|one| Some(one.tag().language) == first).unwrap_or_default()
    }

    /// As pages name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn tag(self) -> LanguageIdentifier {
        self.code().parse().unwrap_or_default()
    }

    fn locale(self) -> Locale {
        match self {
            Self::English => locale!("en-GB"),
            Self::German => locale!("de"),
        }
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }

    /// A message with its variables: in this language or, should it lack the message, in English.
    pub(crate) fn say<const N: usize>(self, id: &str, with: [(&'static str, FluentValue<'_>); N]) -> String {
        let with: FluentArgs<'_> = with.into_iter().collect();
        for language in [self, Self::English] {
            let bundle = language.bundle();
            let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else { continue };
            let mut errors = Vec::new();
            let said = bundle.format_pattern(pattern, Some(&with), &mut errors).into_owned();
            debug_assert!(errors.is_empty(), "{id} lacks something: {errors:?}");
            return said;
        }
        debug_assert!(false, "no language says {id}");
        tracing::error!(id, "no language says this");
        String::new()
    }

    /// An amount with its currency: `1,234.50 EUR`, `1.234,50 EUR`.
    pub fn money(self, amount: Money) -> String {
        let written = amount.decimal();
        let grouped = written.parse::<Decimal>().ok().and_then(|number| {
            let formatter =
                DecimalFormatter::try_new(self.locale().into(), DecimalFormatterOptions::default());
            formatter.ok().map(|formatter| formatter.format(&number).to_string())
        });
        format!("{} {}", grouped.unwrap_or(written), amount.currency)
    }

    /// An instant by the clocks of a zone: `Saturday, 13 March 2027, 20:00 CET`.
    pub fn instant(self, at: DateTime<Utc>, zone: TimeZone) -> String {
        instant_in_words(at, zone.tz(), &self)
    }

    /// When an event is, in its own zone.
    pub fn times(self, event: &EventOnTicket) -> WrittenTimes {
        WrittenTimes::written(event, &self)
    }

    /// `Doors 19:00 · Starts 20:00 CET`
    pub fn doors_and_start(self, times: &WrittenTimes) -> String {
        let WrittenTimes { begins, zone, doors, .. } = times;
        match doors {
            Some(doors) => say!(self, "doors-and-start", doors = doors, begins = begins, zone = zone),
            None => say!(self, "start", begins = begins, zone = zone),
        }
    }

    /// `Doors 19:00 · Starts 20:00 CET · Ends 23:00`
    pub fn hours(self, times: &WrittenTimes) -> String {
        format!("{} · {}", self.doors_and_start(times), say!(self, "ends", ends = &times.ends))
    }

    /// A subject line that names its order, where that is known.
    pub(crate) fn with_order(self, subject: String, number: Option<&str>) -> String {
        match number {
            Some(number) => say!(self, "with-order", subject = subject, number = number),
            None => subject,
        }
    }
}

impl DatesInWords for Language {
    fn day(&self, day: NaiveDate) -> String {
        match self {
            Self::English => English.day(day),
            Self::German => german::day(day).unwrap_or_else(|| English.day(day)),
        }
    }

    fn day_of_year(&self, day: NaiveDate) -> String {
        match self {
            Self::English => English.day_of_year(day),
            Self::German => german::day_of_year(day).unwrap_or_else(|| English.day_of_year(day)),
        }
    }

    fn zone(&self, at: DateTime<Utc>, zone: Tz) -> String {
        match self {
            Self::English => English.zone(at, zone),
            Self::German => german::zone(at, zone).unwrap_or_else(|| English.zone(at, zone)),
        }
    }
}
