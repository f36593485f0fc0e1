//! What sells lately: tickets are counted by days, and the last of these decide.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{from_millis, to_millis};

/// How many days count, the present one among them.
const DAYS: i64 = 30;

/// The day of an instant, by its beginning in UTC.
pub fn day(at: DateTime<Utc>) -> DateTime<Utc> {
    let millis = to_millis(at);
    from_millis(millis - millis.rem_euclid(TimeDelta::days(1).num_milliseconds()))
}

/// The first of the days that count.
pub fn since(now: DateTime<Utc>) -> DateTime<Utc> {
    day(now) - TimeDelta::days(DAYS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_days_count_and_the_present_one_is_the_last() {
        let noon: DateTime<Utc> = "2027-03-30T12:00:00Z".parse().unwrap();
        assert_eq!(day(noon).to_rfc3339(), "2027-03-30T00:00:00+00:00");
        assert_eq!(day(day(noon)), day(noon));
        assert_eq!(since(noon).to_rfc3339(), "2027-03-01T00:00:00+00:00");
        assert_eq!(since(day(noon)), since(noon), "it is the same all day");
        let before_1970 = from_millis(-1);
        assert_eq!(day(before_1970).to_rfc3339(), "1969-12-31T00:00:00+00:00");
    }
}
