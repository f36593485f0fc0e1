//! A published event gets other times.

use chrono::{DateTime, Utc};
use contracts::events::{EventChange, EventStatus};
use kernel::{Refusal, together};
use serde::Serialize;

use super::{
    super::event_details::{check_doors, check_end, check_start, kept},
    Event, Told, checked_reason,
};
use crate::domain::{Venue, reasons};

/// The times an event is to have instead of those it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewTimes {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When doors open; nobody is told a time when there is none.
    pub doors_at: Option<DateTime<Utc>>,
    /// Why, for those who have tickets.
    pub reason: String,
    /// Until when buyers may give their tickets back, whatever the policy says.
    pub refundable_until: Option<DateTime<Utc>>,
}

impl NewTimes {
    /// The times and the reason in order, or everything that is wrong with them.
    pub fn checked(self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let (starts_at, ends_at) = (kept(self.starts_at), kept(self.ends_at));
        let (doors_at, refundable_until) = (self.doors_at.map(kept), self.refundable_until.map(kept));
        let (reason, ..) = together((
            checked_reason(&self.reason),
            check_start(starts_at, now),
            check_end(starts_at, ends_at),
            check_doors(starts_at, doors_at),
            check_refundable(refundable_until, starts_at, now),
        ))?;
        Ok(Self { starts_at, ends_at, doors_at, reason, refundable_until })
    }
}

fn check_refundable(
    until: Option<DateTime<Utc>>,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let wrong = |message: &str| Refusal::bad_input("refundableUntil", message);
    match until {
        Some(until) if until <= now => {
            Err(wrong("must be in the future").because(kernel::reasons::IN_THE_PAST))
        }
        Some(until) if until > starts_at => {
            Err(wrong("must not be after startsAt").because(kernel::reasons::INCONSISTENT))
        }
        _ => Ok(()),
    }
}

impl Event {
    /// Gives a published event other times; one that was put off is published again. False when it has these times already:
    /// then nobody is told anything.
    pub fn reschedule(&mut self, to: NewTimes, venue: &Venue, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let to = to.checked(now)?;
        self.refuse_no_move(now)?;
        let details = &mut self.now.details;
        let times = (to.starts_at, to.ends_at, to.doors_at);
        if self.now.status == EventStatus::Published
            && times == (details.starts_at, details.ends_at, details.doors_at)
        {
            return Ok(false);
        }
        (details.starts_at, details.ends_at, details.doors_at) = times;
        self.now.status = EventStatus::Published;
        let told = Told { reason: Some(to.reason), refundable_until: to.refundable_until };
        self.announce(EventChange::Rescheduled, told, venue);
        Ok(true)
    }

    /// Refuses to move what nobody was shown, what was called off and what is over. What has begun can be moved: it may
    /// have been broken off.
    fn refuse_no_move(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.now.status {
            EventStatus::Draft => {
                let message = "The event is a draft. Change its times with updateEvent.";
                Err(Refusal::new(reasons::STILL_A_DRAFT, message))
            }
            EventStatus::Cancelled => {
                let message = "The event was called off; it can no longer be moved.";
                Err(Refusal::new(reasons::EVENT_CANCELLED, message))
            }
            EventStatus::Published | EventStatus::Postponed if self.now.details.ends_at > now => Ok(()),
            EventStatus::Published | EventStatus::Postponed | EventStatus::Completed => {
                let message = "The event is over; it can no longer be moved.";
                Err(Refusal::new(reasons::EVENT_OVER, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use contracts::events::EventChanged;

    use super::*;
    use crate::domain::{
        EventChanges,
        entities::event::tests::{draft, layout, now, published, told, venue},
    };

    /// A week later than the event was to be.
    fn later() -> NewTimes {
        let starts_at = now() + TimeDelta::days(8);
        NewTimes {
            starts_at,
            ends_at: starts_at + TimeDelta::hours(3),
            doors_at: Some(starts_at - TimeDelta::hours(1)),
            reason: "The singer is ill.".to_owned(),
            refundable_until: Some(now() + TimeDelta::days(5)),
        }
    }

    #[test]
    fn a_published_event_gets_other_times_and_says_why_and_until_when_tickets_go_back() {
        let venue = venue();
        let mut event = published(&venue);
        told(&mut event);
        assert!(event.reschedule(later(), &venue, now()).unwrap());
        let [moved]: [EventChanged; 1] = told(&mut event).try_into().unwrap();
        assert_eq!((moved.version, moved.change), (3, EventChange::Rescheduled));
        assert_eq!(moved.reason.as_deref(), Some("The singer is ill."));
        assert_eq!(moved.refundable_until, later().refundable_until);
        let to = later();
        assert_eq!(
            (moved.event.starts_at, moved.event.ends_at, moved.event.doors_at),
            (to.starts_at, to.ends_at, to.doors_at)
        );
        assert!(!event.reschedule(later(), &venue, now()).unwrap(), "it has these times");
        assert!(told(&mut event).is_empty());
        let no_doors = NewTimes { doors_at: None, ..later() };
        assert!(event.reschedule(no_doors, &venue, now()).unwrap());
        assert_eq!(event.details().doors_at, None);
    }

    #[test]
    fn an_event_that_was_put_off_is_published_again() {
        let venue = venue();
        let mut event = published(&venue);
        event.now.status = EventStatus::Postponed;
        let same = event.details().clone();
        let again = NewTimes {
            starts_at: same.starts_at,
            ends_at: same.ends_at,
            doors_at: same.doors_at,
            refundable_until: None,
            ..later()
        };
        assert!(event.reschedule(again, &venue, now()).unwrap(), "also at the time it was to be");
        assert_eq!(event.snapshot().status, EventStatus::Published);
    }

    #[test]
    fn what_is_no_draft_has_begun_or_not_is_moved_until_it_is_over() {
        let venue = venue();
        let refused = |event: &mut Event, at| event.reschedule(later(), &venue, at).unwrap_err().reason;
        assert_eq!(refused(&mut draft(&venue, Some(&layout(&venue))), now()), reasons::STILL_A_DRAFT.name());
        let mut off = published(&venue);
        off.cancel("Fire.", &venue, now()).unwrap();
        assert_eq!(refused(&mut off, now()), reasons::EVENT_CANCELLED.name());
        let mut event = published(&venue);
        let (begun, over) = (event.details().starts_at, event.details().ends_at);
        assert_eq!(refused(&mut event, over), reasons::EVENT_OVER.name());
        assert!(event.reschedule(later(), &venue, begun).unwrap(), "it was broken off");
        event.now.status = EventStatus::Completed;
        assert_eq!(refused(&mut event, now()), reasons::EVENT_OVER.name());
    }

    #[test]
    fn everything_that_is_wrong_with_new_times_is_told_at_once() {
        let to = later();
        let wrong: [(&[&str], NewTimes); 8] = [
            (&["reason"], NewTimes { reason: " ".to_owned(), ..to.clone() }),
            (&["startsAt", "refundableUntil"], NewTimes { starts_at: now(), doors_at: None, ..to.clone() }),
            (&["endsAt"], NewTimes { ends_at: to.starts_at, ..to.clone() }),
            (&["endsAt"], NewTimes { ends_at: to.starts_at + TimeDelta::days(32), ..to.clone() }),
            (&["doorsAt"], NewTimes { doors_at: Some(to.starts_at + TimeDelta::seconds(1)), ..to.clone() }),
            (&["refundableUntil"], NewTimes { refundable_until: Some(now()), ..to.clone() }),
            (
                &["refundableUntil"],
                NewTimes { refundable_until: Some(to.starts_at + TimeDelta::seconds(1)), ..to.clone() },
            ),
            (
                &["reason", "endsAt", "doorsAt"],
                NewTimes {
                    reason: "x".repeat(501),
                    ends_at: now(),
                    doors_at: Some(to.ends_at),
                    ..to.clone()
                },
            ),
        ];
        let venue = venue();
        for (fields, times) in wrong {
            let mut event = published(&venue);
            let refusal = event.reschedule(times, &venue, now()).unwrap_err();
            let named: Vec<_> = refusal.problems.iter().map(|problem| problem.field.as_str()).collect();
            let named =
                if named.is_empty() { vec![refusal.details["field"].as_str().unwrap()] } else { named };
            assert_eq!(named, fields);
            assert_eq!(event.snapshot().version, 2, "nothing has changed");
        }
        let at_the_start =
            NewTimes { refundable_until: Some(to.starts_at), doors_at: Some(to.starts_at), ..to };
        assert!(published(&venue).reschedule(at_the_start, &venue, now()).unwrap());
    }

    #[test]
    fn who_changes_the_time_as_if_it_were_a_text_is_told_how_it_is_moved() {
        let venue = venue();
        let changes = EventChanges { starts_at: Some(later().starts_at), ..EventChanges::default() };
        let refusal = published(&venue)
            .update(changes, &kernel::Change::Keep, kernel::Problems::default(), &venue, now())
            .unwrap_err();
        assert!(refusal.message.contains("rescheduleEvent"), "{}", refusal.message);
    }
}
