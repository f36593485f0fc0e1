//! What is done to each answer on its way out.

use std::sync::Arc;

use hive_router::{
    GraphQLError,
    executor::{plugin_context::PluginContext, plugin_trait::from_graphql_error_to_bytes},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    ntex::{http::Response, web::WebResponse},
};

use crate::{
    cors::Allowed, cost::Cost, delivery::Delivery, errors::Wording, live::Live, problem::PROBLEM_JSON,
    sharing::Place, trusted,
};

/// Seconds.
const TRY_AGAIN_AFTER: &str = "5";
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of the request.
pub(crate) struct Outgoing {
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
        let answer = match trusted::answer(context) {
            Some(known) => answer.into_response(known),
            None => answer,
        };
        let mut answer = if is_turned_away(&answer) {
            answer.into_response(try_again(wording.too_many_clients()))
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

/// The answer to whoever asks the graph before it has been read.
pub(crate) fn starting(cors: Option<Allowed>, id: Option<HeaderValue>) -> Response {
    let mut answer = try_again(Wording::starting());
    let headers = answer.headers_mut();
    if let Some(id) = id {
        headers.insert(REQUEST_ID, id.into());
    }
    if let Some(allowed) = cors {
        allowed.mark(headers);
    }
    answer
}

fn try_again(refusal: GraphQLError) -> Response {
    Response::build(StatusCode::SERVICE_UNAVAILABLE)
        .header(RETRY_AFTER, TRY_AGAIN_AFTER)
        .content_type("application/json")
        .body(from_graphql_error_to_bytes(refusal))
}

/// The library does so with one live client too many (`pipeline/long_lived_client_limit.rs`): the one refusal of its that
/// is no GraphQL.
fn is_turned_away(answer: &WebResponse) -> bool {
    // A service's own refusal of a REST call is a problem, which stays one.
    let is_problem = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON);
    answer.status() == StatusCode::SERVICE_UNAVAILABLE
        && answer.headers().contains_key(RETRY_AFTER)
        && !is_problem
}
