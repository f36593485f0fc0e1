use chrono::{DateTime, Duration, Utc};
use kernel::Refusal;

use crate::domain::reasons;

/// How wrong passwords slow down whoever sends them.
///
/// They are counted for one address from one place: what somebody tries elsewhere slows down nobody but them. Where the
/// account's owner has logged in before, more is forgiven, and one never waits long: others may share the place.
#[derive(Clone, Copy, Debug)]
pub struct LoginLimit {
    /// So many fail without a pause, from a place where nobody has logged in to the account yet.
    pub failures: i64,
    /// So many where somebody has.
    pub failures_where_known: i64,
    /// Each further one doubles the pause, from a second up to this. After this time nothing is remembered.
    pub window: Duration,
    /// The longest pause where somebody has logged in before.
    pub longest_pause_where_known: Duration,
}

/// From where somebody logs in to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which: an address of a client, or a session of the account that its device still has a token of.
    pub key: String,
    /// True when somebody has logged in to the account from there.
    pub known: bool,
}

/// How often somebody has failed to log in with one address from one place, whether or not it has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginFailures {
    /// How often.
    pub failures: i64,
    /// When last.
    pub last: DateTime<Utc>,
}

impl LoginFailures {
    /// Nobody has failed.
    pub const NONE: Self = Self { failures: 0, last: DateTime::UNIX_EPOCH };

    /// Refuses until the pause after the last failure is over.
    pub fn check(&self, limit: LoginLimit, known: bool, now: DateTime<Utc>) -> Result<(), Refusal> {
        let until = self.last + self.pause(limit, known);
        if now >= until {
            return Ok(());
        }
        let seconds = (until - now).num_seconds() + 1;
        let message = format!(
            "There were too many wrong passwords for this address from where you are. Try again in {seconds} seconds."
        );
        Err(Refusal::new(reasons::TOO_MANY_WRONG_PASSWORDS, message).with("retryAfterSeconds", seconds))
    }

    /// Counts one more.
    pub fn count(&mut self, limit: LoginLimit, now: DateTime<Utc>) {
        if now >= self.last + limit.window {
            *self = Self::NONE;
        }
        self.failures += 1;
        self.last = now;
    }

    fn pause(&self, limit: LoginLimit, known: bool) -> Duration {
        let (free, longest) = if known {
            (limit.failures_where_known, limit.longest_pause_where_known)
        } else {
            (limit.failures, limit.window)
        };
        match self.failures - free {
            ..0 => Duration::zero(),
            over => longest.min(Duration::seconds(1 << over.min(30))),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;

    use super::*;

    const LIMIT: LoginLimit = LoginLimit {
        failures: 3,
        failures_where_known: 6,
        window: Duration::minutes(15),
        longest_pause_where_known: Duration::seconds(5),
    };

    fn failed(times: i64, now: DateTime<Utc>) -> LoginFailures {
        let mut failures = LoginFailures::NONE;
        (0..times).for_each(|_| failures.count(LIMIT, now));
        failures
    }

    #[test]
    fn each_failure_after_the_free_ones_doubles_the_pause_up_to_the_window() {
        let start = DateTime::UNIX_EPOCH + Duration::days(1);
        failed(2, start).check(LIMIT, false, start).unwrap();
        for (times, pause) in [(3, 1), (4, 2), (5, 4), (8, 32), (13, 900), (5_000, 900)] {
            let refusal = failed(times, start).check(LIMIT, false, start).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::RateLimited);
            assert_eq!(refusal.details["retryAfterSeconds"], pause + 1);
            failed(times, start).check(LIMIT, false, start + Duration::seconds(pause)).unwrap();
        }
    }

    #[test]
    fn where_somebody_has_logged_in_more_is_forgiven_and_nobody_waits_long() {
        let start = DateTime::UNIX_EPOCH + Duration::days(1);
        failed(5, start).check(LIMIT, true, start).unwrap();
        failed(5_000, start).check(LIMIT, true, start + Duration::seconds(5)).unwrap();
        failed(5_000, start).check(LIMIT, true, start + Duration::seconds(4)).unwrap_err();
    }

    #[test]
    fn after_the_window_counting_begins_anew() {
        let start = DateTime::UNIX_EPOCH + Duration::days(1);
        let mut failures = failed(10, start);
        failures.count(LIMIT, start + LIMIT.window);
        assert_eq!(failures.failures, 1);
    }
}
