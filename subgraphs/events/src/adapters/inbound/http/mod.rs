//! REST: finding events, and taking their dates along.

mod calendar;
mod gallery;
mod images;
mod motifs;
mod objects;
mod plan;
mod plan_json;
mod reading;
mod search;

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
};
use service::{
    Foundation,
    rest::{self, About, OpenApiRouter, routes},
};

use self::{images::PublicUrl, plan::Plans};
use crate::domain::Events;

const ABOUT: About = About {
    service: "events",
    description: "Finding events, and taking their dates along. Seating plans in a compact form. Pictures of events, of performers, and from sections. Venues and whatever else organizers do is in the graph.",
};

/// For how many seconds what everybody may see of events is kept by whoever is on the way.
const FRESH: u32 = 5;

/// How long one operation may take: a large picture has its turn and is rendered meanwhile.
const PATIENCE: Duration = Duration::from_secs(28);

/// `/api/events/…`
pub(crate) fn routes(events: Events, public_url: &str, foundation: &Foundation) -> Router {
    let public_url = PublicUrl(public_url.trim_end_matches('/').into());
    let rest = Rest { events, plans: Plans::default(), public_url };
    rest::mount_within(ABOUT, v1().with_state(rest), foundation, PATIENCE)
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
    public_url: PublicUrl,
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

impl FromRef<Rest> for PublicUrl {
    fn from_ref(rest: &Rest) -> Self {
        rest.public_url.clone()
    }
}

fn v1() -> OpenApiRouter<Rest> {
    let images = OpenApiRouter::new()
        .routes(routes!(images::set_event_image, images::remove_event_image))
        .routes(routes!(images::image))
        .routes(routes!(gallery::add_event_image, gallery::arrange_event_images))
        .routes(routes!(gallery::remove_one_event_image))
        .routes(routes!(motifs::set_section_view, motifs::remove_section_view))
        .routes(routes!(motifs::set_performer_image, motifs::remove_performer_image))
        .layer(DefaultBodyLimit::max(images::LARGEST));
    OpenApiRouter::new()
        .routes(routes!(search::search_events))
        .routes(routes!(reading::event))
        .routes(routes!(calendar::event_calendar))
        .routes(routes!(plan::layout_plan))
        .routes(routes!(motifs::section_views))
        .merge(images)
}
