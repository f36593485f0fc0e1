use chrono::{DateTime, Utc};
use kernel::{EventId, OrderId, TimeZone};
use serde::{Deserialize, Serialize};

use super::{greeting, titled};
use crate::domain::words::{Language, say};

/// An event that begins soon, told to somebody who has tickets for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reminder {
    /// The reader.
    pub name: String,
    /// Which event.
    pub event_id: EventId,
    /// Its title.
    pub title: String,
    /// The venue's name.
    pub venue_name: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When doors open.
    pub doors_at: Option<DateTime<Utc>>,
    /// In which its times are shown.
    pub timezone: TimeZone,
    /// How many tickets the reader has for it.
    pub tickets: u32,
    /// The order of them that is the reader's own.
    pub order_id: Option<OrderId>,
}

impl Reminder {
    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "reminder-subject", title = titled(&self.title), begins = self.begins(words))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let mut paragraphs = vec![greeting(words, &self.name), self.news(words)];
        paragraphs.extend(self.doors(words));
        paragraphs.push(say!(words, "reminder-tickets", tickets = self.tickets));
        paragraphs
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let parts = [Some(self.news(words)), self.doors(words)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// When it begins, in words.
    pub(super) fn begins(&self, words: Language) -> String {
        words.instant(self.starts_at, self.timezone)
    }

    fn news(&self, words: Language) -> String {
        let (title, venue) = (titled(&self.title), titled(&self.venue_name));
        say!(words, "reminder", title = title, begins = self.begins(words), venue = venue)
    }

    fn doors(&self, words: Language) -> Option<String> {
        let doors = self.doors_at.filter(|doors| *doors < self.starts_at)?.with_timezone(&self.timezone.tz());
        Some(say!(words, "reminder-doors", doors = doors.format("%H:%M").to_string()))
    }
}
