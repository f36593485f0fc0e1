use axum::extract::State;
use kernel::{EventId, Refusal, Result, Viewer};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Caching, Json, NotFound, Path},
};

use super::{
    FRESH,
    images::PublicUrl,
    objects::{Event, Pictures},
};
use crate::domain::{EventAtVenue, EventBy, Events};

/// The longest slug that is looked for.
const LONGEST_SLUG: usize = 200;

/// Which event.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct Which {
    /// The event's id, or its slug.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = "^[0-9A-Za-z_-]+$",
        example = "secret-gig-somebody-you-know"
    )]
    id_or_slug: String,
}

impl Which {
    /// The event, if the caller may see it.
    pub(super) async fn found(self, events: &Events, caller: Option<Caller>) -> Result<EventAtVenue> {
        let viewer = caller.map(Viewer::from).unwrap_or_default();
        if let Ok(id) = EventId::parse("idOrSlug", &self.id_or_slug)
            && let Some(found) = events.event(viewer, EventBy::Id(id)).await?
        {
            return Ok(found);
        }
        let missing = || Refusal::not_found("event");
        if self.id_or_slug.chars().count() > LONGEST_SLUG {
            return Err(missing().into());
        }
        // A slug may look like an id.
        Ok(events.event(viewer, EventBy::Slug(self.id_or_slug)).await?.ok_or_else(missing)?)
    }
}

/// One event, by its id or by its slug.
///
/// Drafts are seen by members of their organization only. What is asked for without a token may be kept for a few seconds
/// by whoever is on the way.
#[utoipa::path(get, path = "/events/{idOrSlug}", operation_id = "getEvent", tag = "events", params(Which),
    security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The event.", body = Event),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn event(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Option<Caller>,
    Path(which): Path<Which>,
) -> Answer<(Caching, Json<Event>)> {
    let caching = Caching::by_caller(caller.as_ref(), FRESH);
    let found = which.found(&events, caller).await?;
    let mut pictures = Pictures::of([&found], &events, &base).await?;
    Ok((caching, Json(Event::with(found, &mut pictures))))
}
