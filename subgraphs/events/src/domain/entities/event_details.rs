//! What an organizer says of an event, and what may be said.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Currency, Refusal, from_millis, line, paragraph, to_millis};
use serde::{Deserialize, Serialize};

use super::category::Category;
use crate::domain::folded;

/// How long an event may last.
const LONGEST: TimeDelta = TimeDelta::days(31);
/// How far ahead an event may be.
const HORIZON: TimeDelta = TimeDelta::days(5 * 366);
/// How long before the start doors may open.
const EARLIEST_DOORS: TimeDelta = TimeDelta::days(7);
const MAX_TAGS: usize = 20;

/// What an organizer says of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDetails {
    /// Its title.
    pub title: String,
    /// What awaits the visitor, as plain text.
    pub description: String,
    /// What kind of event.
    pub category: Category,
    /// Free words to find it by.
    pub tags: Vec<String>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When doors open.
    pub doors_at: Option<DateTime<Utc>>,
    /// In which prices are.
    pub currency: Currency,
    /// A picture's address.
    pub image_url: Option<String>,
}

/// What is to become of something that may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is taken away.
    Clear,
    /// It is this from now on.
    Set(T),
}

impl<T: Clone> Change<T> {
    pub(super) fn applied(&self, to: Option<T>) -> Option<T> {
        match self {
            Self::Keep => to,
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        }
    }
}

/// What is to change in an event; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventChanges {
    /// Its title.
    pub title: Option<String>,
    /// What awaits the visitor.
    pub description: Option<String>,
    /// What kind of event.
    pub category: Option<Category>,
    /// Free words to find it by.
    pub tags: Option<Vec<String>>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// When doors open.
    pub doors_at: Change<DateTime<Utc>>,
    /// A picture's address.
    pub image_url: Change<String>,
}

impl EventChanges {
    /// The details with these changes.
    pub fn applied(self, to: &EventDetails) -> EventDetails {
        EventDetails {
            title: self.title.unwrap_or_else(|| to.title.clone()),
            description: self.description.unwrap_or_else(|| to.description.clone()),
            category: self.category.unwrap_or(to.category),
            tags: self.tags.unwrap_or_else(|| to.tags.clone()),
            starts_at: self.starts_at.unwrap_or(to.starts_at),
            ends_at: self.ends_at.unwrap_or(to.ends_at),
            doors_at: self.doors_at.applied(to.doors_at),
            currency: to.currency,
            image_url: self.image_url.applied(to.image_url.clone()),
        }
    }
}

impl EventDetails {
    /// The details with texts and instants in order, or what is wrong with them.
    pub fn checked(self) -> Result<Self, Refusal> {
        let second = |at: DateTime<Utc>| from_millis(to_millis(at));
        let details = Self {
            title: line("title", &self.title, 200)?,
            description: paragraph("description", &self.description, 20_000)?,
            category: self.category,
            tags: checked_tags(&self.tags)?,
            starts_at: second(self.starts_at),
            ends_at: second(self.ends_at),
            doors_at: self.doors_at.map(second),
            currency: self.currency,
            image_url: self.image_url.map(|url| checked_url(&url)).transpose()?,
        };
        if details.ends_at <= details.starts_at {
            return Err(Refusal::bad_input("endsAt", "must be after startsAt"));
        }
        if details.ends_at.signed_duration_since(details.starts_at) > LONGEST {
            let message = format!("must be at most {} days after startsAt", LONGEST.num_days());
            return Err(Refusal::bad_input("endsAt", message));
        }
        match details.doors_at.map(|doors| details.starts_at.signed_duration_since(doors)) {
            Some(before) if before < TimeDelta::zero() => {
                Err(Refusal::bad_input("doorsAt", "must not be after startsAt"))
            }
            Some(before) if before > EARLIEST_DOORS => {
                let message = format!("must be at most {} days before startsAt", EARLIEST_DOORS.num_days());
                Err(Refusal::bad_input("doorsAt", message))
            }
            _ => Ok(details),
        }
    }

    /// Refuses a start that is past or too far away.
    pub fn check_start(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let ahead = self.starts_at.signed_duration_since(now);
        if ahead <= TimeDelta::zero() {
            return Err(Refusal::bad_input("startsAt", "must be in the future"));
        }
        if ahead > HORIZON {
            return Err(Refusal::bad_input("startsAt", "must be within the next five years"));
        }
        Ok(())
    }
}

fn checked_tags(tags: &[String]) -> Result<Vec<String>, Refusal> {
    if tags.len() > MAX_TAGS {
        let message = format!("must be at most {MAX_TAGS}; these are {}", tags.len());
        return Err(Refusal::bad_input("tags", message));
    }
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(tags.len());
    for (at, tag) in tags.iter().enumerate() {
        let field = format!("tags[{at}]");
        let tag = line(&field, tag, 40)?;
        let key = folded(&tag);
        if key.is_empty() {
            return Err(Refusal::bad_input(&field, "must have at least one letter or digit"));
        }
        // The same word in another spelling says nothing new.
        if seen.insert(key) {
            kept.push(tag);
        }
    }
    Ok(kept)
}

fn checked_url(url: &str) -> Result<String, Refusal> {
    let wrong = || Refusal::bad_input("imageUrl", "must be an address that begins with https://");
    let url = line("imageUrl", url, 2_000)?;
    let rest = url.strip_prefix("https://").ok_or_else(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // No user names in it, nothing that could leave an HTML attribute.
    let plain = |char: char| char.is_whitespace() || "\"'<>\\`".contains(char);
    if host.is_empty() || host.starts_with(':') || host.contains('@') || url.contains(plain) {
        return Err(wrong());
    }
    Ok(url)
}
