use axum::{
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use icalendar::{Calendar, Component, Event, EventLike, Property};
use kernel::with_plain_breaks;
use printing::{calendar_time, calendar_zone};
use service::{
    Caller,
    rest::{Answer, NotFound, Path},
};

use super::reading::Which;
use crate::domain::{EventAtVenue, Events};

/// An event as a file for calendars (iCalendar, RFC 5545).
///
/// Imported again after the event has changed, it replaces the older entry.
#[utoipa::path(get, path = "/events/{idOrSlug}/calendar.ics", tag = "events", params(Which),
    security((), ("bearerAuth" = [])),
    responses((status = 200, description = "The entry, in the time zone of the venue.", body = String,
        content_type = "text/calendar"), NotFound))]
pub(super) async fn event_calendar(
    State(events): State<Events>,
    caller: Option<Caller>,
    Path(which): Path<Which>,
) -> Answer<impl IntoResponse> {
    let found = which.found(&events, caller).await?;
    // A slug has letters, digits and hyphens only.
    let disposition = format!("attachment; filename=\"{}.ics\"", found.event.snapshot().slug);
    let headers =
        [(CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, entry(&found, events.clock.now())))
}

/// Text without what calendars do not hold: descriptions were once kept with any line break.
fn text(text: &str) -> String {
    with_plain_breaks(text).replace(|char: char| char.is_control() && char != '\n', " ")
}

/// The entry. `METHOD:PUBLISH`, since nobody is asked for an answer.
fn entry(EventAtVenue { event, venue }: &EventAtVenue, written_at: DateTime<Utc>) -> String {
    let (found, details) = (event.snapshot(), event.details());
    let zone = venue.timezone().tz();
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Odysseus//Events//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    let status = match found.status {
        EventStatus::Published | EventStatus::Completed => icalendar::EventStatus::Confirmed,
        EventStatus::Draft | EventStatus::Postponed => icalendar::EventStatus::Tentative,
        EventStatus::Cancelled => icalendar::EventStatus::Cancelled,
    };
    let mut entry = Event::new();
    entry
        .uid(&format!("event-{}@odysseus", found.id))
        .sequence(u32::try_from(found.version).unwrap_or(u32::MAX))
        .timestamp(written_at)
        .summary(&details.title)
        .description(&text(&details.description))
        .location(&format!("{}, {}", venue.name(), venue.address().lines().replace('\n', ", ")))
        .status(status);
    if let Some(place) = venue.location() {
        entry.append_property(Property::new("GEO", format!("{};{}", place.lat, place.lon)));
    }
    entry.starts(calendar_time(zone, details.starts_at)).ends(calendar_time(zone, details.ends_at));
    calendar.push(entry.done());
    // The crate gives every component a DTSTAMP and a UID, which a VTIMEZONE must not have.
    let zone = calendar_zone(zone, details.starts_at, details.ends_at);
    calendar.to_string().replacen("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"), 1)
}
