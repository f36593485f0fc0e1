//! How an answer reaches a client that wants a stream: as server-sent events or in parts.
//!
//! Hive-router can answer in each form, but refuses whatever is no subscription to those who accept streams only, a
//! mutation even after it was carried out (pipeline/mod.rs, `UnsupportedContentType`); it writes an end that
//! `EventSource` does not see (pipeline/sse.rs); and plugins see none of what it writes. So it is always asked for plain
//! JSON or server-sent events, and its answer is put into the form that the client wants here.

mod bodies;
mod form;

use std::sync::Arc;

use hive_router::{
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    },
    ntex::{
        http::body::{Body, ResponseBody},
        web::{DefaultError, WebRequest, WebResponse, test::TestRequest},
    },
    pipeline::header::{RequestAccepts as _, ResponseMode, StreamContentType},
    telemetry::metrics::subscription_metrics::SubscriptionTransport,
};

use self::bodies::{Single, Source, Stream};
pub(crate) use self::form::{Form, Piece};
use crate::{errors::Wording, live::Live, sharing::Viewer};

/// What a client said of the answer's form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    form: Form,
    /// Whether it takes nothing else, not even plain JSON.
    only: bool,
}

impl Delivery {
    /// What this request asks for; it then accepts what hive-router does well.
    pub(crate) fn asked(request: &mut WebRequest<DefaultError>) -> Option<Self> {
        let accepted = request.headers().get(ACCEPT).cloned();
        let accepted = accepted.filter(|accepted| !accepted.is_empty());
        let mode = match &accepted {
            None => ResponseMode::Dual(<_>::default(), StreamContentType::default()),
            Some(accepted) => {
                let asked = TestRequest::default().header(ACCEPT, accepted.clone()).to_http_request();
                asked.negotiate(false).ok()?
            }
        };
        let single = mode.single_content_type().map_or("application/json", Into::into);
        let form = match mode.stream_content_type()? {
            StreamContentType::SSE => Form::Events,
            StreamContentType::IncrementalDelivery => Form::Parts,
            StreamContentType::ApolloMultipartHTTP => Form::Payloads,
        };
        let accept = HeaderValue::from_str(&format!("{single}, text/event-stream")).ok()?;
        request.headers_mut().insert(ACCEPT, accept.into());
        Some(Self { form, only: !mode.can_single() })
    }

    /// The answer in that form. A stream ends when the router stops.
    pub(crate) fn deliver(self, response: WebResponse, wording: &Arc<Wording>, live: &Live) -> WebResponse {
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_stream = kind.starts_with("text/event-stream");
        let is_single = kind.contains("json") && !response.headers().contains_key(RETRY_AFTER);
        if !(is_stream || is_single && self.only) {
            return response;
        }
        self.with_body(response, |body| {
            if is_stream {
                let source = Source::Own { body, wording: wording.clone() };
                Body::from_message(Stream::new(source, self.form, live.follow()))
            } else {
                Body::from_message(Single::new(body, self.form))
            }
        })
    }

    /// What this viewer sees, in that form, in place of the answer.
    pub(crate) fn show(self, response: WebResponse, viewer: Viewer, live: &Live) -> WebResponse {
        let viewer = viewer.counted(match self.form {
            Form::Events => SubscriptionTransport::HttpSse,
            Form::Parts | Form::Payloads => SubscriptionTransport::HttpMultipart,
        });
        let stream = Stream::new(Source::shared(viewer), self.form, live.follow());
        self.with_body(response, |_| Body::from_message(stream))
    }

    fn with_body(self, response: WebResponse, make: impl FnOnce(Body) -> Body) -> WebResponse {
        let mut response =
            response.map_body(|_, body| ResponseBody::Other(make(body.into_body::<Body>().into())));
        *response.response_mut().status_mut() = StatusCode::OK;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.form.media_type()).into());
        response
    }
}
