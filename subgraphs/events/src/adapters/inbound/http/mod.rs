//! REST: finding events, and taking their dates along.

mod calendar;
mod objects;
mod plan;
mod plan_json;
mod reading;
mod search;

use axum::{Router, extract::FromRef};
use service::{
    Foundation,
    rest::{self, About, OpenApiRouter, routes},
};

use self::plan::Plans;
use crate::domain::Events;

const ABOUT: About = About {
    service: "events",
    description: "Finding events, and taking their dates along. Seating plans in a compact form. Venues and whatever organizers do is in the graph.",
};

/// For how many seconds what everybody may see of events is kept by whoever is on the way.
const FRESH: u32 = 5;

/// `/api/events/…`
pub(crate) fn routes(events: Events, foundation: &Foundation) -> Router {
    rest::mount(ABOUT, v1().with_state(Rest { events, plans: Plans::default() }), foundation)
}

/// The OpenAPI document of the REST routes.
pub fn openapi() -> serde_json::Value {
    rest::document(ABOUT, v1().into_openapi())
}

/// What handlers answer from.
#[derive(Clone)]
struct Rest {
    events: Events,
    plans: Plans,
}

impl FromRef<Rest> for Events {
    fn from_ref(rest: &Rest) -> Self {
        rest.events.clone()
    }
}

impl FromRef<Rest> for Plans {
    fn from_ref(rest: &Rest) -> Self {
        rest.plans.clone()
    }
}

fn v1() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(search::search_events))
        .routes(routes!(reading::event))
        .routes(routes!(calendar::event_calendar))
        .routes(routes!(plan::layout_plan))
}
