//! Times as people read them, in the zone where the event happens.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use contracts::purchase::EventOnTicket;

/// How a language writes days, and what it calls the time of a zone.
pub trait DatesInWords {
    /// `Saturday, 13 March 2027`
    fn day(&self, day: NaiveDate) -> String;
    /// The same without its year, which is told with another day: `Friday, 11 June`.
    fn day_of_year(&self, day: NaiveDate) -> String;
    /// What clocks of a zone say at an instant: `CET`, or `UTC-03:00` where the zone has no letters.
    fn zone(&self, at: DateTime<Utc>, zone: Tz) -> String;
}

/// As English is written in Europe.
#[derive(Clone, Copy, Debug)]
pub struct English;

impl DatesInWords for English {
    fn day(&self, day: NaiveDate) -> String {
        day.format("%A, %-d %B %Y").to_string()
    }

    fn day_of_year(&self, day: NaiveDate) -> String {
        day.format("%A, %-d %B").to_string()
    }

    fn zone(&self, at: DateTime<Utc>, zone: Tz) -> String {
        let at = at.with_timezone(&zone);
        let letters = at.format("%Z").to_string();
        if letters.starts_with(['+', '-']) { format!("UTC{}", at.format("%:z")) } else { letters }
    }
}

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

impl WrittenTimes {
    /// Of this event, in English.
    pub fn of(event: &EventOnTicket) -> Self {
        Self::written(event, &English)
    }

    /// Of this event, in a language.
    pub fn written(event: &EventOnTicket, language: &impl DatesInWords) -> Self {
        let zone = event.timezone.tz();
        let (starts, ends) = (event.starts_at.with_timezone(&zone), event.ends_at.with_timezone(&zone));
        let (first_day, last_day) = (starts.date_naive(), (ends - chrono::Duration::hours(6)).date_naive());
        let day = language.day(first_day);
        let days = if last_day <= first_day {
            day.clone()
        } else if first_day.year() == last_day.year() {
            format!("{} – {}", language.day_of_year(first_day), language.day(last_day))
        } else {
            format!("{day} – {}", language.day(last_day))
        };
        let with_day = |at: &DateTime<Tz>| format!("{}, {}", language.day(at.date_naive()), time(at));
        Self {
            days,
            begins: time(&starts),
            ends: if last_day > first_day { with_day(&ends) } else { time(&ends) },
            doors: event.doors_at.map(|doors| {
                let doors = doors.with_timezone(&zone);
                if doors.date_naive() == first_day { time(&doors) } else { with_day(&doors) }
            }),
            zone: language.zone(event.starts_at, zone),
            day,
        }
    }

    /// `Doors 19:00 · Starts 20:00 CET`
    pub fn doors_and_start(&self) -> String {
        match &self.doors {
            Some(doors) => format!("Doors {doors} · Starts {} {}", self.begins, self.zone),
            None => format!("Starts {} {}", self.begins, self.zone),
        }
    }
}

/// An instant by the clocks of a zone, in English: `Saturday, 13 March 2027, 20:00 CET`.
pub fn written_instant(at: DateTime<Utc>, zone: Tz) -> String {
    instant_in_words(at, zone, &English)
}

/// An instant by the clocks of a zone, in a language.
pub fn instant_in_words(at: DateTime<Utc>, zone: Tz, language: &impl DatesInWords) -> String {
    let local = at.with_timezone(&zone);
    format!("{}, {} {}", language.day(local.date_naive()), time(&local), language.zone(at, zone))
}

fn time(at: &DateTime<Tz>) -> String {
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
        let written = WrittenTimes::of(&event);
        assert_eq!(written.day, "Saturday, 13 March 2027");
        assert_eq!(written.doors_and_start(), "Doors 18:30 · Starts 19:30 EST");
        assert_eq!(written.ends, "22:30");
    }

    #[test]
    fn summer_time_is_that_of_the_day_itself() {
        let mut event = event();
        event.timezone = "Europe/Vienna".parse().unwrap();
        event.starts_at = at("2027-03-28T00:30:00Z"); // half an hour before clocks go forward
        event.ends_at = at("2027-03-28T02:00:00Z");
        let written = WrittenTimes::of(&event);
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
        assert_eq!(WrittenTimes::of(&event).ends, "05:00");
        assert_eq!(WrittenTimes::of(&event).days, "Saturday, 1 May 2027");
        event.ends_at = at("2027-05-03T09:00:00Z");
        assert_eq!(WrittenTimes::of(&event).ends, "Monday, 3 May 2027, 18:00");
        assert_eq!(WrittenTimes::of(&event).days, "Saturday, 1 May – Monday, 3 May 2027");
        event.ends_at = at("2028-01-02T09:00:00Z");
        assert_eq!(WrittenTimes::of(&event).days, "Saturday, 1 May 2027 – Sunday, 2 January 2028");
    }

    #[test]
    fn a_zone_without_letters_shows_its_offset() {
        let mut event = event();
        event.timezone = "America/Sao_Paulo".parse().unwrap();
        assert_eq!(WrittenTimes::of(&event).zone, "UTC-03:00");
    }
}
