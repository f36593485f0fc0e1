//! Who watches what, and from where it comes.
//!
//! Whoever comes first begins a stream; whoever comes before anything has changed hears the same first frame and what
//! follows. Once something has changed, the first frame would be wrong: the next ones to come begin a second stream,
//! and share it. As soon as the two have told the same change, everybody follows the one of them, and the other ends. So
//! a crowd that comes bit by bit has two streams at times, and one in the end.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio_util::sync::CancellationToken;

use super::{frame::Frame, queue::Queue};

/// Different operations that are shared at a time; whoever wants another one has it alone.
const MOST: usize = 4_096;
/// Streams of one operation.
const MOST_STREAMS: usize = 2;
/// Frames by which two streams are found to tell the same.
const REMEMBERED: usize = 32;

/// All operations that are shared, by what they ask.
#[derive(Debug, Default)]
pub(super) struct Fans {
    all: Mutex<HashMap<Arc<str>, Arc<Fan>>>,
    numbers: AtomicU64,
}

/// The streams of one operation.
#[derive(Debug)]
struct Fan {
    asks: Arc<str>,
    streams: Mutex<Vec<Stream>>,
}

#[derive(Debug)]
struct Stream {
    number: u64,
    viewers: HashMap<u64, Arc<Queue>>,
    first: Option<Arc<Frame>>,
    /// What followed it.
    latest: VecDeque<Arc<Frame>>,
    stop: CancellationToken,
}

/// A viewer's place; leaving it is dropping it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) queue: Arc<Queue>,
    number: u64,
    fan: Arc<Fan>,
    fans: Arc<Fans>,
}

/// Feeds a stream; dropping it ends the stream.
#[derive(Debug)]
pub(super) struct Feed {
    number: u64,
    stop: CancellationToken,
    fan: Arc<Fan>,
    fans: Arc<Fans>,
}

impl Fans {
    /// A place among those who watch the same, and the stream's feed where one has to begin. Nothing, when this has to
    /// be watched alone.
    pub(super) fn join(self: &Arc<Self>, asks: &str) -> Option<(Seat, Option<Feed>)> {
        let mut all = self.all();
        let fan = match all.get(asks) {
            Some(fan) => fan.clone(),
            None if all.len() < MOST => {
                let asks: Arc<str> = asks.into();
                let fan = Arc::new(Fan { asks: asks.clone(), streams: Mutex::default() });
                all.insert(asks, fan.clone());
                fan
            }
            None => return None,
        };
        let (queue, number) = (Arc::<Queue>::default(), self.number());
        let mut streams = fan.streams();
        let has_room = streams.len() < MOST_STREAMS;
        let feed = match streams.iter_mut().find(|stream| stream.latest.is_empty()) {
            Some(stream) => {
                stream.first.iter().for_each(|first| queue.put(first.clone()));
                stream.viewers.insert(number, queue.clone());
                None
            }
            None if has_room => {
                let stream = Stream {
                    number: self.number(),
                    viewers: HashMap::from([(number, queue.clone())]),
                    first: None,
                    latest: VecDeque::new(),
                    stop: CancellationToken::new(),
                };
                let stop = stream.stop.clone();
                let feed = Feed { number: stream.number, stop, fan: fan.clone(), fans: self.clone() };
                streams.push(stream);
                Some(feed)
            }
            None => return None,
        };
        drop(streams);
        Some((Seat { queue, number, fan, fans: self.clone() }, feed))
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn forget(&self, fan: &Fan) {
        let mut all = self.all();
        if fan.streams().is_empty() {
            all.remove(&fan.asks);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Fan>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fan {
    fn streams(&self) -> MutexGuard<'_, Vec<Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn tell(&mut self, frame: &Arc<Frame>) {
        self.viewers.values().for_each(|viewer| viewer.put(frame.clone()));
        if self.first.is_none() {
            self.first = Some(frame.clone());
            return;
        }
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(frame.clone());
    }

    /// What this one has told since the other one's last frame, if it told that one as well.
    fn since(&self, other: &Self) -> Option<Vec<Arc<Frame>>> {
        let last = other.latest.back()?;
        let at = self.latest.iter().rposition(|frame| frame.is_same(last))?;
        Some(self.latest.range(at + 1..).cloned().collect())
    }

    /// Everybody who followed the other one follows this one.
    fn take_over(&mut self, mut other: Self, since: &[Arc<Frame>]) {
        for viewer in other.viewers.values() {
            for frame in since {
                viewer.put(frame.clone());
            }
        }
        self.viewers.extend(other.viewers.drain());
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.cancel();
        self.viewers.values().for_each(|viewer| viewer.end());
    }
}

/// Of two streams that have told the same, one goes on.
fn unite(streams: &mut Vec<Stream>) {
    let [one, other] = streams.as_slice() else { return };
    let (goes_on, since) = if let Some(since) = one.since(other) {
        (0, since)
    } else if let Some(since) = other.since(one) {
        (1, since)
    } else {
        return;
    };
    let ended = streams.remove(1 - goes_on);
    streams[0].take_over(ended, &since);
}

impl Feed {
    /// Hands a frame to all viewers. False, when nobody needs this stream any more.
    pub(super) fn tell(&self, frame: Frame) -> bool {
        let mut streams = self.fan.streams();
        let Some(stream) = streams.iter_mut().find(|stream| stream.number == self.number) else {
            return false;
        };
        stream.tell(&Arc::new(frame));
        unite(&mut streams);
        streams.iter().any(|stream| stream.number == self.number)
    }

    /// Until nobody needs this stream any more.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.fan.streams().retain(|stream| stream.number != self.number);
        self.fans.forget(&self.fan);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let is_empty = {
            let mut streams = self.fan.streams();
            streams.retain_mut(|stream| {
                stream.viewers.remove(&self.number).is_none() || !stream.viewers.is_empty()
            });
            streams.is_empty()
        };
        if is_empty {
            self.fans.forget(&self.fan);
        }
    }
}

#[cfg(test)]
mod tests;
