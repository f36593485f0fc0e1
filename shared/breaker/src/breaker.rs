use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use failsafe::StateMachine;
use kernel::{Fault, LeftAlone};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    Settings,
    fault::{Outage, TookTooLong},
    policy::Policy,
    state::{Position, State},
};

/// Stands before one other side. Clones stand before the same one, and know the same.
#[derive(Clone)]
pub struct Breaker(Arc<Inner>);

struct Inner {
    /// Locked around each step, so that what it tells `state` is told in order.
    machine: Mutex<StateMachine<Policy, State>>,
    state: State,
    /// Held by the one call that a half-open breaker lets through.
    trial: Arc<Semaphore>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breaker({}, {:?})", self.0.state.name, self.0.state.position())
    }
}

impl Breaker {
    /// A closed breaker before the other side of this name, as logs and metrics have it: `Stripe`,
    /// `database of tickets`.
    pub fn new(name: impl Into<Cow<'static, str>>, settings: Settings) -> Self {
        let state = State::closed(name.into());
        let machine = StateMachine::new(Policy::new(&settings, state.clone()), state.clone());
        Self(Arc::new(Inner { machine: Mutex::new(machine), state, trial: Arc::new(Semaphore::new(1)) }))
    }

    /// The other side's name.
    pub fn name(&self) -> &str {
        &self.0.state.name
    }

    /// Makes the call, within the limit.
    ///
    /// Without a call, it is a passing fault while the other side is left alone:
    /// [`Fault::left_alone`] tells it from others. No answer within the limit is a passing fault too, and whether the other side
    /// did what was asked is then not known. Only what [`Outage`] blames on the other side counts
    /// against it. A call that is dropped counts for nothing.
    pub async fn call<T, E: Outage>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let entry = self.enter()?;
        let begun = Instant::now();
        let outcome = tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            let doing = format!("asking {}", self.name());
            Err(Fault::passing(doing, TookTooLong { limit }).into())
        });
        metrics::histogram!("outgoing_seconds", "name" => self.0.state.name.clone())
            .record(begun.elapsed().as_secs_f64());
        match &outcome {
            Err(error) if error.is_outage() => entry.failed(),
            _ => entry.succeeded(),
        }
        outcome
    }

    /// Leave to ask the other side, for those whose call has no one place: its outcome is told to the
    /// entry. Refused with a passing fault while the other side is left alone.
    pub fn enter(&self) -> Result<Entry, Fault> {
        if !self.machine(StateMachine::is_call_permitted) {
            return Err(self.refusal());
        }
        let trial = match self.0.state.position() {
            Position::Closed => None,
            // failsafe lets everybody through a half-open breaker; here it is one at a time.
            Position::HalfOpen | Position::Open => {
                Some(self.0.trial.clone().try_acquire_owned().map_err(|_| self.refusal())?)
            }
        };
        Ok(Entry { breaker: self.clone(), _trial: trial })
    }

    /// True unless the other side answers, as far as is known.
    pub fn is_open(&self) -> bool {
        self.0.state.position() != Position::Closed
    }

    /// For how much longer every call is refused; none when the next one is made.
    pub fn rest(&self) -> Option<Duration> {
        let another = self.0.state.another();
        (self.0.state.position() == Position::Open && !another.is_zero()).then_some(another)
    }

    fn refusal(&self) -> Fault {
        metrics::counter!("breaker_refusals_total", "name" => self.0.state.name.clone()).increment(1);
        Fault::passing(format!("asking {}", self.name()), LeftAlone { another: self.0.state.another() })
    }

    fn machine<T>(&self, step: impl FnOnce(&StateMachine<Policy, State>) -> T) -> T {
        step(&self.0.machine.lock().expect("no holder of this lock panics"))
    }
}

/// Leave to ask the other side. Dropped without a word, it counts for nothing.
#[derive(Debug)]
#[must_use = "the outcome is to be told"]
pub struct Entry {
    breaker: Breaker,
    _trial: Option<OwnedSemaphorePermit>,
}

impl Entry {
    /// The other side answered.
    pub fn succeeded(self) {
        self.breaker.machine(StateMachine::on_success);
    }

    /// The other side failed.
    pub fn failed(self) {
        metrics::counter!("breaker_failures_total", "name" => self.breaker.0.state.name.clone()).increment(1);
        self.breaker.machine(StateMachine::on_error);
    }
}
