//! Times as calendars want them (iCalendar, RFC 5545): in the zone of the place, with the zone written out.

use std::fmt::Write;

use chrono::{DateTime, Duration, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz, TzOffset};
use icalendar::{CalendarDateTime, DatePerhapsTime};

/// How far before and after an event its zone's changes are told: one change each way at least, where
/// clocks change at all.
const AROUND: Duration = Duration::days(400);

/// An instant as a calendar shows it at a place: in the clocks of its zone.
pub fn calendar_time(zone: Tz, instant: DateTime<Utc>) -> DatePerhapsTime {
    let local = instant.with_timezone(&zone).naive_local();
    // In the hour that clocks show twice only UTC says which one is meant.
    DatePerhapsTime::DateTime(if zone.from_local_datetime(&local).single().is_some() {
        CalendarDateTime::WithTimezone { date_time: local, tzid: zone.name().to_owned() }
    } else {
        CalendarDateTime::Utc(instant)
    })
}

/// The zone around a time, as the component `VTIMEZONE`: which offset holds, and from when to when.
pub fn calendar_zone(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.name());
    let (begin, end) = (from - AROUND, until + AROUND);
    let changes = changes(zone, begin, end);
    if changes.first().is_none_or(|first| *first > from) {
        let offset = offset(zone, begin);
        observance(&mut text, &offset, &offset, begin.naive_utc());
    }
    for change in changes {
        let (before, after) = (offset(zone, change - Duration::seconds(1)), offset(zone, change));
        observance(&mut text, &before, &after, change.naive_utc());
    }
    text.push_str("END:VTIMEZONE\r\n");
    text
}

/// The instants at which clocks change, found by looking once a day and halving the day of a change.
fn changes(zone: Tz, begin: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let same = |one, other| offset(zone, one).fix() == offset(zone, other).fix();
    let mut changes = Vec::new();
    let mut day = begin;
    while day < end {
        let next = day + Duration::days(1);
        if !same(day, next) {
            let (mut before, mut after) = (day, next);
            while after - before > Duration::seconds(1) {
                let middle = before + Duration::seconds((after - before).num_seconds() / 2);
                if same(day, middle) { before = middle } else { after = middle }
            }
            changes.push(after);
        }
        day = next;
    }
    changes
}

fn offset(zone: Tz, at: DateTime<Utc>) -> TzOffset {
    zone.offset_from_utc_datetime(&at.naive_utc())
}

/// From `at` on, `after` holds; clocks showed `before` until then.
fn observance(text: &mut String, before: &TzOffset, after: &TzOffset, at: NaiveDateTime) {
    let kind = if after.dst_offset() > Duration::zero() { "DAYLIGHT" } else { "STANDARD" };
    let local = at + Duration::seconds(i64::from(before.fix().local_minus_utc()));
    let mut line = |content: std::fmt::Arguments<'_>| {
        write!(text, "{content}\r\n").expect("a String takes whatever is written");
    };
    line(format_args!("BEGIN:{kind}"));
    line(format_args!("DTSTART:{}", local.format("%Y%m%dT%H%M%S")));
    line(format_args!("TZOFFSETFROM:{}", written(before)));
    line(format_args!("TZOFFSETTO:{}", written(after)));
    if let Some(name) = after.abbreviation() {
        line(format_args!("TZNAME:{name}"));
    }
    line(format_args!("END:{kind}"));
}

fn written(offset: &TzOffset) -> String {
    let seconds = offset.fix().local_minus_utc();
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(zone: Tz, at: &str) -> String {
        let at = at.parse().unwrap();
        calendar_zone(zone, at, at)
    }

    #[test]
    fn vienna_changes_at_two_and_three_oclock_on_the_last_sundays() {
        let text = around(Tz::Europe__Vienna, "2027-03-13T19:00:00Z");
        for change in [
            "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST",
            "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET",
            "BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST",
        ] {
            assert!(text.contains(change), "{change} is missing in {text}");
        }
    }

    #[test]
    fn a_zone_whose_clocks_never_change_has_one_offset() {
        let text = around(Tz::Asia__Tokyo, "2027-03-13T19:00:00Z");
        assert_eq!(text.matches("BEGIN:STANDARD").count(), 1);
        assert!(text.contains("TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nTZNAME:JST"), "{text}");
        assert!(around(Tz::UTC, "2027-03-13T19:00:00Z").contains("TZOFFSETTO:+0000"));
    }

    #[test]
    fn half_hours_and_the_other_side_of_the_world_are_right() {
        let text = around(Tz::America__St_Johns, "2027-07-01T00:00:00Z");
        assert!(text.contains("TZOFFSETFROM:-0330\r\nTZOFFSETTO:-0230\r\nTZNAME:NDT"), "{text}");
        let text = around(Tz::Australia__Sydney, "2027-01-01T00:00:00Z");
        assert!(text.contains("BEGIN:DAYLIGHT\r\nDTSTART:20261004T020000\r\nTZOFFSETFROM:+1000"), "{text}");
    }
}
