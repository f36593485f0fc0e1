use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use failsafe::Instrument;

/// What a breaker does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    Closed,
    HalfOpen,
    Open,
}

#[derive(Debug)]
struct Now {
    position: Position,
    until: Instant,
}

/// Where a breaker stands, for those who ask, for metrics and for the log.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) name: Cow<'static, str>,
    now: Arc<Mutex<Now>>,
}

impl State {
    pub(crate) fn closed(name: Cow<'static, str>) -> Self {
        let now = Now { position: Position::Closed, until: Instant::now() };
        Self { name, now: Arc::new(Mutex::new(now)) }
    }

    pub(crate) fn position(&self) -> Position {
        self.now.lock().expect("no holder of this lock panics").position
    }

    /// How much longer it stays open.
    pub(crate) fn another(&self) -> Duration {
        self.now
            .lock()
            .expect("no holder of this lock panics")
            .until
            .saturating_duration_since(Instant::now())
    }

    pub(crate) fn ends(&self, until: Instant) {
        self.now.lock().expect("no holder of this lock panics").until = until;
    }

    /// Sets the position; true if it was another one.
    fn enters(&self, position: Position) -> bool {
        let gauge = match position {
            Position::Closed => 0.0,
            Position::HalfOpen => 1.0,
            Position::Open => 2.0,
        };
        metrics::gauge!("breaker_state", "name" => self.name.clone()).set(gauge);
        let before = &mut self.now.lock().expect("no holder of this lock panics").position;
        std::mem::replace(before, position) != position
    }
}

impl Instrument for State {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        if self.enters(Position::Open) {
            let seconds = self.another().as_secs_f64();
            tracing::warn!(name = %self.name, seconds, "it fails, and is left alone for a while");
        }
    }

    fn on_half_open(&self) {
        if self.enters(Position::HalfOpen) {
            tracing::info!(name = %self.name, "one call finds out whether it is back");
        }
    }

    fn on_closed(&self) {
        if self.enters(Position::Closed) {
            tracing::info!(name = %self.name, "it is back");
        }
    }
}
