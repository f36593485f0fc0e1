//! REST: logging in and out, and who is logged in.

mod export;
mod me;
mod objects;
mod token;

use axum::{Extension, Router};
use service::{
    Foundation,
    rest::{self, About, Exports, OpenApiRouter, routes},
};

use crate::domain::Users;

const ABOUT: About = About {
    service: "users",
    description: "Logging in and out, and who is logged in. Whatever else there is of accounts and organizations is in the graph.",
};

/// `/api/users/…`
pub(crate) fn routes(users: Users, foundation: &Foundation) -> Router {
    rest::mount(ABOUT, v1().with_state(users), foundation)
}

/// The OpenAPI document.
pub(crate) fn openapi() -> serde_json::Value {
    rest::document(ABOUT, v1().into_openapi())
}

fn v1() -> OpenApiRouter<Users> {
    OpenApiRouter::new()
        .routes(routes!(token::log_in))
        .routes(routes!(token::complete_login))
        .routes(routes!(token::refresh_session))
        .routes(routes!(token::log_out))
        .routes(routes!(me::me))
        .merge(exports())
}

fn exports() -> OpenApiRouter<Users> {
    OpenApiRouter::new()
        .routes(routes!(export::export))
        .layer(Extension(Exports::new("users", &export::KINDS)))
}
