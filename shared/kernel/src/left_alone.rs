use std::time::Duration;

use crate::Fault;

/// A call that was not made, since the other side fails and is left alone for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it fails, and is not asked for another {} s", .another.as_secs_f64().ceil().max(1.0))]
pub struct LeftAlone {
    /// How much longer it is left alone; zero while another call finds out whether it is back.
    pub another: Duration,
}

impl Fault {
    /// Set if the other side was not asked at all. Who keeps a queue takes this for "later", and counts
    /// no attempt.
    pub fn left_alone(&self) -> Option<LeftAlone> {
        self.cause.as_ref()?.downcast_ref().copied()
    }
}
