use axum::{
    extract::State,
    http::{
        HeaderMap,
        header::{ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_TYPE, VARY},
    },
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use printing::{CalendarEntry, CalendarStatus, Language};
use service::{
    Caller,
    rest::{Answer, NotFound, Path},
};

use super::reading::Which;
use crate::domain::{EventAtVenue, Events};

/// An event as a file for calendars (iCalendar, RFC 5545).
///
/// Imported again after the event has changed, it replaces the older entry. The country is named in the language of
/// `Accept-Language`, or else in English.
#[utoipa::path(get, path = "/events/{idOrSlug}/calendar.ics", operation_id = "getEventCalendar", tag = "events",
    params(Which),
    security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The entry, in the time zone of the venue.", body = String,
        content_type = "text/calendar"), NotFound))]
pub(super) async fn event_calendar(
    State(events): State<Events>,
    caller: Option<Caller>,
    asked: HeaderMap,
    Path(which): Path<Which>,
) -> Answer<impl IntoResponse> {
    let found = which.found(&events, caller).await?;
    // A slug has letters, digits and hyphens only.
    let disposition = format!("attachment; filename=\"{}.ics\"", found.event.snapshot().slug);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (VARY, ACCEPT_LANGUAGE.to_string()),
    ];
    let wanted = asked.get(ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
    let words = wanted.map(Language::of).unwrap_or_default();
    Ok((headers, entry(&found, words, events.clock.now()).write("PUBLISH")))
}

fn entry(
    EventAtVenue { event, venue }: &EventAtVenue,
    words: Language,
    written_at: DateTime<Utc>,
) -> CalendarEntry<'_> {
    let (found, details) = (event.snapshot(), event.details());
    CalendarEntry {
        product: "Events",
        uid: format!("event-{}@odysseus", found.id),
        sequence: u32::try_from(found.version).unwrap_or(u32::MAX),
        written_at,
        title: &details.title,
        description: details.description.clone(),
        location: format!("{}, {}", venue.name(), venue.address().formatted(Some(words)).join("\n")),
        place: venue.location().map(|place| (place.lat, place.lon)),
        url: None,
        organizer: None,
        status: match found.status {
            EventStatus::Published | EventStatus::Completed => CalendarStatus::Confirmed,
            EventStatus::Draft | EventStatus::Postponed => CalendarStatus::Tentative,
            EventStatus::Cancelled => CalendarStatus::Cancelled,
        },
        zone: venue.timezone().tz(),
        starts_at: details.starts_at,
        ends_at: details.ends_at,
    }
}
