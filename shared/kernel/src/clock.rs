use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, SecondsFormat, Utc};

/// Where a service takes the time from.
///
/// Expiry of holds is not decided by this clock but by the database's, so that two machines whose
/// clocks differ agree.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// How far this process takes the machine's clock to be off, in milliseconds.
static OFF: AtomicI64 = AtomicI64::new(0);

impl SystemClock {
    /// Makes the clock of this process go wrong: what a machine does whose clock is off. Only a program for
    /// tests calls this.
    pub fn be_off_by(by: Duration) {
        OFF.store(by.num_milliseconds(), Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's one reader of the time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + Duration::milliseconds(OFF.load(Ordering::Relaxed))
    }
}

/// A clock that moves only when told to; for tests of rules about time.
#[derive(Debug)]
pub struct StoppedClock(Mutex<DateTime<Utc>>);

impl StoppedClock {
    /// A clock that shows `at`.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self(Mutex::new(at))
    }

    /// Moves the clock by `step`, backwards if negative.
    pub fn advance(&self, step: Duration) {
        *self.0.lock().expect("no holder of this lock panics") += step;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no holder of this lock panics")
    }
}

/// The machine's clock, of which ids are made, whatever a program takes the time to be.
#[expect(clippy::disallowed_methods, reason = "ids take the time by themselves, from this clock")]
pub(crate) fn when_ids_are_made() -> DateTime<Utc> {
    Utc::now()
}

/// The instant as clients read it, always in this one form of RFC 3339: `2026-11-28T00:47:55.377Z`.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The instant as columns keep it: milliseconds since 1970, UTC.
pub fn to_millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The instant of a column of milliseconds; one outside chrono's range reads as its nearest end.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_read_instants_in_one_form() {
        for (at, shown) in [
            ("2026-11-28T00:47:55Z", "2026-11-28T00:47:55.000Z"),
            ("2026-11-28T00:47:55.3779Z", "2026-11-28T00:47:55.377Z"),
            ("2026-11-28T01:47:55.377001+01:00", "2026-11-28T00:47:55.377Z"),
        ] {
            assert_eq!(rfc3339(at.parse().unwrap()), shown);
        }
    }
}
