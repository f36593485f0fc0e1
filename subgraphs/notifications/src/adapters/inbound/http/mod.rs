//! REST: one's own messages.

mod bounces;
mod export;
mod notifications;
mod unsubscribe;

use axum::{Extension, Router};
use service::{
    Foundation,
    rest::{self, About, Exports, OpenApiRouter, routes},
};

use self::bounces::Ear;
use crate::Notifications;

const ABOUT: About = About {
    service: "notifications",
    description: "One's own messages, links that stop mails, and what a mail provider reports. What one wants to be told, and by which channel, is in the graph.",
};

/// `/api/notifications/…`
pub(crate) fn routes(notifications: Notifications, bounce_secret: &str, foundation: &Foundation) -> Router {
    let ear = Ear { notifications: notifications.clone(), secret: bounce_secret.into() };
    rest::mount(ABOUT, v1().with_state(notifications).merge(reports().with_state(ear)), foundation)
}

/// The OpenAPI document.
pub(crate) fn openapi() -> serde_json::Value {
    let mut whole = v1().into_openapi();
    whole.merge(reports().into_openapi());
    rest::document(ABOUT, whole)
}

fn v1() -> OpenApiRouter<Notifications> {
    OpenApiRouter::new()
        .routes(routes!(notifications::notifications))
        .routes(routes!(unsubscribe::ask, unsubscribe::stop))
        .merge(exports())
}

fn exports() -> OpenApiRouter<Notifications> {
    OpenApiRouter::new()
        .routes(routes!(export::export))
        .layer(Extension(Exports::new("notifications", &export::KINDS)))
}

fn reports() -> OpenApiRouter<Ear> {
    OpenApiRouter::new().routes(routes!(bounces::hear))
}
