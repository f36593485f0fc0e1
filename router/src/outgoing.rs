//! What is done to each answer on its way out.

use std::sync::Arc;

use hive_router::{
    executor::{plugin_context::PluginContext, plugin_trait::from_graphql_error_to_bytes},
    http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    ntex::{http::Response, web::WebResponse},
};

use crate::{cors::Allowed, cost::Cost, delivery::Delivery, errors::Wording, live::Live, sharing::Place};

/// Seconds.
const TRY_AGAIN_AFTER: &str = "5";
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of the request.
pub(crate) struct Outgoing {
    /// Whether the router had not read its supergraph when it came.
    pub(crate) is_starting: bool,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) live: Live,
    pub(crate) cors: Option<Allowed>,
    pub(crate) id: Option<HeaderValue>,
}

impl Outgoing {
    /// The answer in the form that the client wants, with what every answer says.
    pub(crate) fn dress(
        self,
        answer: WebResponse,
        context: &PluginContext,
        wording: &Arc<Wording>,
    ) -> WebResponse {
        let mut answer = if is_turned_away(&answer) {
            let refusal = if self.is_starting { Wording::starting() } else { wording.too_many_clients() };
            let response = Response::build(StatusCode::SERVICE_UNAVAILABLE)
                .header(RETRY_AFTER, TRY_AGAIN_AFTER)
                .content_type("application/json")
                .body(from_graphql_error_to_bytes(refusal));
            answer.into_response(response)
        } else {
            match (self.delivery, Place::taken(context)) {
                (Some(delivery), Some(viewer)) => delivery.show(answer, viewer, &self.live),
                (Some(delivery), None) => delivery.deliver(answer, wording, &self.live),
                (None, _) => answer,
            }
        };
        let headers = answer.headers_mut();
        if let Some(cost) = context.get_ref::<Cost>() {
            cost.mark(headers);
        }
        if let Some(id) = self.id {
            headers.insert(REQUEST_ID, id.into());
        }
        if let Some(allowed) = self.cors {
            allowed.mark(headers);
        }
        answer
    }
}

/// The library does so with one live client too many (`pipeline/long_lived_client_limit.rs`), and with everybody as long
/// as it reads its supergraph (`pipeline/mod.rs`, `NoSupergraphAvailable`): the one refusal of its that is no GraphQL.
fn is_turned_away(answer: &WebResponse) -> bool {
    answer.status() == StatusCode::SERVICE_UNAVAILABLE && answer.headers().contains_key(RETRY_AFTER)
}
