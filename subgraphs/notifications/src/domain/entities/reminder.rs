use chrono::{DateTime, Duration, LocalResult, TimeZone as _, Utc};
use kernel::{EventId, OrderId, TicketId, TimeZone};

use super::Recipient;
use crate::domain::words::Language;

/// How long before an event clocks go on or back at most, as seen from the time that they leave out.
const BEFORE_A_CHANGE: Duration = Duration::hours(12);

/// A ticket of whose event its holder is reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemindedTicket {
    /// Which.
    pub ticket_id: TicketId,
    /// To which event.
    pub event_id: EventId,
    /// Of which order.
    pub order_id: OrderId,
    /// Who goes in.
    pub holder: Holder,
}

/// Somebody who goes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who is told.
    pub recipient: Recipient,
    /// At which address, if it is no account's.
    pub email: String,
    /// What they are called, if it is no account's.
    pub name: String,
    /// In which language, if it is no account's.
    pub language: Language,
}

/// Somebody whose time it is to be reminded of an event, once for all their tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReminder {
    /// Of which event.
    pub event_id: EventId,
    /// Of which order, or of one of them.
    pub order_id: OrderId,
    /// Who goes in.
    pub holder: Holder,
    /// With how many tickets.
    pub tickets: u32,
}

/// When those who go in are reminded: when clocks where it takes place show the same time on the day before. A time that clocks
/// leave out moves forward with them; of one that they show twice it is the first.
pub fn reminds_at(starts_at: DateTime<Utc>, zone: TimeZone) -> DateTime<Utc> {
    let zone = zone.tz();
    let local = starts_at.with_timezone(&zone).naive_local() - Duration::days(1);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        // By the clocks of before the change, the left-out time is what they show after it.
        LocalResult::None => match zone.from_local_datetime(&(local - BEFORE_A_CHANGE)) {
            LocalResult::Single(before) | LocalResult::Ambiguous(before, _) => {
                before.to_utc() + BEFORE_A_CHANGE
            }
            LocalResult::None => starts_at - Duration::days(1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_when_clocks_of_the_place_show_the_same_time_a_day_before() {
        for (starts_at, zone, reminds) in [
            ("2027-03-13T19:00:00Z", "Europe/Vienna", "2027-03-12T19:00:00Z"),
            // Clocks went forward in the night: 20:00 is 23 hours before 20:00.
            ("2027-03-28T18:00:00Z", "Europe/Vienna", "2027-03-27T19:00:00Z"),
            // And back: 25 hours.
            ("2027-10-31T19:00:00Z", "Europe/Vienna", "2027-10-30T18:00:00Z"),
            ("2027-07-24T17:30:00Z", "Asia/Kathmandu", "2027-07-23T17:30:00Z"),
        ] {
            let reminded = reminds_at(starts_at.parse().unwrap(), zone.parse().unwrap());
            assert_eq!(reminded, reminds.parse::<DateTime<Utc>>().unwrap(), "{starts_at} {zone}");
        }
    }

    #[test]
    fn a_time_that_clocks_leave_out_moves_forward_and_one_that_comes_twice_reminds_once() {
        let reminded = |starts_at: &str| {
            reminds_at(starts_at.parse().unwrap(), "Europe/Vienna".parse().unwrap()).to_rfc3339()
        };
        // 02:30 on the 29th; on the 28th there is no 02:30, but 03:30.
        assert_eq!(reminded("2027-03-29T00:30:00Z"), "2027-03-28T01:30:00+00:00");
        // 02:30 on the 1st of November; on the 31st of October it is that twice.
        assert_eq!(reminded("2027-11-01T01:30:00Z"), "2027-10-31T00:30:00+00:00");
    }
}
