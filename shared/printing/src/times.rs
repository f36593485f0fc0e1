//! Times as people read them, in the zone where the event happens.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::Language;

/// When an event is, in words, in its own zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenTimes {
    /// The day it begins: `Saturday, 13 March 2027`.
    pub day: String,
    /// On which days it is: `Saturday, 13 March 2027`, or `Friday, 11 June – Sunday, 13 June 2027`.
    pub days: String,
    /// When it begins: `20:00`.
    pub begins: String,
    /// When it ends, with the day when that is a later one (an end before six in the morning belongs to
    /// the night before): `23:30`, or `Sunday, 14 March 2027, 18:00`.
    pub ends: String,
    /// When doors open: `19:00`.
    pub doors: Option<String>,
    /// What clocks there say: `CET`, or `UTC-03:00` where the zone has no letters.
    pub zone: String,
}

/// An instant by the clocks of a zone, in English: `Saturday, 13 March 2027, 20:00 CET`.
pub fn written_instant(at: DateTime<Utc>, zone: Tz) -> String {
    Language::English.instant_in(at, zone)
}

/// `20:00`
pub(crate) fn time(at: &DateTime<Tz>) -> String {
    at.format("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::tests::event;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_those_of_the_event_and_not_of_the_reader() {
        let mut event = event();
        (event.starts_at, event.ends_at) = (at("2027-03-14T00:30:00Z"), at("2027-03-14T03:30:00Z"));
        event.doors_at = Some(at("2027-03-13T23:30:00Z"));
        event.timezone = "America/New_York".parse().unwrap();
        let written = Language::English.times(&event);
        assert_eq!(written.day, "Saturday, 13 March 2027");
        assert_eq!(Language::English.doors_and_start(&written), "Doors 18:30 · Starts 19:30 EST");
        assert_eq!(written.ends, "22:30");
    }

    #[test]
    fn summer_time_is_that_of_the_day_itself() {
        let mut event = event();
        event.timezone = "Europe/Vienna".parse().unwrap();
        event.starts_at = at("2027-03-28T00:30:00Z"); // half an hour before clocks go forward
        event.ends_at = at("2027-03-28T02:00:00Z");
        let written = Language::English.times(&event);
        assert_eq!(
            (written.begins.as_str(), written.zone.as_str(), written.ends.as_str()),
            ("01:30", "CET", "04:00")
        );
    }

    #[test]
    fn a_night_belongs_to_its_evening_and_a_festival_names_its_last_day() {
        let mut event = event();
        event.timezone = "Asia/Tokyo".parse().unwrap();
        (event.starts_at, event.ends_at) = (at("2027-05-01T13:00:00Z"), at("2027-05-01T20:00:00Z"));
        assert_eq!(Language::English.times(&event).ends, "05:00");
        assert_eq!(Language::English.times(&event).days, "Saturday, 1 May 2027");
        event.ends_at = at("2027-05-03T09:00:00Z");
        assert_eq!(Language::English.times(&event).ends, "Monday, 3 May 2027, 18:00");
        assert_eq!(Language::English.times(&event).days, "Saturday, 1 May – Monday, 3 May 2027");
        event.ends_at = at("2028-01-02T09:00:00Z");
        assert_eq!(Language::English.times(&event).days, "Saturday, 1 May 2027 – Sunday, 2 January 2028");
    }

    #[test]
    fn a_zone_without_letters_shows_its_offset() {
        let mut event = event();
        event.timezone = "America/Sao_Paulo".parse().unwrap();
        assert_eq!(Language::English.times(&event).zone, "UTC-03:00");
    }
}
