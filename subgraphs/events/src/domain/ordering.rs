//! In which order events are listed, and places in such a list.

use chrono::{DateTime, Utc};
use kernel::{Cursor, EventId, Refusal, fingerprint, from_millis, to_millis};

use super::GeoPoint;

/// In which order a client wants events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSort {
    /// The next one first.
    StartsAt,
    /// The last one first.
    StartsAtDesc,
    /// By title.
    Title,
    /// What was made last first.
    Newest,
    /// What has the words of the query in its title before what has them in its tags or performers before the rest, and what
    /// has them with typing errors last.
    Relevance,
    /// The nearest first.
    Distance,
    /// What sold most tickets lately first.
    Popularity,
}

/// The order of a list, with what it depends on. Events that are equal in it are in the order of their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum EventOrder {
    /// The next one first.
    StartsAt,
    /// The last one first.
    StartsAtDesc,
    /// By title.
    Title,
    /// What was made last first.
    Newest,
    /// By [`misses`] of these words, then by start.
    Relevance(Vec<String>),
    /// By the distance from this point, then by start.
    Distance(GeoPoint),
    /// By how many tickets were sold since this day, then by start.
    Popularity(DateTime<Utc>),
}

/// A place in a list of events.
#[derive(Clone, Debug, PartialEq)]
pub enum EventPlace {
    /// At this start.
    Start(DateTime<Utc>, EventId),
    /// At this title, as [`title_key`](super::search::title_key) has it.
    Title(String, EventId),
    /// At this id.
    Id(EventId),
    /// With so many [`misses`], at this start.
    Relevance(i32, DateTime<Utc>, EventId),
    /// With this product with the point, as [`GeoPoint::unit`] has them, at this start.
    Distance(f64, DateTime<Utc>, EventId),
    /// With as many tickets as this event has sold since this day, at this start. How many these are is asked anew and kept
    /// in no cursor: clients can read it, and sales are their organizer's business.
    Popularity(DateTime<Utc>, DateTime<Utc>, EventId),
}

impl EventPlace {
    /// Which event stands there.
    pub fn id(&self) -> EventId {
        match self {
            Self::Start(_, id)
            | Self::Title(_, id)
            | Self::Id(id)
            | Self::Relevance(_, _, id)
            | Self::Distance(_, _, id)
            | Self::Popularity(_, _, id) => *id,
        }
    }
}

impl EventOrder {
    /// The place as a cursor keeps it; it names its order.
    pub fn write(&self, place: &EventPlace) -> String {
        let (id, rest) = match place {
            EventPlace::Start(at, id) | EventPlace::Popularity(_, at, id) => (id, to_millis(*at).to_string()),
            EventPlace::Title(title, id) => (id, title.clone()),
            EventPlace::Id(id) => (id, String::new()),
            EventPlace::Relevance(misses, at, id) => (id, format!("{misses}|{}", to_millis(*at))),
            EventPlace::Distance(product, at, id) => {
                (id, format!("{:x}|{}", product.to_bits(), to_millis(*at)))
            }
        };
        format!("{}|{id}|{rest}", self.name())
    }

    /// The place of a cursor of a list in this order.
    pub fn read(&self, cursor: &Cursor) -> Result<EventPlace, Refusal> {
        self.place(cursor.key()).ok_or_else(Cursor::wrong)
    }

    fn place(&self, key: &str) -> Option<EventPlace> {
        let mut parts = key.splitn(3, '|');
        let (order, id, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if order != self.name() {
            return None;
        }
        let id: EventId = id.parse().ok()?;
        let instant = |millis: &str| millis.parse().ok().map(from_millis);
        Some(match self {
            Self::StartsAt | Self::StartsAtDesc => EventPlace::Start(instant(rest)?, id),
            Self::Title => EventPlace::Title(rest.to_owned(), id),
            Self::Newest => EventPlace::Id(id),
            Self::Popularity(since) => EventPlace::Popularity(*since, instant(rest)?, id),
            Self::Relevance(_) => {
                let (misses, at) = rest.split_once('|')?;
                EventPlace::Relevance(misses.parse().ok()?, instant(at)?, id)
            }
            Self::Distance(_) => {
                let (product, at) = rest.split_once('|')?;
                let product = f64::from_bits(u64::from_str_radix(product, 16).ok()?);
                EventPlace::Distance(Some(product).filter(|product| product.is_finite())?, instant(at)?, id)
            }
        })
    }

    /// Other words make another order, and so does another point; another day does not.
    fn name(&self) -> String {
        match self {
            Self::StartsAt => "StartsAt".to_owned(),
            Self::StartsAtDesc => "StartsAtDesc".to_owned(),
            Self::Title => "Title".to_owned(),
            Self::Newest => "Newest".to_owned(),
            Self::Popularity(_) => "Popularity".to_owned(),
            Self::Relevance(words) => format!("Relevance:{}", fingerprint(words)),
            Self::Distance(point) => format!("Distance:{}", fingerprint(point)),
        }
    }
}

/// How far an event is from a query: nothing for each word that its title has, one for each that its tags have, two for
/// each that is found elsewhere. Title and tags are as they are compared, tags with `|` between them. An index that knows more
/// of an event counts alike: a performer's name as a tag, three for a typing error in the title, four for one elsewhere.
pub fn misses(words: &[String], title: &str, tags: &str) -> i32 {
    words.iter().map(|word| if has(title, word) { 0 } else { i32::from(!has(tags, word)) + 1 }).sum()
}

/// The beginning of a word; anywhere where words are written without spaces.
fn has(text: &str, word: &str) -> bool {
    if word.is_ascii() {
        text.split([' ', '|']).any(|written| written.starts_with(word))
    } else {
        text.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use kernel::PageAsk;

    use super::*;
    use crate::domain::search::title_key;

    fn relevance(words: &str) -> EventOrder {
        EventOrder::Relevance(words.split(' ').map(str::to_owned).collect())
    }

    const fn distance(lat: f64) -> EventOrder {
        EventOrder::Distance(GeoPoint { lat, lon: 0.0 })
    }

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let (id, at) = (EventId::new(), from_millis(1_800_000_000_123));
        let orders = [
            (EventOrder::StartsAt, EventPlace::Start(at, id)),
            (EventOrder::StartsAtDesc, EventPlace::Start(at, id)),
            (EventOrder::Title, EventPlace::Title(title_key(&"한".repeat(200)), id)),
            (EventOrder::Newest, EventPlace::Id(id)),
            (relevance("hamlet vienna"), EventPlace::Relevance(3, at, id)),
            (relevance("hamlet"), EventPlace::Relevance(0, at, id)),
            (distance(48.2), EventPlace::Distance(1.0 - f64::EPSILON, at, id)),
            (distance(48.3), EventPlace::Distance(-0.1, at, id)),
            (EventOrder::Popularity(at), EventPlace::Popularity(at, at, id)),
        ];
        for (order, place) in &orders {
            let cursor = Cursor::after(order.write(place));
            let cursor = PageAsk::parse(None, Some(&cursor.encode()), 1).unwrap().after.unwrap();
            assert_eq!(order.read(&cursor).unwrap(), *place);
            let mut others = orders.iter().filter(|(other, _)| other != order);
            assert!(others.all(|(other, _)| other.read(&cursor).is_err()), "{order:?}");
        }
    }

    #[test]
    fn a_cursor_that_was_tampered_with_is_refused() {
        let id = EventId::new();
        for (order, rest) in [
            (EventOrder::StartsAt, "soon"),
            (EventOrder::Popularity(from_millis(0)), "5|1"),
            (relevance("hamlet"), "1"),
            (relevance("hamlet"), "x|1"),
            (distance(1.0), "x|1"),
            (distance(1.0), "7ff8000000000000|1"),
            (distance(1.0), "3ff0000000000000|x"),
        ] {
            let cursor = Cursor::after(format!("{}|{id}|{rest}", order.name()));
            assert!(order.read(&cursor).is_err(), "{order:?}: {rest}");
        }
        assert!(EventOrder::Title.read(&Cursor::after("Title|x|y")).is_err());
    }

    #[test]
    fn a_word_of_the_title_comes_before_one_of_the_tags_before_any_other() {
        for (words, expected) in [
            (vec!["hamlet"], 0),
            (vec!["ham"], 0),
            (vec!["shakes"], 1),
            (vec!["drama"], 1),
            (vec!["amlet"], 2),
            (vec!["vienna"], 2),
            (vec!["hamlet", "drama"], 1),
            (vec!["hamlet", "vienna"], 2),
            (vec!["フィル"], 0),
        ] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            assert_eq!(misses(&words, "hamlet 東京フィル", "|shakespeare|new drama|"), expected, "{words:?}");
        }
    }
}
