//! What can be looked for among events.

use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{Cursor, EventId, OrganizationId, Refusal, from_millis, to_millis};

use super::{Category, EventDetails, GeoPoint, Venue, folded};

/// The longest part of a title that is sorted by, in bytes; later letters do not decide.
const TITLE_KEY: usize = 200;

/// How much of an event's words is looked through, in bytes; a description's last part is not.
const SEARCHED: usize = 4_000;
/// The most words that are looked for at once.
const MAX_WORDS: usize = 12;

/// Conditions that an event meets, all of them; what is left empty does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSearch {
    /// Words that all occur in title, description, tags, venue or city.
    pub query: Option<String>,
    /// One of these kinds.
    pub categories: Vec<Category>,
    /// With one of these tags.
    pub tags: Vec<String>,
    /// In this city.
    pub city: Option<String>,
    /// Not farther away than this.
    pub near: Option<Near>,
    /// Begins then or later.
    pub starts_after: Option<DateTime<Utc>>,
    /// Begins before then.
    pub starts_before: Option<DateTime<Utc>>,
    /// Of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Stands so.
    pub statuses: Vec<EventStatus>,
}

/// A circle on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its middle.
    pub point: GeoPoint,
    /// Its radius, in kilometres.
    pub km: f64,
}

impl Near {
    /// Events whose place has at least this product with [`GeoPoint::unit`] of the middle are inside.
    pub fn least_product(self) -> f64 {
        const EARTH_KM: f64 = 6_371.0;
        (self.km / EARTH_KM).min(std::f64::consts::PI).cos()
    }
}

impl EventSearch {
    /// The search itself, or what is wrong with it; fields are named as in the filter.
    pub fn checked(self) -> Result<Self, Refusal> {
        let long = |field: &str, text: &Option<String>, max: usize| match text {
            Some(text) if text.len() > max * 8 || text.chars().count() > max => {
                Err(Refusal::bad_input(field, format!("must have at most {max} characters"))
                    .because(kernel::reasons::TOO_LONG))
            }
            _ => Ok(()),
        };
        long("query", &self.query, 200)?;
        long("city", &self.city, 100)?;
        if self.categories.len() > Category::ALL.len() {
            return Err(Refusal::bad_input("categories", "must name each category once at most")
                .because(kernel::reasons::DUPLICATE));
        }
        if self.tags.len() > 20 {
            return Err(
                Refusal::bad_input("tags", "must be at most 20").because(kernel::reasons::WRONG_COUNT)
            );
        }
        for tag in &self.tags {
            kernel::line("tags", tag, 40)?;
        }
        // Each is looked for in every text.
        if self.words().is_some_and(|words| words.len() > MAX_WORDS) {
            return Err(Refusal::bad_input("query", format!("must have at most {MAX_WORDS} words"))
                .because(kernel::reasons::OUT_OF_RANGE));
        }
        if self.statuses.len() > 10 {
            return Err(Refusal::bad_input("statuses", "must name each status once at most")
                .because(kernel::reasons::DUPLICATE));
        }
        if let Some(near) = self.near {
            near.point.checked("near")?;
            if !(near.km > 0.0 && near.km <= 20_100.0) {
                return Err(Refusal::bad_input("near.km", "must be more than 0 and at most 20100")
                    .because(kernel::reasons::OUT_OF_RANGE));
            }
        }
        if let (Some(after), Some(before)) = (self.starts_after, self.starts_before)
            && before <= after
        {
            return Err(Refusal::bad_input("startsBefore", "must be after startsAfter")
                .because(kernel::reasons::INCONSISTENT));
        }
        Ok(self)
    }

    /// The words looked for, as they are compared; none when there was no query.
    pub fn words(&self) -> Option<Vec<String>> {
        let query = self.query.as_deref().filter(|query| !query.trim().is_empty())?;
        Some(folded(query).split_whitespace().map(str::to_owned).collect())
    }
}

/// What is asked of one organization's events, beside others' whose page begins at the same place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProgrammeAsk {
    /// How many events.
    pub first: u32,
    /// After which place of the list by start.
    pub after: Option<String>,
    /// True when it is to be told how many there are in all.
    pub counted: bool,
}

/// In which order events are listed. Events that are equal in it are in the order of their ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventSort {
    /// The next one first.
    #[default]
    StartsAt,
    /// The last one first.
    StartsAtDesc,
    /// By title.
    Title,
    /// What was made last first.
    Newest,
}

/// A place in a list of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventPlace {
    /// At this start.
    Start(DateTime<Utc>, EventId),
    /// At this title, as [`title_key`] has it.
    Title(String, EventId),
    /// At this id.
    Id(EventId),
}

impl EventSort {
    /// The place as a cursor keeps it; it names its order.
    pub fn write(self, place: &EventPlace) -> String {
        match place {
            EventPlace::Start(at, id) => format!("{self:?}|{id}|{}", to_millis(*at)),
            EventPlace::Title(title, id) => format!("{self:?}|{id}|{title}"),
            EventPlace::Id(id) => format!("{self:?}|{id}|"),
        }
    }

    /// The place of a cursor of a list in this order.
    pub fn read(self, cursor: &Cursor) -> Result<EventPlace, Refusal> {
        let mut parts = cursor.key().splitn(3, '|');
        let (order, id, rest) = (parts.next(), parts.next(), parts.next().ok_or_else(Cursor::wrong)?);
        if order != Some(format!("{self:?}").as_str()) {
            return Err(Cursor::wrong());
        }
        let id: EventId = id.unwrap_or_default().parse().map_err(|_| Cursor::wrong())?;
        Ok(match self {
            Self::StartsAt | Self::StartsAtDesc => {
                EventPlace::Start(from_millis(rest.parse().map_err(|_| Cursor::wrong())?), id)
            }
            Self::Title => EventPlace::Title(rest.to_owned(), id),
            Self::Newest => EventPlace::Id(id),
        })
    }
}

/// An event's words as they are looked through, each with a space before it, by which its beginning is found.
pub fn search_text(details: &EventDetails, venue: &Venue) -> String {
    let words = [details.title.as_str(), venue.name(), &venue.address().city].into_iter();
    let words = words.chain(details.tags.iter().map(String::as_str)).chain([details.description.as_str()]);
    let mut text: String = words.flat_map(|words| [" ".to_owned(), folded(words)]).collect();
    text.truncate(text.floor_char_boundary(SEARCHED));
    text
}

/// The title as lists are sorted by it.
pub fn title_key(title: &str) -> String {
    let mut key = folded(title);
    key.truncate(key.floor_char_boundary(TITLE_KEY));
    key
}

#[cfg(test)]
mod tests {
    use kernel::PageAsk;

    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let place = EventPlace::Title(title_key(&"한".repeat(200)), EventId::new());
        let cursor = Cursor::after(EventSort::Title.write(&place));
        let ask = PageAsk::parse(None, Some(&cursor.encode()), 1).unwrap();
        let cursor = ask.after.unwrap();
        assert_eq!(EventSort::Title.read(&cursor).unwrap(), place);
        assert!(EventSort::StartsAt.read(&cursor).is_err());
        assert!(EventSort::Title.read(&Cursor::after("Title|x|y")).is_err());
    }
}
