//! What can be looked for among events.

use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{OrganizationId, Refusal};

use super::{Category, EventDetails, EventOrder, EventSort, GeoPoint, Venue, folded, popularity};

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
    /// Is over; if not, it is not over.
    pub over: bool,
}

/// A search that is in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What is looked for.
    pub search: EventSearch,
    /// In which order.
    pub order: EventOrder,
    /// The time, by which is decided what is over.
    pub now: DateTime<Utc>,
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
    /// What is to be listed, or what is wrong with it. Without a wish for an order it is by relevance where words are
    /// looked for, else by start.
    pub fn listed(self, sort: Option<EventSort>, now: DateTime<Utc>) -> Result<Listing, Refusal> {
        let search = self.checked()?;
        let order = search.order(sort, now)?;
        Ok(Listing { search, order, now })
    }

    fn order(&self, sort: Option<EventSort>, now: DateTime<Utc>) -> Result<EventOrder, Refusal> {
        let by_words = || self.words().filter(|words| !words.is_empty()).map(EventOrder::Relevance);
        Ok(match sort {
            None | Some(EventSort::Relevance) => by_words().unwrap_or(EventOrder::StartsAt),
            Some(EventSort::StartsAt) => EventOrder::StartsAt,
            Some(EventSort::StartsAtDesc) => EventOrder::StartsAtDesc,
            Some(EventSort::Title) => EventOrder::Title,
            Some(EventSort::Newest) => EventOrder::Newest,
            Some(EventSort::Popularity) => EventOrder::Popularity(popularity::since(now)),
            Some(EventSort::Distance) => {
                let near = self.near.ok_or_else(|| {
                    let right = "can be DISTANCE only beside a filter that says near what (near; at REST lat, lon and km)";
                    Refusal::bad_input("sort", right).because(kernel::reasons::INCONSISTENT)
                })?;
                EventOrder::Distance(near.point)
            }
        })
    }

    /// The search itself, or what is wrong with it; fields are named as in the filter.
    fn checked(self) -> Result<Self, Refusal> {
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
    use super::*;

    fn found(words: &str) -> EventSearch {
        EventSearch { query: Some(words.to_owned()), ..EventSearch::default() }
    }

    #[test]
    fn what_is_looked_for_by_words_comes_by_relevance_and_the_rest_by_start() {
        let now = DateTime::UNIX_EPOCH;
        let order = |search: EventSearch, sort| search.listed(sort, now).unwrap().order;
        let words = EventOrder::Relevance(vec!["hamlet".to_owned()]);
        assert_eq!(order(found("Hamlet"), None), words);
        assert_eq!(order(found("Hamlet"), Some(EventSort::Title)), EventOrder::Title);
        for wordless in [EventSearch::default(), found(" "), found("!")] {
            assert_eq!(order(wordless.clone(), None), EventOrder::StartsAt);
            assert_eq!(order(wordless, Some(EventSort::Relevance)), EventOrder::StartsAt);
        }
    }

    #[test]
    fn a_distance_needs_a_place_to_be_near() {
        let sort = Some(EventSort::Distance);
        let refusal = EventSearch::default().listed(sort, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(refusal.details["field"], "sort");
        let point = GeoPoint { lat: 48.2, lon: 16.4 };
        let near = EventSearch { near: Some(Near { point, km: 5.0 }), ..EventSearch::default() };
        assert_eq!(near.listed(sort, DateTime::UNIX_EPOCH).unwrap().order, EventOrder::Distance(point));
    }
}
