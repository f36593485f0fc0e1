use std::sync::Arc;

use hive_router::ntex::{
    self,
    io::IoBoxed,
    util::{Bytes, BytesMut, Either},
    ws::{Codec, Frame, Message},
};
use tokio::{
    sync::mpsc,
    time::{Duration, Instant, MissedTickBehavior, interval, sleep_until, timeout, timeout_at},
};

use super::{
    Sockets,
    execute::Caller,
    frames::{Close, Heard, LARGEST_MESSAGE, Unfinished, write_text},
    message::{ACKNOWLEDGED, Answer, Answers, PONG, Said},
    operations::{NotBegun, Operations},
};
use crate::live::Following;

const LONGEST_HANDSHAKE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_secs(10);
/// Nothing heard for so long, not even an answer to a ping.
const LONGEST_SILENCE: Duration = Duration::from_secs(25);
/// What the client does not take within this time it never takes.
const LONGEST_WRITE: Duration = Duration::from_secs(10);
const LONGEST_CLOSE: Duration = Duration::from_secs(1);
/// Answers that wait to be written. Whoever is slower misses frames, which carry versions.
const WAITING: usize = 16;

/// How a socket ends.
enum End {
    /// We say why.
    Close(Close),
    /// The client said goodbye, and hears it back.
    Goodbye(Message),
    /// Nobody is there any more.
    Gone,
}

struct Socket<'a> {
    io: &'a IoBoxed,
    codec: &'a Codec,
    caller: Caller,
    acknowledged: bool,
    unfinished: Unfinished,
    operations: Operations,
    answers: mpsc::Sender<Answer>,
    sockets: &'a Sockets,
}

/// Serves one socket until it ends. Without a caller it speaks no protocol of ours.
pub(super) async fn serve(
    io: IoBoxed,
    caller: Option<Caller>,
    sockets: &Arc<Sockets>,
    mut following: Following,
) {
    let codec = Codec::new().max_size(LARGEST_MESSAGE);
    let Some(caller) = caller else {
        return goodbye(&io, &codec, End::Close(Close::OTHER_PROTOCOL)).await;
    };
    let (answers, waiting) = mpsc::channel(WAITING);
    let socket = Socket {
        io: &io,
        codec: &codec,
        caller,
        acknowledged: false,
        unfinished: Unfinished::default(),
        operations: Operations::new(sockets.limits),
        answers,
        sockets,
    };
    let end = socket.talk(waiting, &mut following).await;
    goodbye(&io, &codec, end).await;
}

impl Socket<'_> {
    async fn talk(mut self, mut waiting: mpsc::Receiver<Answer>, following: &mut Following) -> End {
        let handshake = Instant::now() + LONGEST_HANDSHAKE;
        let mut heard = Instant::now();
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let said = tokio::select! {
                () = following.stopped() => Err(End::Close(Close::GOING_AWAY)),
                () = sleep_until(handshake), if !self.acknowledged => Err(End::Close(Close::NOT_INITIALISED)),
                frame = self.io.recv(self.codec) => {
                    heard = Instant::now();
                    match frame {
                        Ok(Some(frame)) => match self.unfinished.hear(frame) {
                            Ok(heard) => self.answer(heard),
                            Err(close) => Err(End::Close(close)),
                        },
                        Err(Either::Left(error)) => Err(End::Close(error.into())),
                        Ok(None) | Err(Either::Right(_)) => Err(End::Gone),
                    }
                }
                Some(answer) = waiting.recv() => {
                    let written = self.write(&answer);
                    // What else waits goes with it.
                    written.and_then(|()| {
                        while let Ok(answer) = waiting.try_recv() {
                            self.write(&answer)?;
                        }
                        Ok(())
                    })
                }
                _ = beats.tick() => {
                    if heard.elapsed() > LONGEST_SILENCE {
                        Err(End::Close(Close::SILENT))
                    } else {
                        self.send(Message::Ping(Bytes::new()))
                    }
                }
            };
            if let Err(end) = said {
                return end;
            }
            if !matches!(timeout(LONGEST_WRITE, self.io.flush(false)).await, Ok(Ok(()))) {
                return End::Gone;
            }
        }
    }

    fn answer(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::Text(text) => {
                let said = Said::read(&text).map_err(End::Close)?;
                self.obey(said)
            }
            Heard::Ping(data) => self.send(Message::Pong(data)),
            Heard::Nothing => Ok(()),
            Heard::Goodbye(reason) => Err(End::Goodbye(Message::Close(reason))),
        }
    }

    fn obey(&mut self, said: Said) -> Result<(), End> {
        match said {
            Said::Init(_) if self.acknowledged => Err(End::Close(Close::INITIALISED_TWICE)),
            Said::Init(headers) => {
                self.caller.say(headers);
                self.acknowledged = true;
                self.write_text(&[ACKNOWLEDGED])
            }
            Said::Ping => self.write_text(&[PONG]),
            Said::Pong => Ok(()),
            Said::Subscribe { .. } | Said::Complete { .. } if !self.acknowledged => {
                Err(End::Close(Close::UNAUTHORIZED))
            }
            Said::Subscribe { id, operation } => self.subscribe(id, operation),
            Said::Complete { id } => {
                self.operations.complete(&id);
                Ok(())
            }
        }
    }

    /// Begins an operation; the next message is read while it runs.
    fn subscribe(&mut self, id: String, operation: String) -> Result<(), End> {
        let answers = Answers::to(&id);
        match self.operations.begin(id, self.caller.is_anonymous()) {
            Ok(running) => {
                let (caller, socket) = (self.caller.clone(), self.answers.clone());
                let wording = self.sockets.wording.clone();
                ntex::rt::spawn(caller.run(operation, running, answers, socket, wording));
                Ok(())
            }
            Err(NotBegun::Refused(refusal)) => self.write(&answers.refusal(&refusal)),
            Err(NotBegun::Closed(close)) => Err(End::Close(close)),
        }
    }

    fn write(&self, answer: &Answer) -> Result<(), End> {
        self.write_text(&answer.pieces())
    }

    fn write_text(&self, pieces: &[&[u8]]) -> Result<(), End> {
        write_text(self.io, pieces).map_err(|_| End::Gone)
    }

    fn send(&self, message: Message) -> Result<(), End> {
        self.io.encode(message, self.codec).map_err(|_| End::Gone)
    }
}

/// Says why, hears the other side's answer, and hangs up.
async fn goodbye(io: &IoBoxed, codec: &Codec, end: End) {
    let until = Instant::now() + LONGEST_CLOSE;
    match end {
        End::Gone => {}
        End::Goodbye(answer) => {
            if io.encode(answer, codec).is_ok() {
                timeout_at(until, io.flush(true)).await.ok();
            }
        }
        End::Close(close) => {
            tracing::debug!(?close, "socket closed");
            if io.encode(close.message(), codec).is_ok() {
                timeout_at(until, io.flush(true)).await.ok();
                // Hanging up on somebody who still sends would lose what was said.
                timeout_at(until, last_words(io, codec)).await.ok();
            }
        }
    }
    timeout(LONGEST_CLOSE, io.shutdown()).await.ok();
}

/// Until the other side has said goodbye as well, or hangs up. What else it says is of no use any more.
async fn last_words(io: &IoBoxed, codec: &Codec) {
    loop {
        match io.recv(codec).await {
            Ok(Some(Frame::Close(_)) | None) | Err(Either::Right(_)) => return,
            Ok(Some(_)) => {}
            Err(Either::Left(_)) => break,
        }
    }
    // It is not even frames.
    while let Ok(Some(())) = io.read_ready().await {
        io.with_read_buf(BytesMut::clear);
    }
}
