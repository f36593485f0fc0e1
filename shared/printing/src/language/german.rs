//! Days and zones in German, as the Unicode Common Locale Data Repository has them.

use chrono::{DateTime, Datelike as _, NaiveDate, Offset as _, Timelike as _, Utc};
use chrono_tz::Tz;
use icu_calendar::{Date, Iso};
use icu_datetime::{
    DateTimeFormatter, NoCalendarFormatter,
    fieldsets::{MDE, YMD, YMDE, zone::SpecificShort},
};
use icu_locale_core::locale;
use icu_time::{
    DateTime as LocalTime, Time,
    zone::{IanaParser, UtcOffset},
};

/// `Samstag, 13. März 2027`
pub(super) fn day(day: NaiveDate) -> Option<String> {
    let formatter = DateTimeFormatter::try_new(locale!("de").into(), YMDE::long()).ok()?;
    Some(formatter.format(&iso(day)?).to_string())
}

/// `Samstag, 13. März`
pub(super) fn day_of_year(day: NaiveDate) -> Option<String> {
    let formatter = DateTimeFormatter::try_new(locale!("de").into(), MDE::long()).ok()?;
    Some(formatter.format(&iso(day)?).to_string())
}

/// `13. März 2027`
pub(super) fn date(day: NaiveDate) -> Option<String> {
    let formatter = DateTimeFormatter::try_new(locale!("de").into(), YMD::long()).ok()?;
    Some(formatter.format(&iso(day)?).to_string())
}

/// `MEZ` or `MESZ`; none where German has no letters of its own for the zone.
pub(super) fn zone(at: DateTime<Utc>, zone: Tz) -> Option<String> {
    let local = at.with_timezone(&zone);
    let (date, time) = (iso(local.date_naive())?, time(&local)?);
    let offset = UtcOffset::try_from_seconds(local.offset().fix().local_minus_utc()).ok()?;
    let zone = IanaParser::new().parse(zone.name()).with_offset(Some(offset));
    let zone = zone.at_date_time(LocalTime { date, time });
    let formatter = NoCalendarFormatter::try_new(locale!("de").into(), SpecificShort).ok()?;
    let written = formatter.format(&zone).to_string();
    let is_offset = written.contains(['+', '-', '−']);
    (!is_offset).then_some(written)
}

fn iso(day: NaiveDate) -> Option<Date<Iso>> {
    Date::try_new_iso(day.year(), u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()
}

fn time(local: &DateTime<Tz>) -> Option<Time> {
    let (hour, minute) = (u8::try_from(local.hour()).ok()?, u8::try_from(local.minute()).ok()?);
    Time::try_new(hour, minute, 0, 0).ok()
}
