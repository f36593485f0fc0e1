use chrono::{DateTime, Utc};
use contracts::{
    purchase::EventOnTicket,
    tickets::{OfferedPlaces, WaitlistEnd, WaitlistEnded, WaitlistOffered},
};
use kernel::Money;
use serde::{Deserialize, Serialize};

use super::{greeting, tickets::spot, titled};
use crate::domain::words::{Language, say};

/// Places that are set aside for somebody who waited for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedToYou {
    /// The reader.
    pub name: String,
    /// For which event.
    pub event: Box<EventOnTicket>,
    /// Which places.
    pub places: Vec<OfferedPlaces>,
    /// How many these are.
    pub quantity: u32,
    /// What they cost together.
    pub total: Money,
    /// Until when they are set aside.
    pub until: DateTime<Utc>,
    /// Where they can be taken.
    pub link: String,
}

/// Somebody waits no longer, without having got a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingOver {
    /// The reader.
    pub name: String,
    /// For which event.
    pub event: Box<EventOnTicket>,
    /// How it ended.
    pub how: WaitlistEnd,
}

impl OfferedToYou {
    /// What was told, to the reader who is called so.
    pub fn told(name: &str, offered: &WaitlistOffered, link: String) -> Self {
        Self {
            name: name.to_owned(),
            event: Box::new(offered.event.clone()),
            places: offered.places.clone(),
            quantity: offered.quantity,
            total: offered.total,
            until: offered.expires_at,
            link,
        }
    }

    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "offer-subject", title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let (title, days) = (titled(&self.event.title), words.times(&self.event).days);
        let total = words.money(self.total);
        vec![
            greeting(words, &self.name),
            say!(words, "offer", places = self.quantity, title = title, days = days),
            self.places.iter().map(|places| listed(words, places)).collect::<Vec<_>>().join("; "),
            say!(words, "offer-until", until = self.until(words), total = total),
        ]
    }

    pub(super) fn action(&self, words: Language) -> (String, &str) {
        (say!(words, "offer-take"), &self.link)
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let title = titled(&self.event.title);
        say!(words, "offer-in-short", places = self.quantity, title = title, until = self.until(words))
    }

    fn until(&self, words: Language) -> String {
        words.instant(self.until, self.event.timezone)
    }
}

/// `Stalls left, row 12, seat 104 · Full price`, or `3 × Gallery · Standing`.
fn listed(words: Language, places: &OfferedPlaces) -> String {
    let place = spot(words, &places.ticket_type, [&places.section, &places.row, &places.seat]);
    let several = if places.quantity > 1 { format!("{} × ", places.quantity) } else { String::new() };
    let kind = titled(&places.ticket_type);
    if place == kind { format!("{several}{place}") } else { format!("{several}{place} · {kind}") }
}

impl WaitingOver {
    /// What was told, to the reader who is called so; none where the reader has ended it.
    pub fn told(name: &str, ended: &WaitlistEnded) -> Option<Self> {
        let own = matches!(ended.how, WaitlistEnd::Bought | WaitlistEnd::Declined | WaitlistEnd::Left);
        let event = Box::new(ended.event.clone());
        (!own).then(|| Self { name: name.to_owned(), event, how: ended.how })
    }

    pub(super) fn subject(&self, words: Language) -> String {
        let id = if self.is_expired() { "waiting-over-expired-subject" } else { "waiting-over-subject" };
        say!(words, id, title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let (title, days) = (titled(&self.event.title), words.times(&self.event).days);
        let news = if self.is_expired() {
            say!(words, "waiting-over-expired", title = title, days = days)
        } else {
            say!(words, "waiting-over", title = title, days = days, why = self.why(words))
        };
        vec![greeting(words, &self.name), news]
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let title = titled(&self.event.title);
        if self.is_expired() {
            say!(words, "waiting-over-expired-in-short", title = title)
        } else {
            say!(words, "waiting-over-in-short", title = title, why = self.why(words))
        }
    }

    fn is_expired(&self) -> bool {
        self.how == WaitlistEnd::OfferExpired
    }

    fn why(&self, words: Language) -> String {
        let off = self.how == WaitlistEnd::EventCancelled;
        say!(words, if off { "waiting-called-off" } else { "waiting-sales-closed" })
    }
}
