//! Messages out of frames, and how a socket is closed.

use std::io;

use hive_router::ntex::{
    io::IoBoxed,
    util::Bytes,
    ws::{CloseCode, CloseReason, Frame, Item, Message, error::ProtocolError},
};

/// Of one message, however many frames it comes in.
pub(super) const LARGEST_MESSAGE: usize = 64 * 1024;

/// Why a socket is closed, with the code that clients look at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    pub(super) const GOING_AWAY: Self = Self { code: 1001, reason: "The server goes away. Connect again." };
    pub(super) const PROTOCOL: Self = Self { code: 1002, reason: "These are no frames of a WebSocket." };
    pub(super) const NOT_TEXT: Self = Self { code: 1003, reason: "Messages are text here." };
    pub(super) const TOO_LARGE: Self = Self { code: 1009, reason: "A message may have 64 KiB." };
    pub(super) const SILENT: Self = Self { code: 1002, reason: "Pings were not answered." };
    pub(super) const UNAUTHORIZED: Self = Self { code: 4401, reason: "Unauthorized" };
    pub(super) const OTHER_PROTOCOL: Self = Self { code: 4406, reason: "Subprotocol not acceptable" };
    pub(super) const NOT_INITIALISED: Self = Self { code: 4408, reason: "Connection initialisation timeout" };
    pub(super) const ID_IN_USE: Self = Self { code: 4409, reason: "Subscriber already exists" };
    pub(super) const INITIALISED_TWICE: Self =
        Self { code: 4429, reason: "Too many initialisation requests" };
    pub(super) const TOO_MANY: Self = Self { code: 4429, reason: "Too many operations" };

    /// What a client said is no message of the protocol.
    pub(super) const fn bad_message(reason: &'static str) -> Self {
        Self { code: 4400, reason }
    }

    pub(super) fn message(&self) -> Message {
        let description = Some(self.reason.to_owned());
        Message::Close(Some(CloseReason { code: CloseCode::from(self.code), description }))
    }
}

impl From<ProtocolError> for Close {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow => Self::TOO_LARGE,
            _ => Self::PROTOCOL,
        }
    }
}

/// Writes one message of text that is given in pieces: each byte is copied once, into what goes out.
pub(super) fn write_text(to: &IoBoxed, pieces: &[&[u8]]) -> io::Result<()> {
    const LAST_FRAME_OF_TEXT: u8 = 0x81;
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    to.with_write_buf(|out| {
        if let Some(short) = u8::try_from(length).ok().filter(|short| *short < 126) {
            out.extend_from_slice(&[LAST_FRAME_OF_TEXT, short]);
        } else if let Ok(usual) = u16::try_from(length) {
            out.extend_from_slice(&[LAST_FRAME_OF_TEXT, 126]);
            out.extend_from_slice(&usual.to_be_bytes());
        } else {
            out.extend_from_slice(&[LAST_FRAME_OF_TEXT, 127]);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
        for piece in pieces {
            out.extend_from_slice(piece);
        }
    })
}

/// What has come.
#[derive(Debug)]
pub(super) enum Heard {
    Text(Bytes),
    Ping(Bytes),
    /// The other side wants to go.
    Goodbye(Option<CloseReason>),
    /// Nothing to answer.
    Nothing,
}

/// A message whose last frame has not come yet.
#[derive(Default)]
pub(super) struct Unfinished(Vec<u8>);

impl Unfinished {
    pub(super) fn hear(&mut self, frame: Frame) -> Result<Heard, Close> {
        Ok(match frame {
            Frame::Text(text) => Heard::Text(text),
            Frame::Ping(data) => Heard::Ping(data),
            Frame::Pong(_) => Heard::Nothing,
            Frame::Close(reason) => Heard::Goodbye(reason),
            Frame::Binary(_) | Frame::Continuation(Item::FirstBinary(_)) => return Err(Close::NOT_TEXT),
            Frame::Continuation(Item::FirstText(text)) => {
                self.0 = text.to_vec();
                Heard::Nothing
            }
            Frame::Continuation(Item::Continue(text)) => {
                self.append(&text)?;
                Heard::Nothing
            }
            Frame::Continuation(Item::Last(text)) => {
                self.append(&text)?;
                Heard::Text(std::mem::take(&mut self.0).into())
            }
        })
    }

    fn append(&mut self, text: &[u8]) -> Result<(), Close> {
        if self.0.len() + text.len() > LARGEST_MESSAGE {
            return Err(Close::TOO_LARGE);
        }
        self.0.extend_from_slice(text);
        Ok(())
    }
}
