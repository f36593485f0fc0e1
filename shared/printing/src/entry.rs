//! Entries for calendars (iCalendar, RFC 5545): one writer for all that is handed out.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use icalendar::{Calendar, Component, Event, EventLike, Property};
use kernel::with_plain_breaks;

use crate::{calendar_time, calendar_zone};

/// Whether an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarStatus {
    /// It takes place.
    Confirmed,
    /// It may.
    Tentative,
    /// It does not.
    Cancelled,
}

/// A date for calendars.
#[derive(Clone, Debug)]
pub struct CalendarEntry<'a> {
    /// What wrote it, such as `Tickets`.
    pub product: &'a str,
    /// The same for every version of the entry: who has it already replaces it.
    pub uid: String,
    /// Rises with each version.
    pub sequence: u32,
    /// When this version was written.
    pub written_at: DateTime<Utc>,
    /// In one line.
    pub title: &'a str,
    /// In as many as there are.
    pub description: String,
    /// Where, in one line.
    pub location: String,
    /// Where on the globe: latitude and longitude.
    pub place: Option<(f64, f64)>,
    /// A page about it.
    pub url: Option<&'a str>,
    /// Whose mail address it comes from.
    pub organizer: Option<&'a str>,
    /// Whether it stands.
    pub status: CalendarStatus,
    /// The zone in which it is shown.
    pub zone: Tz,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

impl CalendarEntry<'_> {
    /// How a calendar is to take it: nobody is asked for an answer, so `PUBLISH`; `CANCEL` takes an entry back.
    pub fn method(&self) -> &'static str {
        if self.status == CalendarStatus::Cancelled { "CANCEL" } else { "PUBLISH" }
    }

    /// The file. The method is for mails; a file that is opened has `PUBLISH` in any case.
    pub fn write(&self, method: &str) -> String {
        let mut calendar = Calendar::empty();
        for (name, value) in [
            ("VERSION", "2.0"),
            ("PRODID", &format!("-//Odysseus//{}//EN", self.product)),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", method),
        ] {
            calendar.append_property(Property::new(name, value));
        }
        let mut entry = Event::new();
        entry
            .uid(&self.uid)
            .sequence(self.sequence)
            .timestamp(self.written_at)
            .summary(&text(self.title).replace('\n', " "))
            .description(&text(&self.description))
            .location(&text(&self.location).replace('\n', ", "))
            .status(match self.status {
                CalendarStatus::Confirmed => icalendar::EventStatus::Confirmed,
                CalendarStatus::Tentative => icalendar::EventStatus::Tentative,
                CalendarStatus::Cancelled => icalendar::EventStatus::Cancelled,
            });
        if let Some((lat, lon)) = self.place {
            entry.append_property(Property::new("GEO", format!("{lat};{lon}")));
        }
        if let Some(url) = self.url {
            entry.url(url);
        }
        if let Some(address) = self.organizer {
            entry.append_property(
                Property::new("ORGANIZER", format!("mailto:{address}"))
                    .add_parameter("CN", "Odysseus")
                    .done(),
            );
        }
        entry.starts(calendar_time(self.zone, self.starts_at)).ends(calendar_time(self.zone, self.ends_at));
        calendar.push(entry.done());
        // The crate gives every component a DTSTAMP and a UID, which a VTIMEZONE must not have.
        let zone = calendar_zone(self.zone, self.starts_at, self.ends_at);
        calendar.to_string().replacen("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"), 1)
    }
}

/// Text as the standard wants it: breaks of one kind, no control characters. A bare carriage return would be a line's
/// end to many a reader, and what follows it a property.
fn text(text: &str) -> String {
    with_plain_breaks(text)
        .chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> CalendarEntry<'static> {
        CalendarEntry {
            product: "Tests",
            uid: "1@odysseus".to_owned(),
            sequence: 3,
            written_at: "2027-01-02T03:04:05Z".parse().unwrap(),
            title: "Windows",
            description: String::new(),
            location: "Here".to_owned(),
            place: None,
            url: None,
            organizer: None,
            status: CalendarStatus::Confirmed,
            zone: Tz::Europe__Vienna,
            starts_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            ends_at: "2027-03-13T22:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn no_text_can_end_a_line_of_the_file() {
        for end in ["\r\n", "\r", "\u{b}", "\u{85}", "\u{2028}", "\0"] {
            let mut entry = entry();
            let hostile = format!("First{end}END:VEVENT{end}BEGIN:VEVENT{end}UID:injected");
            (entry.title, entry.description, entry.location) = (&hostile, hostile.clone(), hostile.clone());
            let file = entry.write("PUBLISH");
            let plain = file.replace("\r\n", "\n");
            assert!(
                !plain.contains(|letter: char| letter.is_control() && letter != '\n'),
                "{end:?}: {plain:?}"
            );
            assert_eq!(plain.lines().filter(|line| *line == "BEGIN:VEVENT").count(), 1, "{plain}");
        }
    }

    #[test]
    fn what_is_called_off_takes_the_entry_back() {
        let mut entry = entry();
        entry.status = CalendarStatus::Cancelled;
        let file = entry.write(entry.method());
        for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", "UID:1@odysseus"] {
            assert!(file.lines().any(|found| found == line), "{line} is missing in {file}");
        }
    }
}
