//! Words errors on live connections, whose messages plugins do not see.
//!
//! Hive-router answers a request through its plugins, but writes the messages of a running subscription, and all
//! refusals on a WebSocket, by itself. So these are reworded on their way out: those of event streams in the body, those
//! of a WebSocket in the bytes that go to the socket. Messages without errors pass untouched.

use std::{
    cell::{Cell, RefCell},
    fmt, io,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use hive_router::{
    GraphQLError,
    http::{StatusCode, header},
    ntex::{
        http::body::{Body, BodySize, MessageBody},
        io::{FilterBuf, FilterLayer, IoRef},
        util::Bytes,
        web::WebResponse,
    },
    sonic_rs,
};

use crate::{errors::Wording, nesting::ClientFrames};

/// A layer of each connection; does nothing until the connection has become a WebSocket.
pub(crate) struct RewordedFrames {
    wording: Arc<Wording>,
    websocket: Rc<Cell<bool>>,
    received: RefCell<ClientFrames>,
}

/// What the layer is asked for when the connection becomes a WebSocket.
struct Switch(Rc<Cell<bool>>);

impl RewordedFrames {
    pub(crate) fn new(wording: Arc<Wording>) -> Self {
        Self { wording, websocket: Rc::default(), received: RefCell::default() }
    }

    /// From now on, what is written to this connection is the upgrade's answer and then frames, and what is read
    /// from it is frames.
    pub(crate) fn begin(connection: &IoRef) {
        if let Some(Switch(websocket)) = connection.query::<Switch>().as_ref() {
            websocket.set(true);
        }
    }
}

impl fmt::Debug for RewordedFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RewordedFrames").field("websocket", &self.websocket).finish_non_exhaustive()
    }
}

impl FilterLayer for RewordedFrames {
    fn query(&self, id: std::any::TypeId) -> Option<Box<dyn std::any::Any>> {
        (id == std::any::TypeId::of::<Switch>()).then(|| Box::new(Switch(self.websocket.clone())) as _)
    }

    fn process_read_buf(&self, buffer: &FilterBuf<'_>) -> io::Result<()> {
        buffer.with_read_buffers(|from, to| {
            let Some(read) = from.take() else { return Ok(()) };
            if self.websocket.get() && !self.received.borrow_mut().takes(&read) {
                return Err(io::Error::other("a message is nested too deeply"));
            }
            to.extend_from_slice(&read);
            Ok(())
        })
    }

    fn process_write_buf(&self, buffer: &FilterBuf<'_>) -> io::Result<()> {
        buffer.with_write_buffers(|from, to| {
            if !self.websocket.get() || from.is_empty() {
                from.move_to(to);
                return;
            }
            let written = from.freeze();
            match frames(&written, &self.wording) {
                Some(reworded) => to.append(Bytes::from(reworded)),
                None => to.append(written),
            }
        });
        Ok(())
    }
}

/// The same for an event stream.
pub(crate) fn event_stream(response: WebResponse, wording: Arc<Wording>) -> WebResponse {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return response;
    }
    response.map_body(|_, body| {
        Body::from_message(RewordedEvents { body: body.into_body().into(), wording }).into()
    })
}

struct RewordedEvents {
    body: Body,
    wording: Arc<Wording>,
}

impl MessageBody for RewordedEvents {
    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Rc<dyn std::error::Error>>>> {
        self.body.poll_next_chunk(context).map_ok(|chunk| match events(&chunk, &self.wording) {
            Some(reworded) => Bytes::from(reworded),
            None => chunk,
        })
    }
}

/// Frames as the server sends them, unmasked and whole, perhaps after the upgrade's answer; `None` to change nothing.
fn frames(written: &[u8], wording: &Wording) -> Option<Vec<u8>> {
    const WHOLE_TEXT: u8 = 0x81;
    let mut changed = None;
    let mut at = 0;
    if written.starts_with(b"HTTP/") {
        at = written.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    }
    while let Some((kind, start, end)) = frame(written, at) {
        let reworded = (kind == WHOLE_TEXT)
            .then(|| std::str::from_utf8(&written[start..end]).ok())
            .flatten()
            .and_then(|message| websocket_message(message, wording));
        if let Some(message) = reworded {
            let out = changed.get_or_insert_with(|| written[..at].to_vec());
            push_frame(out, kind, message.as_bytes());
        } else if let Some(out) = &mut changed {
            out.extend_from_slice(&written[at..end]);
        }
        at = end;
    }
    if let Some(out) = &mut changed {
        out.extend_from_slice(&written[at..]);
    }
    changed
}

/// The frame at `at`: its first byte, and where its payload starts and ends.
fn frame(written: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let [kind, length, rest @ ..] = written.get(at..)? else { return None };
    let (head, length) = match *length {
        126 => (4, usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    let start = at + head;
    let end = start.checked_add(length)?;
    (end <= written.len()).then_some((*kind, start, end))
}

fn push_frame(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    out.push(kind);
    match payload.len() {
        short @ 0..126 => out.push(u8::try_from(short).expect("it is below 126")),
        length => {
            if let Ok(length) = u16::try_from(length) {
                out.push(126);
                out.extend_from_slice(&length.to_be_bytes());
            } else {
                out.push(127);
                out.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
    }
    out.extend_from_slice(payload);
}

fn websocket_message(message: &str, wording: &Wording) -> Option<String> {
    if message.contains("\"errors\"") {
        splice(message, &["payload", "errors"], wording)
    } else if message.contains("\"type\":\"error\"") {
        splice(message, &["payload"], wording)
    } else {
        None
    }
}

fn events(chunk: &[u8], wording: &Wording) -> Option<String> {
    let text = std::str::from_utf8(chunk).ok().filter(|text| text.contains("\"errors\""))?;
    let mut reworded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let data = line.strip_prefix("data:").and_then(|data| splice(data, &["errors"], wording));
        match data {
            Some(data) => {
                reworded.push_str("data:");
                reworded.push_str(&data);
            }
            None => reworded.push_str(line),
        }
    }
    Some(reworded)
}

/// Rewords the errors at `path`, and leaves every other byte as it was.
fn splice(json: &str, path: &[&str], wording: &Wording) -> Option<String> {
    let found = sonic_rs::get(json, path).ok()?;
    let raw = found.as_raw_str();
    let start = raw.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
    let (before, after) = (json.get(..start)?, json.get(start + raw.len()..)?);
    let errors: Vec<GraphQLError> = sonic_rs::from_str(raw).ok()?;
    let errors: Vec<_> = errors.into_iter().map(|error| wording.public(error, StatusCode::OK)).collect();
    Some(format!("{before}{}{after}", sonic_rs::to_string(&errors).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Jwks, RouterOptions, config};

    fn wording() -> Wording {
        let options =
            RouterOptions::new("type Query { a: Int }", "unused", Jwks::Url("http://127.0.0.1:1".into()));
        Wording::new(&config::hive_config(&options, &std::env::current_exe().unwrap(), 1).unwrap())
    }

    fn framed(messages: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for message in messages {
            push_frame(&mut out, 0x81, message.as_bytes());
        }
        out
    }

    #[test]
    fn frames_without_errors_are_left_alone() {
        let long = format!(r#"{{"type":"next","payload":{{"data":"{}"}}}}"#, "x".repeat(70_000));
        assert_eq!(frames(&framed(&[r#"{"type":"pong"}"#, &long]), &wording()), None);
    }

    #[test]
    fn only_the_errors_of_a_frame_change_whatever_stands_around_it() {
        let pong = r#"{"type":"pong"}"#;
        let medium = format!(r#"{{"type":"next","id":"1","payload":{{"data":"{}"}}}}"#, "x".repeat(300));
        let failed = r#"{"id":"1","type":"next","payload":{"data":{"z":1,"a":2.50},"errors":[{"message":"ws://10.0.0.7 gone","extensions":{"code":"SUBGRAPH_WEBSOCKET_CLIENT_FAILURE","service":"tickets"}}]}}"#;
        let mut written = b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec();
        written.extend(framed(&[pong, failed, &medium]));
        let reworded = frames(&written, &wording()).unwrap();
        let text = String::from_utf8_lossy(&reworded);
        assert!(text.starts_with("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
        assert!(
            text.contains(r#""data":{"z":1,"a":2.50}"#) && text.contains(r#""code":"SERVICE_UNAVAILABLE""#),
            "{text}"
        );
        assert!(!text.contains("10.0.0.7") && !text.contains("tickets"), "{text}");
        assert!(text.ends_with(&medium));

        let mut at = 36;
        let mut count = 0;
        while let Some((_, _, end)) = frame(&reworded, at) {
            (at, count) = (end, count + 1);
        }
        assert_eq!((at, count), (reworded.len(), 3));
    }
}
