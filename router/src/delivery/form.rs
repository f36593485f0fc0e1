use hive_router::ntex::util::Bytes;

/// The form in which a client wants what may come in several pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `text/event-stream`, as graphql-sse has it.
    Events,
    /// `multipart/mixed`, as incremental delivery has it.
    Parts,
    /// `multipart/mixed;subscriptionSpec=1.0`, Apollo's.
    Payloads,
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

const PART: &str = "---\r\nContent-Type: application/json\r\n\r\n";
const PAYLOAD: &str = "--graphql\r\nContent-Type: application/json\r\n\r\n";

impl Form {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Parts => "multipart/mixed;boundary=\"-\"",
            Self::Payloads => "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0",
        }
    }

    /// A result as it stands in an answer of this form.
    pub(crate) fn next(self, result: &[u8]) -> Bytes {
        match self {
            Self::Events => framed("event: next\ndata: ", result, "\n\n"),
            Self::Parts => framed(PART, result, "\r\n"),
            Self::Payloads => framed(&format!("{PAYLOAD}{{\"payload\":"), result, "}\r\n"),
        }
    }

    /// Nothing, where the form has no such piece.
    pub(super) fn write(self, piece: &Piece) -> Option<Bytes> {
        Some(match (self, piece) {
            (_, Piece::Next(result)) => self.next(result),
            // Without data a browser's EventSource would not tell its page, and connect again for ever.
            (Self::Events, Piece::Complete) => Bytes::from_static(b"event: complete\ndata:\n\n"),
            (Self::Events, Piece::Beat) => Bytes::from_static(b":\n\n"),
            (Self::Parts, Piece::Complete) => Bytes::from_static(b"-----"),
            (Self::Parts, Piece::Beat) => return None,
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
