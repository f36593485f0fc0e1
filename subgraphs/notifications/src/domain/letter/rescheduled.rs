use chrono::{DateTime, Utc};
use contracts::{
    purchase::EventOnTicket,
    tickets::{HeldTicket, OrderRescheduled},
};
use kernel::OrderId;
use serde::{Deserialize, Serialize};

use super::{greeting, in_the_organizers_words, titled};
use crate::domain::words::{Language, say};

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

    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "moved-subject", title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let title = titled(&self.event.title);
        let news = if self.begins_as_before() {
            say!(words, "moved-begins-as-before", title = title)
        } else {
            say!(words, "moved", title = title)
        };
        let mut paragraphs =
            vec![greeting(words, &self.name), news, say!(words, "moved-new", times = self.times(words))];
        if !self.begins_as_before() {
            paragraphs.push(say!(words, "moved-before", instant = self.instant(words, self.previous_start)));
        }
        paragraphs.push(say!(words, "clocks-of", zone = self.event.timezone.name()));
        paragraphs.extend(in_the_organizers_words(words, self.reason.as_deref()));
        paragraphs.push(self.validity(words));
        paragraphs.extend(self.way_back(words));
        paragraphs.push(say!(words, "moved-calendar"));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let title = titled(&self.event.title);
        let news = if self.begins_as_before() {
            say!(words, "moved-times-in-short", title = title, times = self.times(words))
        } else {
            let (before, now) = (self.instant(words, self.previous_start), self.starts(words));
            say!(words, "moved-in-short", title = title, before = before, now = now)
        };
        let reason = in_the_organizers_words(words, self.reason.as_deref());
        let parts = [Some(news), reason, Some(self.validity(words)), self.way_back(words)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// When it begins now, in words.
    pub(super) fn starts(&self, words: Language) -> String {
        self.instant(words, self.event.starts_at)
    }

    /// All its new times, in words.
    fn times(&self, words: Language) -> String {
        let times = words.times(&self.event);
        format!("{} · {}", times.days, words.hours(&times))
    }

    /// True when only its doors or its end are at another time.
    fn begins_as_before(&self) -> bool {
        self.previous_start == self.event.starts_at
    }

    fn validity(&self, words: Language) -> String {
        match &self.order_number {
            Some(number) => say!(words, "moved-valid-buyer", number = number),
            None => say!(words, "moved-valid-holder", tickets = self.tickets.len()),
        }
    }

    /// What to do for who cannot come.
    fn way_back(&self, words: Language) -> Option<String> {
        let until = self.instant(words, self.refundable_until?);
        Some(match &self.order_number {
            Some(number) => say!(words, "moved-way-back-buyer", until = until, number = number),
            None => say!(words, "moved-way-back-holder", until = until, tickets = self.tickets.len()),
        })
    }

    fn instant(&self, words: Language, at: DateTime<Utc>) -> String {
        words.instant(at, self.event.timezone)
    }
}
