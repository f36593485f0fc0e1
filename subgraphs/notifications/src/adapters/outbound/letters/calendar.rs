//! The date for calendars: iCalendar, RFC 5545.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use printing::{calendar_time, calendar_zone};

use crate::domain::letter::{Tickets, place};

/// The calendar entry of tickets.
///
/// `METHOD:PUBLISH`, since nobody is asked for an answer. The UID is the order's, so that a later
/// version (a higher SEQUENCE) or a cancellation finds the entry again, and two orders for the same event
/// do not overwrite each other.
pub(super) fn entry(with: &Tickets<'_>, written_at: DateTime<Utc>, from: &str, public_url: &str) -> String {
    let event = with.event;
    let zone = event.timezone.tz();
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Odysseus//Tickets//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    let places: Vec<_> =
        with.tickets.iter().map(|ticket| format!("{} ({})", place(ticket), ticket.holder_name)).collect();
    let doors = event.doors_at.map(|doors| format!("Doors {}\n", doors.with_timezone(&zone).format("%H:%M")));
    let mut entry = Event::new();
    entry
        .uid(&format!("order-{}@odysseus", with.order_id))
        .sequence(0)
        .timestamp(written_at)
        .summary(&event.title)
        .description(&format!("{}{}\n{public_url}", doors.unwrap_or_default(), places.join("\n")))
        .location(&format!("{}, {}", event.venue_name, event.venue_address.replace('\n', ", ")))
        .url(public_url)
        .status(EventStatus::Confirmed)
        .append_property(Property::new("TRANSP", "OPAQUE"))
        .append_property(
            Property::new("ORGANIZER", format!("mailto:{from}")).add_parameter("CN", "Odysseus").done(),
        );
    entry.starts(calendar_time(zone, event.starts_at)).ends(calendar_time(zone, event.ends_at));
    calendar.push(entry.done());
    // The crate gives every component a DTSTAMP and a UID, which a VTIMEZONE must not have.
    let zone_text = calendar_zone(zone, event.starts_at, event.ends_at);
    calendar.to_string().replacen("BEGIN:VEVENT", &format!("{zone_text}BEGIN:VEVENT"), 1)
}

#[cfg(test)]
mod tests {
    use contracts::purchase::SendConfirmation;
    use kernel::UserId;

    use super::*;
    use crate::domain::letter::tests::{order, ticket};

    fn written(order: &SendConfirmation) -> String {
        let with = Tickets {
            event: &order.event,
            order_id: order.order_id,
            order_number: &order.number,
            tickets: &order.tickets,
        };
        let at = "2027-01-02T03:04:05Z".parse().unwrap();
        entry(&with, at, "tickets@odysseus.test", "https://odysseus.test")
    }

    fn example() -> SendConfirmation {
        order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")])
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
        order.event.title = "A; B, C\\D: \"E\"\nEND:VEVENT".to_owned();
        let parsed: Calendar = written(&order).parse().unwrap();
        let events: Vec<_> = parsed.components.iter().filter_map(|one| one.as_event()).collect();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].get_summary().unwrap().replace("\\\\", "\\"), order.event.title);
    }
}
