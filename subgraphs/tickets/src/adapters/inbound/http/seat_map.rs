use std::{io::Cursor, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use kernel::{Error, EventId, Fault, LayoutId, Refusal, Result};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, NotFound, Path, names},
};
use utoipa::ToSchema;

use super::Rest;
use crate::domain::{
    entities::House,
    ports::{SeatMapStamp, SeatMapView},
    use_cases::Tickets,
};

/// How many bytes of maps are kept ready.
const READY: u64 = 32 * 1024 * 1024;
/// How long a map is kept ready that nobody asks for: soon there is a newer one.
const IDLE: Duration = Duration::from_secs(30);
/// Little work for nearly as little to send.
const QUALITY: i32 = 5;

/// Seat maps that are ready to be sent, each in the state it was asked for in.
#[derive(Clone)]
pub(crate) struct SeatMaps(Cache<(EventId, SeatMapStamp), Arc<Ready>>);

/// A map as it is sent.
struct Ready {
    json: Bytes,
    brotli: Bytes,
}

impl Default for SeatMaps {
    fn default() -> Self {
        let weight = |_: &(EventId, SeatMapStamp), ready: &Arc<Ready>| {
            u32::try_from(ready.json.len() + ready.brotli.len()).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(READY).weigher(weight).time_to_idle(IDLE).build())
    }
}

impl SeatMaps {
    /// The map in this state, or a newer one; made once however many ask for it.
    async fn of(
        &self,
        tickets: &Tickets,
        event: EventId,
        layout: LayoutId,
        stamp: SeatMapStamp,
    ) -> Result<Arc<Ready>> {
        let made = self.0.try_get_with((event, stamp), made(tickets, event, layout)).await;
        made.map_err(|error| match error.as_ref() {
            Error::Refused(refusal) => refusal.clone().into(),
            Error::Broken(fault) => {
                Fault { passing: fault.passing, ..Fault::new("making a seat map", error) }.into()
            }
        })
    }
}

async fn made(tickets: &Tickets, event: EventId, layout: LayoutId) -> Result<Arc<Ready>> {
    let house = tickets.reads().house(layout).await?.ok_or_else(missing)?;
    let view = tickets.reads().seat_map(event).await?.ok_or_else(missing)?;
    let doing = "writing a seat map";
    let written = tokio::task::spawn_blocking(move || {
        let json =
            serde_json::to_vec(&SeatMap::of(&house, &view)).map_err(|cause| Fault::new(doing, cause))?;
        let parameters = BrotliEncoderParams { quality: QUALITY, ..BrotliEncoderParams::default() };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut Cursor::new(&json), &mut brotli, &parameters)
            .map_err(|cause| Fault::new(doing, cause))?;
        Ok::<_, Fault>(Ready { json: json.into(), brotli: brotli.into() })
    });
    Ok(Arc::new(written.await.map_err(|cause| Fault::new(doing, cause))??))
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
    /// How many places can be had here.
    available: u32,
    /// Its seats, a letter each, in the order of the layout's rows: `a` AVAILABLE, `h` HELD, `s` SOLD, `b` BLOCKED, any
    /// other one that cannot be had. Empty where people stand.
    #[schema(example = "aahhssab")]
    statuses: String,
}

impl SeatMap {
    fn of(house: &House, view: &SeatMapView) -> Self {
        let sections = house.sections().iter().map(|section| SeatMapSection {
            key: section.key.clone(),
            available: view.available.get(&section.key).copied().unwrap_or(0),
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
    #[param(value_type = uuid::Uuid)]
    id: EventId,
}

/// The live map of an event at this moment, compact: where its seats are is in its layout's plan, which never changes.
///
/// Ask with the `ETag` of the map you have: as long as nothing has changed, there is nothing to send. It is sent compressed
/// by brotli to whoever takes that. Everybody reads the map of a published event, its organizers any; there is none before
/// an event's places are open.
#[utoipa::path(get, path = "/events/{id}/seat-map", operation_id = "getSeatMap", tag = "events", params(Which),
    security((), ("bearerAuth" = [])),
    responses((status = 200, description = "The map.", body = SeatMap),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn seat_map(
    State(rest): State<Rest>,
    caller: Option<Caller>,
    headers: HeaderMap,
    Path(which): Path<Which>,
) -> Answer<Response> {
    let by = caller.map(|caller| caller.user);
    let event = rest.tickets.visible_event(which.id, by).await?.ok_or_else(|| Refusal::not_found("event"))?;
    let layout = event.facts.layout_id.filter(|_| event.opened).ok_or_else(missing)?;
    let stamp = rest.tickets.reads().seat_map_stamp(which.id).await?;
    let tag = format!("\"{}-{}\"", stamp.version, stamp.lapsed);
    let kept = if event.is_public() { "public, no-cache" } else { "private, no-cache" };
    let of_all = [(CACHE_CONTROL, kept), (VARY, "Accept-Encoding")];
    if names(&headers, &IF_NONE_MATCH, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, of_all, [(ETAG, tag)]).into_response());
    }
    let map = rest.maps.of(&rest.tickets, which.id, layout, stamp).await?;
    let json = [(ETAG, tag), (CONTENT_TYPE, "application/json".to_owned())];
    Ok(if names(&headers, &ACCEPT_ENCODING, "br") {
        (of_all, json, [(CONTENT_ENCODING, "br")], map.brotli.clone()).into_response()
    } else {
        (of_all, json, map.json.clone()).into_response()
    })
}
