//! What an organizer says of an event, and what may be said.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::settings::{EventTerms, RefundPolicy, Tax};
use kernel::{Change, Currency, Refusal, each, from_millis, line, paragraph, to_millis, together};
use serde::{Deserialize, Serialize};

use super::category::Category;
use crate::domain::folded;

/// How long an event may last.
pub const LONGEST: TimeDelta = TimeDelta::days(31);
/// How far ahead an event may be.
const HORIZON: TimeDelta = TimeDelta::days(5 * 366);
/// How long before the start doors may open.
const EARLIEST_DOORS: TimeDelta = TimeDelta::days(7);
const MAX_TAGS: usize = 20;
const MAX_PERFORMERS: usize = 50;

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
    /// Who performs, the most important first. It is left out where nobody is named, for the same reason as the choice below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performers: Vec<String>,
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
    /// True when everybody may know how many places are left. If not, the public is told only whether there are plenty, few
    /// or none.
    #[serde(default = "shown", skip_serializing_if = "is_shown")]
    pub shows_stock: bool,
    /// What of the terms on which its tickets are sold is its own. It is left out where nothing is, for the same reason as the
    /// choice above.
    #[serde(default, skip_serializing_if = "EventTerms::are_the_organizations")]
    pub terms: EventTerms,
}

/// What holds of an event of which nothing else was said. It is left out where details are written, so that an input has the
/// fingerprint it had before there was a choice.
fn shown() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_shown(shows_stock: &bool) -> bool {
    *shows_stock
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
    /// Who performs.
    pub performers: Option<Vec<String>>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// When doors open.
    pub doors_at: Change<DateTime<Utc>>,
    /// A picture's address.
    pub image_url: Change<String>,
    /// Whether everybody may know how many places are left.
    pub shows_stock: Option<bool>,
    /// A tax of its own, or its organization's again.
    pub tax: Change<Tax>,
    /// A refund policy of its own, or its organization's again.
    pub refund_policy: Change<RefundPolicy>,
}

impl EventChanges {
    /// The details with these changes.
    pub fn applied(self, to: &EventDetails) -> EventDetails {
        EventDetails {
            title: self.title.unwrap_or_else(|| to.title.clone()),
            description: self.description.unwrap_or_else(|| to.description.clone()),
            category: self.category.unwrap_or(to.category),
            tags: self.tags.unwrap_or_else(|| to.tags.clone()),
            performers: self.performers.unwrap_or_else(|| to.performers.clone()),
            starts_at: self.starts_at.unwrap_or(to.starts_at),
            ends_at: self.ends_at.unwrap_or(to.ends_at),
            doors_at: self.doors_at.applied(to.doors_at),
            currency: to.currency,
            image_url: self.image_url.applied(to.image_url.clone()),
            shows_stock: self.shows_stock.unwrap_or(to.shows_stock),
            terms: EventTerms {
                tax: self.tax.applied(to.terms.tax.clone()),
                refund_policy: self.refund_policy.applied(to.terms.refund_policy.clone()),
            },
        }
    }

    /// Refuses what is wrong of whatever event it is said: texts, and instants as far as they are told beside each other.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        fn right<T, R>(said: Option<T>, read: impl FnOnce(T) -> Result<R, Refusal>) -> Result<(), Refusal> {
            said.map_or(Ok(()), |said| read(said).map(drop))
        }
        let starts_at = self.starts_at.map(kept);
        together((
            right(self.title.as_deref(), checked_title),
            right(self.description.as_deref(), checked_description),
            right(self.tags.as_deref(), checked_tags),
            right(self.performers.as_deref(), checked_performers),
            right(self.image_url.said().map(String::as_str), checked_url),
            right(starts_at, |starts_at| check_start(starts_at, now)),
            right(starts_at.zip(self.ends_at.map(kept)), |(starts_at, ends_at)| {
                check_end(starts_at, ends_at)
            }),
            right(starts_at.zip(self.doors_at.said().copied().map(kept)), |(starts_at, doors_at)| {
                check_doors(starts_at, Some(doors_at))
            }),
        ))
        .map(drop)
    }
}

impl EventDetails {
    /// The details with texts and instants in order, or what is wrong with them.
    pub fn checked(self) -> Result<Self, Refusal> {
        let (starts_at, ends_at, doors_at) =
            (kept(self.starts_at), kept(self.ends_at), self.doors_at.map(kept));
        let (title, description, tags, performers, image_url, (), ()) = together((
            checked_title(&self.title),
            checked_description(&self.description),
            checked_tags(&self.tags),
            checked_performers(&self.performers),
            self.image_url.as_deref().map(checked_url).transpose(),
            check_end(starts_at, ends_at),
            check_doors(starts_at, doors_at),
        ))?;
        Ok(Self { title, description, tags, performers, starts_at, ends_at, doors_at, image_url, ..self })
    }

    /// Refuses a start that is past or too far away.
    pub fn check_start(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        check_start(self.starts_at, now)
    }
}

/// An instant as rows keep it.
pub(super) fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    from_millis(to_millis(at))
}

fn checked_title(title: &str) -> Result<String, Refusal> {
    line("title", title, 200)
}

fn checked_description(description: &str) -> Result<String, Refusal> {
    paragraph("description", description, 20_000)
}

pub(super) fn check_start(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    let ahead = starts_at.signed_duration_since(now);
    if ahead <= TimeDelta::zero() {
        return Err(
            Refusal::bad_input("startsAt", "must be in the future").because(kernel::reasons::IN_THE_PAST)
        );
    }
    if ahead > HORIZON {
        return Err(Refusal::bad_input("startsAt", "must be within the next five years")
            .because(kernel::reasons::OUT_OF_RANGE));
    }
    Ok(())
}

pub(super) fn check_end(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<(), Refusal> {
    let wrong = |message: &str| Refusal::bad_input("endsAt", message).because(kernel::reasons::INCONSISTENT);
    if ends_at <= starts_at {
        return Err(wrong("must be after startsAt"));
    }
    if ends_at.signed_duration_since(starts_at) > LONGEST {
        return Err(wrong(&format!("must be at most {} days after startsAt", LONGEST.num_days())));
    }
    Ok(())
}

pub(super) fn check_doors(starts_at: DateTime<Utc>, doors_at: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let wrong = |message: &str| Refusal::bad_input("doorsAt", message).because(kernel::reasons::INCONSISTENT);
    match doors_at.map(|doors| starts_at.signed_duration_since(doors)) {
        Some(before) if before < TimeDelta::zero() => Err(wrong("must not be after startsAt")),
        Some(before) if before > EARLIEST_DOORS => {
            Err(wrong(&format!("must be at most {} days before startsAt", EARLIEST_DOORS.num_days())))
        }
        _ => Ok(()),
    }
}

fn checked_tags(tags: &[String]) -> Result<Vec<String>, Refusal> {
    checked_names("tags", tags, MAX_TAGS, 40)
}

fn checked_performers(performers: &[String]) -> Result<Vec<String>, Refusal> {
    checked_names("performers", performers, MAX_PERFORMERS, 200)
}

fn checked_names(list: &str, names: &[String], most: usize, longest: usize) -> Result<Vec<String>, Refusal> {
    if names.len() > most {
        let message = format!("must be at most {most}; these are {}", names.len());
        return Err(Refusal::bad_input(list, message).because(kernel::reasons::WRONG_COUNT));
    }
    let read = each(names.iter().enumerate().map(|(at, name)| {
        let field = format!("{list}[{at}]");
        let name = line(&field, name, longest)?;
        let key = folded(&name);
        if key.is_empty() {
            return Err(Refusal::bad_input(&field, "must have at least one letter or digit")
                .because(kernel::reasons::MALFORMED));
        }
        Ok((key, name))
    }))?;
    // The same in another spelling says nothing new.
    let mut seen = HashSet::new();
    Ok(read.into_iter().filter_map(|(key, name)| seen.insert(key).then_some(name)).collect())
}

fn checked_url(url: &str) -> Result<String, Refusal> {
    let wrong = || {
        Refusal::bad_input("imageUrl", "must be an address that begins with https://")
            .because(kernel::reasons::MALFORMED)
    };
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
