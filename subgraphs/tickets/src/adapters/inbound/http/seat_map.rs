use std::time::Duration;

use axum::{extract::State, http::HeaderMap, response::Response};
use kernel::{Error, EventId, Refusal, Viewer};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Kept, NotFound, Path, ReadyAnswers},
};
use utoipa::ToSchema;

use super::Rest;
use crate::domain::{
    entities::House,
    ports::{SeatMapStamp, SeatMapView},
};

/// How many bytes of maps are kept ready.
const READY: u64 = 32 * 1024 * 1024;
/// How long a map is kept ready that nobody asks for: soon there is a newer one.
const IDLE: Duration = Duration::from_secs(30);

/// Seat maps that are ready to be sent, each in the state it was asked for in, with counts and without.
#[derive(Clone)]
pub(crate) struct SeatMaps(ReadyAnswers<(EventId, SeatMapStamp, bool)>);

impl Default for SeatMaps {
    fn default() -> Self {
        Self(ReadyAnswers::new(READY, Some(IDLE)))
    }
}

fn missing() -> Refusal {
    Refusal::not_found("seat map")
}

/// The seats and standing areas of an event at one version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeatMap {
    /// Rises with each change: apply the changes of `seatMapChanged` in the graph that come after it.
    version: i64,
    /// In the order they were drawn.
    sections: Vec<SeatMapSection>,
}

/// A part of a seat map.
#[derive(Debug, Serialize, ToSchema)]
struct SeatMapSection {
    /// Unique in the layout.
    key: String,
    /// How many places can be had here; null where the organizer hides that, though each seat is shown.
    available: Option<u32>,
    /// Its seats, a letter each, in the order of the layout's rows: `a` AVAILABLE, `h` HELD, `s` SOLD, `b` BLOCKED, any
    /// other one that cannot be had. Empty where people stand.
    #[schema(example = "aahhssab")]
    statuses: String,
}

impl SeatMap {
    /// The map with how many places are left, where that is `told`.
    fn of(house: &House, view: &SeatMapView, told: bool) -> Self {
        let sections = house.sections().iter().map(|section| SeatMapSection {
            key: section.key.clone(),
            available: told.then(|| view.available.get(&section.key).copied().unwrap_or(0)),
            statuses: view.statuses(section),
        });
        Self { version: view.version, sections: sections.collect() }
    }
}

/// Of which event.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The event's id.
    #[param(value_type = String, pattern = "^(evt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: EventId,
}

/// The live map of an event at this moment, compact: where its seats are is in its layout's plan, which never changes.
///
/// Ask with the `ETag` of the map you have: as long as nothing has changed, there is nothing to send. It is sent compressed
/// by brotli to whoever takes that. Everybody reads the map of a published event, its organizers any; there is none before
/// an event's places are open.
#[utoipa::path(get, path = "/events/{id}/seat-map", operation_id = "getSeatMap", tag = "events", params(Which),
    security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The map.", body = SeatMap),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn seat_map(
    State(rest): State<Rest>,
    caller: Option<Caller>,
    headers: HeaderMap,
    Path(which): Path<Which>,
) -> Answer<Response> {
    let by = caller.map(Viewer::from).unwrap_or_default();
    let event = rest.tickets.visible_event(which.id, by).await?.ok_or_else(|| Refusal::not_found("event"))?;
    let layout = event.facts.layout_id.filter(|_| event.opened).ok_or_else(missing)?;
    let stamp = rest.tickets.reads().seat_map_stamp(which.id).await?;
    let told = rest.tickets.tells_stock(&event, by).await?;
    let kept = Kept {
        tag: format!("{}-{}{}", stamp.version, stamp.lapsed, if told { "" } else { "-h" }),
        // What is not told to everybody is kept by nobody on the way.
        public: event.is_public() && told == event.facts.shows_stock,
        how: "no-cache",
    };
    if let Some(unchanged) = kept.unchanged(&headers) {
        return Ok(unchanged);
    }
    let reads = rest.tickets.reads();
    let read = async {
        let house = reads.house(layout).await?.ok_or_else(missing)?;
        let view = reads.seat_map(which.id).await?.ok_or_else(missing)?;
        Ok::<_, Error>(move || SeatMap::of(&house, &view, told))
    };
    let map = rest.maps.0.of((which.id, stamp, told), "writing a seat map", read).await?;
    Ok(kept.send(&headers, &map))
}
