use std::{
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use hive_router::ntex::{
    http::body::{Body, BodySize, MessageBody},
    util::Bytes,
};
use tokio::time::{Duration, Instant, Interval, interval_at};

use super::form::{Form, Piece};
use crate::{errors::Wording, live::Following, payload, sharing::Viewer};

/// After so long without news a stream shows that it is still there.
const BEAT: Duration = Duration::from_secs(10);

type Chunk = Option<Result<Bytes, Rc<dyn std::error::Error>>>;

/// Several results.
pub(super) struct Stream {
    source: Source,
    form: Form,
    following: Following,
    ended: bool,
}

impl Stream {
    /// It ends when the router stops, whatever its source says.
    pub(super) fn new(source: Source, form: Form, following: Following) -> Self {
        Self { source, form, following, ended: false }
    }
}

/// From where they come.
pub(super) enum Source {
    /// Hive-router's answer to this request.
    Own { body: Body, wording: Arc<Wording> },
    /// What others watch as well.
    Shared { viewer: Viewer, beats: Interval },
}

impl Source {
    pub(super) fn shared(viewer: Viewer) -> Self {
        Self::Shared { viewer, beats: interval_at(Instant::now() + BEAT, BEAT) }
    }
}

impl MessageBody for Stream {
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next_chunk(&mut self, context: &mut Context<'_>) -> Poll<Chunk> {
        while !self.ended {
            let written = if self.following.poll_stopped(context).is_ready() {
                self.ended = true;
                self.form.write(&Piece::Complete)
            } else {
                match ready!(self.source.poll(self.form, context)) {
                    Some(Ok(Told::Written(written))) => Some(written),
                    Some(Ok(Told::Piece(piece))) => {
                        self.ended = piece == Piece::Complete;
                        self.form.write(&piece)
                    }
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => break,
                }
            };
            if let Some(written) = written {
                return Poll::Ready(Some(Ok(written)));
            }
        }
        Poll::Ready(None)
    }
}

/// What a source tells.
enum Told {
    Piece(Piece),
    /// For all who have this form.
    Written(Bytes),
}

impl Source {
    fn poll(
        &mut self,
        form: Form,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Told, Rc<dyn std::error::Error>>>> {
        match self {
            Self::Own { body, wording } => {
                let chunk = ready!(body.poll_next_chunk(context));
                Poll::Ready(chunk.map(|chunk| {
                    Ok(Told::Piece(match Piece::read(&chunk?) {
                        Piece::Next(result) => Piece::Next(payload::reworded(result, wording)),
                        other => other,
                    }))
                }))
            }
            Self::Shared { viewer, beats } => match viewer.poll_next(context) {
                Poll::Ready(Some(frame)) => {
                    beats.reset();
                    Poll::Ready(Some(Ok(Told::Written(frame.written(form)))))
                }
                Poll::Ready(None) => Poll::Ready(Some(Ok(Told::Piece(Piece::Complete)))),
                Poll::Pending => {
                    ready!(beats.poll_tick(context));
                    Poll::Ready(Some(Ok(Told::Piece(Piece::Beat))))
                }
            },
        }
    }
}

/// One result, and then no more.
pub(super) struct Single {
    body: Body,
    form: Form,
    read: Vec<u8>,
    ended: bool,
}

impl Single {
    pub(super) fn new(body: Body, form: Form) -> Self {
        Self { body, form, read: Vec::new(), ended: false }
    }
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
