//! What can be looked for among events.

use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, OrganizationId, PageAsk, Refusal, each, together};

use super::{
    Category, EventDetails, EventOrder, EventSort, GeoPoint, Venue, entities::address::EARTH_KM, folded,
    popularity,
};

/// The longest part of a title that is sorted by, in bytes; later letters do not decide.
const TITLE_KEY: usize = 200;

/// How much of an event's words is looked through, in bytes; a description's last part is not.
const SEARCHED: usize = 4_000;
/// The most words that are looked for at once.
const MAX_WORDS: usize = 12;
/// The most tags that are looked for at once.
const MAX_TAGS: usize = 20;

/// Conditions that an event meets, all of them; what is left empty does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSearch {
    /// Words that all occur in title, description, performers, tags, venue or city.
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
    /// It does not matter whether it is over; for counting what an organization's own list has.
    pub whenever: bool,
    /// Has tickets for this or less: ten-thousandths of a whole unit of its currency, see [`price`](super::price).
    pub price_max: Option<i64>,
    /// Is published, and not known to be sold out.
    pub only_available: bool,
    /// In which language the words are, as `de-AT`; their forms are compared by its rules. Without it by those of all languages
    /// that are known.
    pub locale: Option<String>,
}

/// How many events are asked for that are like one, and at which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SimilarAsk {
    /// Like which.
    pub to: EventId,
    /// How many at most.
    pub first: u32,
}

/// A search that is in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What is looked for.
    pub search: EventSearch,
    /// In which order.
    pub order: EventOrder,
    /// Which part of what is found; its cursor is one of this order.
    pub page: PageAsk,
    /// True when it is to be told how many there are in all.
    pub counted: bool,
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
    /// The circle itself, or what is wrong with it. `place` is what stands before `lat`, `lon` and `km` where it came from, such
    /// as `near.`, if anything.
    pub fn checked(self, place: &str) -> Result<Self, Refusal> {
        let km = if self.km > 0.0 && self.km <= 20_100.0 {
            Ok(())
        } else {
            Err(Refusal::bad_input(&format!("{place}km"), "must be more than 0 and at most 20100")
                .because(kernel::reasons::OUT_OF_RANGE))
        };
        together((self.point.checked(place), km)).map(|_| self)
    }

    /// Events whose place has at least this product with [`GeoPoint::unit`] of the middle are inside.
    pub fn least_product(self) -> f64 {
        (self.km / EARTH_KM).min(std::f64::consts::PI).cos()
    }
}

impl EventSearch {
    /// The order in which it is listed, or all that is wrong with it; fields are named as in the filter. Without a wish for an
    /// order it is by relevance where words are looked for, else by start.
    pub fn order(&self, sort: Option<EventSort>, now: DateTime<Utc>) -> Result<EventOrder, Refusal> {
        let (.., wished) = together((
            self.check_query(),
            named_once("categories", "category", self.categories.len(), Category::ALL.len()),
            self.check_tags(),
            short("city", self.city.as_deref(), 100),
            self.near.map(|near| near.checked("near.")).transpose(),
            self.check_period(),
            self.locale.as_deref().map(check_locale).transpose(),
            named_once("statuses", "status", self.statuses.len(), 10),
            self.wished(sort, now),
        ))?;
        let by_words = || self.words().filter(|words| !words.is_empty()).map(EventOrder::Relevance);
        Ok(wished.or_else(by_words).unwrap_or(EventOrder::StartsAt))
    }

    /// The order that was wished for; none where the words decide.
    fn wished(&self, sort: Option<EventSort>, now: DateTime<Utc>) -> Result<Option<EventOrder>, Refusal> {
        Ok(Some(match sort {
            None | Some(EventSort::Relevance) => return Ok(None),
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
        }))
    }

    fn check_query(&self) -> Result<(), Refusal> {
        short("query", self.query.as_deref(), 200)?;
        // Each is looked for in every text.
        if self.words().is_some_and(|words| words.len() > MAX_WORDS) {
            return Err(Refusal::bad_input("query", format!("must have at most {MAX_WORDS} words"))
                .because(kernel::reasons::OUT_OF_RANGE));
        }
        Ok(())
    }

    fn check_tags(&self) -> Result<(), Refusal> {
        if self.tags.len() > MAX_TAGS {
            return Err(Refusal::bad_input("tags", format!("must be at most {MAX_TAGS}"))
                .because(kernel::reasons::WRONG_COUNT));
        }
        let tag = |(at, tag): (usize, &String)| {
            kernel::line("tags", tag, 40).map_err(|wrong| wrong.standing_at(&format!("tags[{at}]")))
        };
        each(self.tags.iter().enumerate().map(tag)).map(drop)
    }

    fn check_period(&self) -> Result<(), Refusal> {
        if self.starts_after.zip(self.starts_before).is_some_and(|(after, before)| before <= after) {
            return Err(Refusal::bad_input("startsBefore", "must be after startsAfter")
                .because(kernel::reasons::INCONSISTENT));
        }
        Ok(())
    }

    /// The words looked for, as they are compared; none when there was no query.
    pub fn words(&self) -> Option<Vec<String>> {
        let query = self.query.as_deref().filter(|query| !query.trim().is_empty())?;
        Some(folded(query).split_whitespace().map(str::to_owned).collect())
    }
}

fn short(field: &str, text: Option<&str>, most: usize) -> Result<(), Refusal> {
    // Of a very long text not even the characters are counted.
    if text.is_some_and(|text| text.len() > most * 8 || text.chars().count() > most) {
        return Err(Refusal::bad_input(field, format!("must have at most {most} characters"))
            .because(kernel::reasons::TOO_LONG));
    }
    Ok(())
}

/// Refuses what is no name of a language.
fn check_locale(locale: &str) -> Result<(), Refusal> {
    let language = locale.split('-').next().unwrap_or_default();
    let right = (2..=3).contains(&language.len())
        && locale.len() <= 35
        && locale.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if right {
        return Ok(());
    }
    Err(Refusal::bad_input("locale", "must be a language such as de or de-AT")
        .because(kernel::reasons::MALFORMED))
}

fn named_once(field: &str, what: &str, named: usize, most: usize) -> Result<(), Refusal> {
    if named > most {
        return Err(Refusal::bad_input(field, format!("must name each {what} once at most"))
            .because(kernel::reasons::DUPLICATE));
    }
    Ok(())
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
    let names = details.tags.iter().chain(&details.performers).map(String::as_str);
    let words = words.chain(names).chain([details.description.as_str()]);
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
        let order = |search: EventSearch, sort| search.order(sort, now).unwrap();
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
        let refusal = EventSearch::default().order(sort, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(refusal.details["field"], "sort");
        let point = GeoPoint { lat: 48.2, lon: 16.4 };
        let near = EventSearch { near: Some(Near { point, km: 5.0 }), ..EventSearch::default() };
        assert_eq!(near.order(sort, DateTime::UNIX_EPOCH).unwrap(), EventOrder::Distance(point));
    }
}
