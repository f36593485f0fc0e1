use std::time::Duration;

use kernel::{Error, Fault};

/// The other side did not answer within the limit. Whether it did what was asked is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there was no answer within {} s", .limit.as_secs_f64())]
pub struct TookTooLong {
    /// The limit.
    pub limit: Duration,
}

/// Tells failures of the other side from refusals of the business and from our own mistakes.
pub trait Outage: From<Fault> {
    /// True when the other side is to blame: no connection, no answer, an error of its own.
    fn is_outage(&self) -> bool;
}

/// What passes is the other side's.
impl Outage for Fault {
    fn is_outage(&self) -> bool {
        self.passing
    }
}

/// A refusal is an answer like any other.
impl Outage for Error {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Broken(fault) if fault.passing)
    }
}
