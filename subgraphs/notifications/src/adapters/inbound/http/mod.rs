//! REST: one's own messages.

mod notifications;

use axum::Router;
use service::{
    Foundation,
    rest::{self, About, OpenApiRouter, routes},
};

use crate::Notifications;

const ABOUT: About = About {
    service: "notifications",
    description: "One's own messages. What one wants to be told, and by which channel, is in the graph.",
};

/// `/api/notifications/…`
pub(crate) fn routes(notifications: Notifications, foundation: &Foundation) -> Router {
    rest::mount(ABOUT, v1().with_state(notifications), foundation)
}

/// The OpenAPI document.
pub(crate) fn openapi() -> serde_json::Value {
    rest::document(ABOUT, v1().into_openapi())
}

fn v1() -> OpenApiRouter<Notifications> {
    OpenApiRouter::new().routes(routes!(notifications::notifications))
}
