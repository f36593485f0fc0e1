//! The date for calendars: iCalendar, RFC 5545.

use chrono::{DateTime, Utc};
use contracts::purchase::EventOnTicket;
use kernel::OrderId;
use printing::{CalendarEntry, CalendarStatus, address_lines};

use crate::domain::{
    letter::{Rescheduled, Tickets, apart, place, place_held},
    words::{Language, say},
};

/// A calendar file, and how it is to be taken.
pub(in crate::adapters::outbound) struct CalendarFile {
    pub(in crate::adapters::outbound) method: &'static str,
    pub(in crate::adapters::outbound) text: String,
}

/// What both versions of an entry have in common. The UID is the order's, so that a later
/// version (a higher SEQUENCE) or a cancellation finds the entry again, and two orders for the same event
/// do not overwrite each other.
fn entry<'a>(
    words: Language,
    event: &'a EventOnTicket,
    order: OrderId,
    written_at: DateTime<Utc>,
    from: &'a str,
    public_url: &'a str,
) -> CalendarEntry<'a> {
    CalendarEntry {
        product: "Tickets",
        uid: format!("order-{order}@odysseus"),
        sequence: 0,
        written_at,
        title: &event.title,
        description: String::new(),
        location: format!("{}, {}", event.venue_name, address_lines(&event.venue_address, words)),
        place: None,
        url: Some(public_url),
        organizer: Some(from),
        status: CalendarStatus::Confirmed,
        zone: event.timezone.tz(),
        starts_at: event.starts_at,
        ends_at: event.ends_at,
    }
}

/// The calendar entry of tickets.
pub(super) fn date(
    words: Language,
    with: &Tickets<'_>,
    written_at: DateTime<Utc>,
    from: &str,
    public_url: &str,
) -> CalendarFile {
    let place = |ticket| (place(words, ticket), &ticket.holder_name);
    let mut entry = entry(words, with.event, with.order_id, written_at, from, public_url);
    entry.description = described(words, with.event, with.tickets.iter().map(place), public_url);
    file(&entry)
}

/// The same entry at another time.
pub(super) fn moved(
    words: Language,
    to: &Rescheduled,
    written_at: DateTime<Utc>,
    from: &str,
    public_url: &str,
) -> CalendarFile {
    let place = |ticket| (place_held(words, ticket), &ticket.holder_name);
    let mut entry = entry(words, &to.event, to.order_id, written_at, from, public_url);
    entry.sequence = version(to.sequence);
    entry.description = described(words, &to.event, to.tickets.iter().map(place), public_url);
    file(&entry)
}

fn described<'h>(
    words: Language,
    event: &EventOnTicket,
    places: impl Iterator<Item = (String, &'h String)>,
    public_url: &str,
) -> String {
    let places: Vec<_> = places.map(|(place, holder)| format!("{place} ({})", apart(holder))).collect();
    let doors = words.times(event).doors.map(|doors| format!("{}\n", say!(words, "doors", doors = doors)));
    format!("{}{}\n{public_url}", doors.unwrap_or_default(), places.join("\n"))
}

/// As calendars count versions.
fn version(sequence: i64) -> u32 {
    u32::try_from(sequence).unwrap_or(u32::MAX)
}

/// The entry that takes it back, and why.
pub(super) fn taken_back(
    words: Language,
    event: &EventOnTicket,
    (order, sequence): (OrderId, i64),
    reason: Option<&str>,
    written_at: DateTime<Utc>,
    from: &str,
    public_url: &str,
) -> CalendarFile {
    let mut entry = entry(words, event, order, written_at, from, public_url);
    (entry.status, entry.sequence) = (CalendarStatus::Cancelled, version(sequence));
    reason.unwrap_or_default().clone_into(&mut entry.description);
    file(&entry)
}

fn file(entry: &CalendarEntry<'_>) -> CalendarFile {
    CalendarFile { method: entry.method(), text: entry.write(entry.method()) }
}

#[cfg(test)]
mod tests {
    use contracts::purchase::SendConfirmation;
    use icalendar::{Calendar, Component as _};
    use kernel::UserId;

    use super::*;
    use crate::domain::samples::{order, rescheduled, ticket};

    fn written(order: &SendConfirmation) -> String {
        let with = Tickets {
            event: &order.event,
            order_id: order.order_id,
            order_number: &order.number,
            tickets: &order.tickets,
        };
        let at = "2027-01-02T03:04:05Z".parse().unwrap();
        date(Language::English, &with, at, "tickets@odysseus.test", "https://odysseus.test").text
    }

    fn example() -> SendConfirmation {
        let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
        order.event.title = "Die Zauberflöte & <Friends>".to_owned();
        order
    }

    #[test]
    fn the_entry_is_in_the_zone_of_the_event_and_says_what_the_zone_is() {
        let order = example();
        let text = written(&order);
        let unfolded = text.replace("\r\n ", "");
        for line in [
            "METHOD:PUBLISH",
            "BEGIN:VTIMEZONE",
            "TZID:Europe/Vienna",
            "DTSTART;TZID=Europe/Vienna:20270313T200000",
            "DTEND;TZID=Europe/Vienna:20270313T230000",
            "DTSTAMP:20270102T030405Z",
            "SEQUENCE:0",
            "SUMMARY:Die Zauberflöte & <Friends>",
            "LOCATION:Theater an der Brücke\\, Brückengasse 4\\, 1060 Wien\\, Austria",
            "STATUS:CONFIRMED",
            &format!("UID:order-{}@odysseus", order.order_id),
        ] {
            assert!(unfolded.lines().any(|found| found == line), "{line} is missing in\n{unfolded}");
        }
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded:\n{text}");
        assert_eq!(text, written(&order), "the same mail is written the same again");
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_in_utc() {
        let mut order = example();
        order.event.starts_at = "2027-10-31T01:30:00Z".parse().unwrap(); // 02:30, the second time
        order.event.ends_at = "2027-10-31T05:00:00Z".parse().unwrap();
        let text = written(&order);
        assert!(text.contains("DTSTART:20271031T013000Z"), "{text}");
        assert!(text.contains("DTEND;TZID=Europe/Vienna:20271031T060000"), "{text}");
    }

    #[test]
    fn what_a_title_contains_does_not_break_the_entry() {
        let mut order = example();
        order.event.title = "A; B, C\\D: \"E\" END:VEVENT".to_owned();
        let parsed: Calendar = written(&order).parse().unwrap();
        let events: Vec<_> = parsed.components.iter().filter_map(|one| one.as_event()).collect();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].get_summary().unwrap().replace("\\\\", "\\"), order.event.title);
    }

    #[test]
    fn the_entry_that_was_sent_is_taken_back() {
        let order = example();
        let at = "2027-02-02T03:04:05Z".parse().unwrap();
        let (from, url) = ("tickets@odysseus.test", "https://odysseus.test");
        let file = taken_back(
            Language::English,
            &order.event,
            (order.order_id, 3),
            Some("The singer is ill"),
            at,
            from,
            url,
        );
        let unfolded = file.text.replace("\r\n ", "");
        assert_eq!(file.method, "CANCEL");
        for line in [
            "METHOD:CANCEL",
            "SEQUENCE:3",
            "STATUS:CANCELLED",
            "DESCRIPTION:The singer is ill",
            &format!("UID:order-{}@odysseus", order.order_id),
        ] {
            assert!(unfolded.lines().any(|found| found == line), "{line} is missing in\n{unfolded}");
        }
    }

    #[test]
    fn the_entry_that_was_sent_is_moved_and_says_the_same_places() {
        let order = example();
        let mut told = rescheduled(&order);
        (told.sequence, told.event.timezone) = (2, "America/St_Johns".parse().unwrap());
        let at = "2027-02-02T03:04:05Z".parse().unwrap();
        let to = Rescheduled::to_the_buyer("Ada", &told);
        let file = moved(Language::English, &to, at, "tickets@odysseus.test", "https://odysseus.test");
        let unfolded = file.text.replace("\r\n ", "");
        assert_eq!(file.method, "PUBLISH");
        for line in [
            "METHOD:PUBLISH",
            "SEQUENCE:2",
            "STATUS:CONFIRMED",
            "TZID:America/St_Johns",
            "DTSTART;TZID=America/St_Johns:20270320T163000",
            &format!("UID:order-{}@odysseus", order.order_id),
        ] {
            assert!(unfolded.lines().any(|found| found == line), "{line} is missing in\n{unfolded}");
        }
        assert!(unfolded.contains("Stalls left\\, row 12\\, seat 104 (Ada)"), "{unfolded}");
    }
}
