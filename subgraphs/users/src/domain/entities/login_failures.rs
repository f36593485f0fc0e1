use chrono::{DateTime, Duration, Utc};
use kernel::{ErrorCode, Refusal};

/// How many wrong passwords are taken, and in how long a time.
#[derive(Clone, Copy, Debug)]
pub struct LoginLimit {
    /// So many fail as wrong; the next are not even looked at.
    pub failures: i64,
    /// Until the time since the first of them is over.
    pub window: Duration,
}

/// How often somebody has failed to log in with one address, whether or not it has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginFailures {
    /// How often.
    pub failures: i64,
    /// Since when they are counted.
    pub since: DateTime<Utc>,
}

impl LoginFailures {
    /// Nobody has failed.
    pub const NONE: Self = Self { failures: 0, since: DateTime::UNIX_EPOCH };

    /// Refuses when there were too many.
    pub fn check(&self, limit: LoginLimit, now: DateTime<Utc>) -> Result<(), Refusal> {
        let until = self.since + limit.window;
        if self.failures < limit.failures || now >= until {
            return Ok(());
        }
        let seconds = (until - now).num_seconds() + 1;
        let message = format!(
            "There were too many wrong passwords for this address. Try again in {} minutes.",
            (seconds + 59) / 60
        );
        Err(Refusal::new(ErrorCode::RateLimited, message).with("retryAfterSeconds", seconds))
    }

    /// Counts one more.
    pub fn count(&mut self, limit: LoginLimit, now: DateTime<Utc>) {
        if now >= self.since + limit.window {
            *self = Self { failures: 0, since: now };
        }
        self.failures += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_after_the_last_allowed_is_refused_until_the_window_is_over() {
        let limit = LoginLimit { failures: 3, window: Duration::minutes(15) };
        let start = DateTime::UNIX_EPOCH + Duration::days(1);
        let mut failures = LoginFailures::NONE;
        for _ in 0..3 {
            failures.check(limit, start).unwrap();
            failures.count(limit, start);
        }
        let refusal = failures.check(limit, start + Duration::minutes(5)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::RateLimited);
        assert_eq!(refusal.details["retryAfterSeconds"], 601);
        failures.check(limit, start + Duration::minutes(15)).unwrap();
        failures.count(limit, start + Duration::minutes(15));
        assert_eq!(failures.failures, 1);
    }
}
