use chrono::{DateTime, Duration, Utc};
use kernel::Refusal;

use crate::domain::errors;

/// How many cards may be declined in an hour, before no more are tried: nobody has so many but who tries stolen ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declines {
    /// Of one buyer, for whatever orders.
    pub by_buyer: u32,
    /// From one address, by whichever buyers.
    pub by_client: u32,
    /// Of one card, whoever types it in.
    pub by_card: u32,
}

/// What was declined lately: each of these is when the oldest of as many declines was as are let in an hour, where there were
/// as many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspicion {
    /// By the buyer.
    pub of_buyer: Option<DateTime<Utc>>,
    /// From the buyer's address.
    pub of_client: Option<DateTime<Utc>>,
    /// True when there is a card of which as many were declined, whosever it is.
    pub of_some_card: bool,
}

impl Declines {
    /// For how long a decline is counted.
    pub const WINDOW: Duration = Duration::hours(1);

    /// Refuses while as many declines are counted as are let, the oldest of which was then.
    pub fn check(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
        match since.map(|since| since + Self::WINDOW - now).filter(|left| *left > Duration::zero()) {
            Some(left) => Err(errors::too_many_declines(left)),
            None => Ok(()),
        }
    }
}

impl Suspicion {
    /// Refuses a buyer by whom, or from whose address, too many cards were declined.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        Declines::check(self.of_buyer.max(self.of_client), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_declined_too_often_waits_until_the_oldest_decline_is_an_hour_old() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ago = |minutes| Some(now - Duration::minutes(minutes));
        let waits = |of_buyer, of_client| {
            let refused = Suspicion { of_buyer, of_client, of_some_card: true }.check(now).err();
            refused.map(|refusal| refusal.details["retryAfterSeconds"].as_i64().unwrap())
        };
        assert_eq!(waits(None, None), None, "of some card says nothing of this one");
        assert_eq!(waits(ago(60), None), None);
        assert_eq!(waits(ago(59), None), Some(60));
        // Of both the one that takes longer.
        assert_eq!(waits(ago(59), ago(10)), Some(50 * 60));
        assert_eq!(waits(ago(1), ago(10)), Some(59 * 60));
    }
}
