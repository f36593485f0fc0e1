//! How an answer reaches a client that wants a stream: as server-sent events or in parts.
//!
//! Hive-router can answer in each form, but refuses whatever is no subscription to those who accept streams only, a
//! mutation even after it was carried out (pipeline/mod.rs, `UnsupportedContentType`); it writes an end that
//! `EventSource` does not see (pipeline/sse.rs); and plugins see none of what it writes. So it is always asked for plain
//! JSON or server-sent events, and its answer is put into the form that the client wants here.

use std::{
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use hive_router::{
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    },
    ntex::{
        http::body::{Body, BodySize, MessageBody, ResponseBody},
        util::Bytes,
        web::{DefaultError, WebRequest, WebResponse, test::TestRequest},
    },
    pipeline::header::{RequestAccepts as _, ResponseMode, StreamContentType},
};

use crate::{errors::Wording, payload};

/// The form in which a client wants what may come in several pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `text/event-stream`, as graphql-sse has it.
    Events,
    /// `multipart/mixed`, as incremental delivery has it.
    Parts,
    /// `multipart/mixed;subscriptionSpec=1.0`, Apollo's.
    Payloads,
}

/// What a client said of the answer's form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    form: Form,
    /// Whether it takes nothing else, not even plain JSON.
    only: bool,
}

/// One piece of hive-router's event stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A result.
    Next(Bytes),
    /// There are no more.
    Complete,
    /// Nothing happened, for so long that somebody on the way might think that nobody is there.
    Beat,
}

impl Piece {
    /// Hive-router writes one piece at a time.
    pub(crate) fn read(chunk: &Bytes) -> Self {
        const NEXT: &[u8] = b"event: next\ndata: ";
        if chunk.starts_with(NEXT) && chunk.ends_with(b"\n\n") {
            Self::Next(chunk.slice(NEXT.len()..chunk.len() - 2))
        } else if chunk.starts_with(b"event: complete") {
            Self::Complete
        } else {
            Self::Beat
        }
    }
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

    /// The answer in that form.
    pub(crate) fn deliver(self, response: WebResponse, wording: &Arc<Wording>) -> WebResponse {
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_stream = kind.starts_with("text/event-stream");
        let is_single = kind.contains("json") && !response.headers().contains_key(RETRY_AFTER);
        if !(is_stream || is_single && self.only) {
            return response;
        }
        let wording = wording.clone();
        let mut response = response.map_body(|_, body| {
            let body: Body = body.into_body::<Body>().into();
            let body = if is_stream {
                Body::from_message(Stream { body, form: self.form, wording, ended: false })
            } else {
                Body::from_message(Single { body, form: self.form, read: Vec::new(), ended: false })
            };
            ResponseBody::Other(body)
        });
        *response.response_mut().status_mut() = StatusCode::OK;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.form.media_type()).into());
        response
    }
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Parts => "multipart/mixed;boundary=\"-\"",
            Self::Payloads => "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0",
        }
    }

    /// Nothing, where the form has no such piece.
    fn write(self, piece: &Piece) -> Option<Bytes> {
        const PART: &str = "---\r\nContent-Type: application/json\r\n\r\n";
        const PAYLOAD: &str = "--graphql\r\nContent-Type: application/json\r\n\r\n";
        Some(match (self, piece) {
            (Self::Events, Piece::Next(result)) => framed("event: next\ndata: ", result, "\n\n"),
            // Without data a browser's EventSource would not tell its page, and connect again for ever.
            (Self::Events, Piece::Complete) => Bytes::from_static(b"event: complete\ndata:\n\n"),
            (Self::Events, Piece::Beat) => Bytes::from_static(b":\n\n"),
            (Self::Parts, Piece::Next(result)) => framed(PART, result, "\r\n"),
            (Self::Parts, Piece::Complete) => Bytes::from_static(b"-----"),
            (Self::Parts, Piece::Beat) => return None,
            (Self::Payloads, Piece::Next(result)) => {
                framed(&format!("{PAYLOAD}{{\"payload\":"), result, "}\r\n")
            }
            (Self::Payloads, Piece::Complete) => Bytes::from_static(b"--graphql--"),
            (Self::Payloads, Piece::Beat) => framed(PAYLOAD, b"{}", "\r\n"),
        })
    }
}

fn framed(before: &str, payload: &[u8], after: &str) -> Bytes {
    let mut out = Vec::with_capacity(before.len() + payload.len() + after.len());
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(after.as_bytes());
    out.into()
}

type Chunk = Option<Result<Bytes, Rc<dyn std::error::Error>>>;

/// Several results.
struct Stream {
    body: Body,
    form: Form,
    wording: Arc<Wording>,
    ended: bool,
}

impl MessageBody for Stream {
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next_chunk(&mut self, context: &mut Context<'_>) -> Poll<Chunk> {
        while !self.ended {
            let Some(chunk) = ready!(self.body.poll_next_chunk(context)) else { break };
            let piece = match chunk {
                Ok(chunk) => Piece::read(&chunk),
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            let piece = match piece {
                Piece::Next(result) => Piece::Next(payload::reworded(result, &self.wording)),
                other => other,
            };
            self.ended = piece == Piece::Complete;
            if let Some(written) = self.form.write(&piece) {
                return Poll::Ready(Some(Ok(written)));
            }
        }
        Poll::Ready(None)
    }
}

/// One result, and then no more.
struct Single {
    body: Body,
    form: Form,
    read: Vec<u8>,
    ended: bool,
}

impl MessageBody for Single {
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next_chunk(&mut self, context: &mut Context<'_>) -> Poll<Chunk> {
        if self.ended {
            return Poll::Ready(None);
        }
        while let Some(chunk) = ready!(self.body.poll_next_chunk(context)) {
            match chunk {
                Ok(chunk) => self.read.extend_from_slice(&chunk),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        self.ended = true;
        let result = Piece::Next(std::mem::take(&mut self.read).into());
        let pieces = [result, Piece::Complete];
        let written: Vec<u8> = pieces.iter().filter_map(|piece| self.form.write(piece)).flatten().collect();
        Poll::Ready(Some(Ok(written.into())))
    }
}
