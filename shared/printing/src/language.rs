//! Languages in which people are written to: days, numbers and amounts as the language writes them.

mod german;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;
use contracts::purchase::EventOnTicket;
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::{Locale, locale};
use kernel::{Money, Rate, TimeZone};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

use crate::{WrittenTimes, times::time, words::say};

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

    pub(crate) fn tag(self) -> LanguageIdentifier {
        self.code().parse().unwrap_or_default()
    }

    fn locale(self) -> Locale {
        match self {
            Self::English => locale!("en-GB"),
            Self::German => locale!("de"),
        }
    }

    /// An amount with its currency: `1,234.50 EUR`, `1.234,50 EUR`.
    pub fn money(self, amount: Money) -> String {
        format!("{} {}", self.amount(amount), amount.currency)
    }

    /// An amount where its currency is told elsewhere: `1,234.50`, `1.234,50`.
    pub fn amount(self, amount: Money) -> String {
        self.number(amount.decimal())
    }

    /// A rate, without its sign: `19.5`, `19,5`.
    pub fn rate(self, rate: Rate) -> String {
        self.number(rate.to_string())
    }

    /// A decimal number, as programs write it, as the language does.
    fn number(self, written: String) -> String {
        let number = written.parse::<Decimal>().ok().and_then(|number| {
            let formatter =
                DecimalFormatter::try_new(self.locale().into(), DecimalFormatterOptions::default());
            formatter.ok().map(|formatter| formatter.format(&number).to_string())
        });
        number.unwrap_or(written)
    }

    /// `Saturday, 13 March 2027`
    pub fn day(self, day: NaiveDate) -> String {
        self.in_german(|| german::day(day)).unwrap_or_else(|| day.format("%A, %-d %B %Y").to_string())
    }

    /// The same without its year, which is told with another day: `Friday, 11 June`.
    pub fn day_of_year(self, day: NaiveDate) -> String {
        self.in_german(|| german::day_of_year(day)).unwrap_or_else(|| day.format("%A, %-d %B").to_string())
    }

    /// The same without the day of the week: `13 March 2027`.
    pub fn date(self, day: NaiveDate) -> String {
        self.in_german(|| german::date(day)).unwrap_or_else(|| day.format("%-d %B %Y").to_string())
    }

    /// What clocks of a zone say at an instant: `CET`, or `UTC-03:00` where the zone has no letters.
    pub fn zone(self, at: DateTime<Utc>, zone: Tz) -> String {
        self.in_german(|| german::zone(at, zone)).unwrap_or_else(|| {
            let at = at.with_timezone(&zone);
            let letters = at.format("%Z").to_string();
            if letters.starts_with(['+', '-']) { format!("UTC{}", at.format("%:z")) } else { letters }
        })
    }

    fn in_german(self, written: impl FnOnce() -> Option<String>) -> Option<String> {
        match self {
            Self::English => None,
            Self::German => written(),
        }
    }

    /// An instant by the clocks of a zone: `Saturday, 13 March 2027, 20:00 CET`.
    pub fn instant(self, at: DateTime<Utc>, zone: TimeZone) -> String {
        self.instant_in(at, zone.tz())
    }

    pub(crate) fn instant_in(self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        format!("{}, {} {}", self.day(local.date_naive()), time(&local), self.zone(at, zone))
    }

    /// When an event is, in its own zone.
    pub fn times(self, event: &EventOnTicket) -> WrittenTimes {
        let zone = event.timezone.tz();
        let (starts, ends) = (event.starts_at.with_timezone(&zone), event.ends_at.with_timezone(&zone));
        let (first_day, last_day) = (starts.date_naive(), (ends - chrono::Duration::hours(6)).date_naive());
        let day = self.day(first_day);
        let days = if last_day <= first_day {
            day.clone()
        } else if first_day.year() == last_day.year() {
            format!("{} – {}", self.day_of_year(first_day), self.day(last_day))
        } else {
            format!("{day} – {}", self.day(last_day))
        };
        let with_day = |at: &DateTime<Tz>| format!("{}, {}", self.day(at.date_naive()), time(at));
        WrittenTimes {
            days,
            begins: time(&starts),
            ends: if last_day > first_day { with_day(&ends) } else { time(&ends) },
            doors: event.doors_at.map(|doors| {
                let doors = doors.with_timezone(&zone);
                if doors.date_naive() == first_day { time(&doors) } else { with_day(&doors) }
            }),
            zone: self.zone(event.starts_at, zone),
            day,
        }
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
}

#[cfg(test)]
mod tests;
