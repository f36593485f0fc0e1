//! What waits for one viewer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::frame::Frame;

/// Frames that may wait for a viewer: some seconds of a busy stream.
pub(super) const WAITING: usize = 64;

/// Never makes anybody wait who puts something in: the oldest frame falls out, and the next one's position tells it.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Arc<Frame>>,
    missed: u64,
    ended: bool,
    waiting: Option<Waker>,
}

/// What came.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) frame: Arc<Frame>,
    /// How many fell out before it.
    pub(super) missed: u64,
}

impl Queue {
    pub(super) fn put(&self, frame: Arc<Frame>) {
        let mut state = self.state();
        if state.frames.len() == WAITING {
            state.frames.pop_front();
            state.missed += 1;
        }
        state.frames.push_back(frame);
        wake(state);
    }

    /// Nothing follows what waits.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        wake(state);
    }

    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Came>> {
        let mut state = self.state();
        if let Some(frame) = state.frames.pop_front() {
            return Poll::Ready(Some(Came { frame, missed: std::mem::take(&mut state.missed) }));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        state.waiting = Some(context.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waiting = state.waiting.take();
    drop(state);
    if let Some(waiting) = waiting {
        waiting.wake();
    }
}
