use chrono::{DateTime, Utc};
use contracts::{
    purchase::EventOnTicket,
    tickets::{HeldTicket, OrderRescheduled},
};
use kernel::OrderId;
use printing::{WrittenTimes, written_instant};
use serde::{Deserialize, Serialize};

use super::{greeting, in_the_organizers_words, titled};

/// An event that was moved to another time, told to somebody who has tickets for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rescheduled {
    /// The reader.
    pub name: String,
    /// Of which order: that of the calendar entry that is moved.
    pub order_id: OrderId,
    /// The order, as people say it; told to the buyer alone.
    pub order_number: Option<String>,
    /// The event with its new times.
    pub event: Box<EventOnTicket>,
    /// When it was to begin.
    pub previous_start: DateTime<Utc>,
    /// The organizer's reason, in their words.
    pub reason: Option<String>,
    /// Until when all of the money goes back for what is given back.
    pub refundable_until: Option<DateTime<Utc>>,
    /// Which version of the calendar entry this is.
    pub sequence: i64,
    /// Which tickets: all of them for the buyer, theirs for somebody else.
    pub tickets: Vec<HeldTicket>,
}

impl Rescheduled {
    /// To the buyer, who is called so.
    pub fn to_the_buyer(name: &str, told: &OrderRescheduled) -> Self {
        Self {
            order_number: Some(told.number.clone()),
            ..Self::to_a_holder(name, told, told.tickets.clone())
        }
    }

    /// To somebody else who goes in with these of the tickets.
    pub fn to_a_holder(name: &str, told: &OrderRescheduled, theirs: Vec<HeldTicket>) -> Self {
        Self {
            name: name.to_owned(),
            order_id: told.order_id,
            order_number: None,
            event: Box::new(told.event.clone()),
            previous_start: told.previous_start,
            reason: told.reason.clone(),
            refundable_until: told.refundable_until,
            sequence: told.sequence,
            tickets: theirs,
        }
    }

    pub(super) fn subject(&self) -> String {
        format!("New time: {}", titled(&self.event.title))
    }

    pub(super) fn opening(&self) -> Vec<String> {
        let title = titled(&self.event.title);
        let news = if self.begins_as_before() {
            format!("{title} has other times. It begins when it was to begin.")
        } else {
            format!("{title} is moved to another time.")
        };
        let mut paragraphs = vec![greeting(&self.name), news, format!("New: {}", self.times())];
        if !self.begins_as_before() {
            paragraphs.push(format!("Before: {}", self.instant(self.previous_start)));
        }
        paragraphs.push(format!("All times are those of {}.", self.event.timezone.name()));
        paragraphs.extend(in_the_organizers_words(self.reason.as_deref()));
        paragraphs.push(self.validity());
        paragraphs.extend(self.way_back());
        paragraphs.push("The calendar file moves the date in your calendar.".to_owned());
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub fn in_short(&self) -> String {
        let title = titled(&self.event.title);
        let news = if self.begins_as_before() {
            format!("{title} has other times: {}.", self.times())
        } else {
            format!("{title} is moved from {} to {}.", self.instant(self.previous_start), self.starts())
        };
        let reason = in_the_organizers_words(self.reason.as_deref());
        let parts = [Some(news), reason, Some(self.validity()), self.way_back()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// When it begins now, in words.
    pub(super) fn starts(&self) -> String {
        self.instant(self.event.starts_at)
    }

    /// All its new times, in words.
    fn times(&self) -> String {
        let times = WrittenTimes::of(&self.event);
        format!("{} · {} · Ends {}", times.days, times.doors_and_start(), times.ends)
    }

    /// True when only its doors or its end are at another time.
    fn begins_as_before(&self) -> bool {
        self.previous_start == self.event.starts_at
    }

    fn validity(&self) -> String {
        match &self.order_number {
            Some(number) => format!("The tickets of your order {number} stay valid; you need no others."),
            None => {
                format!("Your {} valid; you need no other.", self.counted("ticket stays", "tickets stay"))
            }
        }
    }

    /// What to do for who cannot come.
    fn way_back(&self) -> Option<String> {
        let until = self.instant(self.refundable_until?);
        Some(match &self.order_number {
            Some(number) => format!(
                "If you cannot come then: until {until} you can give tickets back in your order {number} at Odysseus, and all \
                 that you paid for them goes back to you."
            ),
            None => format!(
                "If you cannot come then: who bought {} for you can give {} back until {until}.",
                self.counted("the ticket", "the tickets"),
                self.counted("it", "them")
            ),
        })
    }

    fn instant(&self, at: DateTime<Utc>) -> String {
        written_instant(at, self.event.timezone.tz())
    }

    fn counted(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.tickets.len() == 1 { one } else { several }
    }
}
