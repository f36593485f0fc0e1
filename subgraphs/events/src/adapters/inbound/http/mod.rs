//! REST: finding events, and taking their dates along.

mod calendar;
mod objects;
mod reading;
mod search;

use axum::Router;
use service::{
    Foundation,
    rest::{self, About, OpenApiRouter, routes},
};

use crate::domain::Events;

const ABOUT: About = About {
    service: "events",
    description: "Finding events, and taking their dates along. Venues, layouts and whatever organizers do is in the graph.",
};

/// `/api/events/…`
pub(crate) fn routes(events: Events, foundation: &Foundation) -> Router {
    rest::mount(ABOUT, v1().with_state(events), foundation)
}

/// The OpenAPI document of the REST routes.
pub fn openapi() -> serde_json::Value {
    rest::document(ABOUT, v1().into_openapi())
}

fn v1() -> OpenApiRouter<Events> {
    OpenApiRouter::new()
        .routes(routes!(search::search_events))
        .routes(routes!(reading::event))
        .routes(routes!(calendar::event_calendar))
}
