//! What is found, document by document: what else it has to meet, in which order it comes.

use std::{
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use kernel::{EventId, from_millis, to_millis};
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, ColumnValues, DynamicColumn, HasAssociatedColumnType, StrColumn},
};
use uuid::Uuid;

use super::{asking::Asked, document::column};
use crate::domain::{EventOrder, GeoPoint, Listing, ordering::EventPlace};

/// How many tickets events have sold lately.
pub(super) type Sold = Arc<HashMap<EventId, i64>>;

/// What is compared document by document.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    now: i64,
    /// Whether it is over; where that does not matter, nothing.
    over: Option<bool>,
    starts: (i64, i64),
    price_max: Option<i64>,
    only_left: bool,
    near: Option<(GeoPoint, f64)>,
}

impl Conditions {
    /// Those of a listing.
    pub(super) fn of(Listing { search, now, .. }: &Listing) -> Self {
        Self {
            now: to_millis(*now),
            over: (!search.whenever).then_some(search.over),
            starts: (
                search.starts_after.map_or(i64::MIN, to_millis),
                search.starts_before.map_or(i64::MAX, to_millis),
            ),
            price_max: search.price_max,
            only_left: search.only_available,
            // A little more than nothing, for what rounding takes from a place compared with itself.
            near: search.near.map(|near| (near.point, near.least_product() - 1e-14)),
        }
    }

    /// What is not over at this time.
    pub(super) fn not_over(now: DateTime<Utc>) -> Self {
        let starts = (i64::MIN, i64::MAX);
        Self { now: to_millis(now), over: Some(false), starts, price_max: None, only_left: false, near: None }
    }

    /// Everything, whenever it is.
    pub(super) fn whenever() -> Self {
        Self { over: None, ..Self::not_over(DateTime::UNIX_EPOCH) }
    }

    /// The same for the documents of a piece of an index.
    pub(super) fn within(&self, segment: &SegmentReader) -> tantivy::Result<Met> {
        let fast = segment.fast_fields();
        Ok(Met {
            asked: self.clone(),
            starts: fast.column_first_or_default(column::STARTS)?,
            ends: fast.column_first_or_default(column::ENDS)?,
            price: optional(segment, column::PRICE)?,
            left: fast.column_first_or_default(column::LEFT)?,
            place: Place::of(segment)?,
        })
    }
}

/// Which documents meet conditions.
pub(super) struct Met {
    asked: Conditions,
    starts: Arc<dyn ColumnValues<i64>>,
    ends: Arc<dyn ColumnValues<i64>>,
    price: Column<i64>,
    left: Arc<dyn ColumnValues<u64>>,
    place: Place,
}

impl Met {
    pub(super) fn by(&self, doc: DocId) -> bool {
        let asked = &self.asked;
        let (from, until) = asked.starts;
        let starts = self.starts.get_val(doc);
        asked.over.is_none_or(|over| (self.ends.get_val(doc) <= asked.now) == over)
            && (from..until).contains(&starts)
            && asked.price_max.is_none_or(|most| self.price.first(doc).is_some_and(|price| price <= most))
            && (!asked.only_left || self.left.get_val(doc) > 0)
            && asked.near.is_none_or(|(point, least)| {
                self.place.product(doc, point).is_some_and(|product| product >= least)
            })
    }
}

/// A column that is missing where no document of the piece has a value.
fn optional<T>(segment: &SegmentReader, name: &str) -> tantivy::Result<Column<T>>
where
    T: PartialOrd + Copy + Default + HasAssociatedColumnType + Send + Sync + 'static,
    DynamicColumn: Into<Option<Column<T>>>,
{
    let column = segment.fast_fields().column_opt(name)?;
    Ok(column.unwrap_or_else(|| Column::build_empty_column(segment.max_doc())))
}

/// Where documents are.
struct Place([Column<f64>; 3]);

impl Place {
    fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let [x, y, z] = column::UNIT.map(|name| optional(segment, name));
        Ok(Self([x?, y?, z?]))
    }

    /// The same number that the database computes, bit by bit.
    fn product(&self, doc: DocId, point: GeoPoint) -> Option<f64> {
        let [x, y, z] = point.unit();
        let [unit_x, unit_y, unit_z] = &self.0;
        Some(unit_x.first(doc)? * x + unit_y.first(doc)? * y + unit_z.first(doc)? * z)
    }
}

/// A place in an order, the less the earlier. Its first part is of one piece of an index where titles decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    first: u64,
    then: u64,
    id: u128,
}

fn ascending(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn ascending_back(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// Of numbers that are no NaN.
fn ascending_float(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

fn ascending_float_back(number: u64) -> f64 {
    f64::from_bits(if number >> 63 == 1 { number & !(1 << 63) } else { !number })
}

/// The places of a page, and how many documents there are in all.
pub(super) struct Places {
    pub(super) order: EventOrder,
    /// How many words are looked for.
    pub(super) words: u16,
    pub(super) conditions: Conditions,
    pub(super) after: Option<EventPlace>,
    /// How many places.
    pub(super) most: usize,
    pub(super) sold: Sold,
}

/// Places of one piece of an index.
pub(super) struct PiecePlaces {
    order: EventOrder,
    words: u16,
    met: Met,
    id: [Arc<dyn ColumnValues<u64>>; 2],
    title: Option<StrColumn>,
    sold: Sold,
    after: Option<Rank>,
    most: usize,
    best: BinaryHeap<Rank>,
    total: u64,
}

/// What was found, by title where that decides.
pub(super) type Found = (Vec<(Option<String>, Rank)>, u64);

impl Collector for Places {
    type Fruit = (Vec<EventPlace>, u64);
    type Child = PiecePlaces;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<PiecePlaces> {
        let fast = segment.fast_fields();
        let [high, low] = column::ID.map(|name| fast.column_first_or_default(name));
        let title = if self.order == EventOrder::Title { fast.str(column::TITLE)? } else { None };
        let mut piece = PiecePlaces {
            order: self.order.clone(),
            words: self.words,
            met: self.conditions.within(segment)?,
            id: [high?, low?],
            title,
            sold: self.sold.clone(),
            after: None,
            most: self.most,
            best: BinaryHeap::with_capacity(self.most + 1),
            total: 0,
        };
        piece.after = self.after.as_ref().map(|place| piece.rank_of(place)).transpose()?;
        Ok(piece)
    }

    fn requires_scoring(&self) -> bool {
        matches!(self.order, EventOrder::Relevance(_))
    }

    fn merge_fruits(&self, pieces: Vec<Found>) -> tantivy::Result<Self::Fruit> {
        let total = pieces.iter().map(|(_, total)| total).sum();
        let mut all: Vec<_> = pieces.into_iter().flat_map(|(found, _)| found).collect();
        all.sort_unstable();
        all.truncate(self.most);
        Ok((all.into_iter().map(|(title, rank)| self.place(title, rank)).collect(), total))
    }
}

impl Places {
    fn place(&self, title: Option<String>, rank: Rank) -> EventPlace {
        let start = |then| from_millis(ascending_back(then));
        let event = |id| EventId::from_uuid(Uuid::from_u128(id));
        match &self.order {
            EventOrder::StartsAt => EventPlace::Start(start(rank.then), event(rank.id)),
            EventOrder::StartsAtDesc => EventPlace::Start(start(!rank.then), event(!rank.id)),
            EventOrder::Title => EventPlace::Title(title.unwrap_or_default(), event(rank.id)),
            EventOrder::Newest => EventPlace::Id(event(!rank.id)),
            EventOrder::Relevance(_) => {
                let misses = i32::try_from(rank.first).unwrap_or(i32::MAX);
                EventPlace::Relevance(misses, start(rank.then), event(rank.id))
            }
            EventOrder::Distance(_) => {
                EventPlace::Distance(ascending_float_back(!rank.first), start(rank.then), event(rank.id))
            }
            EventOrder::Popularity(since) => EventPlace::Popularity(*since, start(rank.then), event(rank.id)),
        }
    }
}

impl PiecePlaces {
    fn sold(&self, id: u128) -> u64 {
        let sold = self.sold.get(&EventId::from_uuid(Uuid::from_u128(id))).copied().unwrap_or(0);
        !ascending(sold)
    }

    /// A place as ranks have it here.
    fn rank_of(&self, place: &EventPlace) -> tantivy::Result<Rank> {
        let id = place.id().uuid().as_u128();
        let start = |at: &DateTime<Utc>| ascending(to_millis(*at));
        Ok(match (place, &self.order) {
            (EventPlace::Start(at, _), EventOrder::StartsAtDesc) => {
                Rank { first: 0, then: !start(at), id: !id }
            }
            (EventPlace::Start(at, _), _) => Rank { first: 0, then: start(at), id },
            (EventPlace::Id(_), _) => Rank { id: !id, ..Rank::default() },
            (EventPlace::Relevance(misses, at, _), _) => {
                Rank { first: u64::try_from(*misses).unwrap_or(0), then: start(at), id }
            }
            (EventPlace::Distance(product, at, _), _) => {
                Rank { first: !ascending_float(*product), then: start(at), id }
            }
            (EventPlace::Popularity(_, at, _), _) => Rank { first: self.sold(id), then: start(at), id },
            (EventPlace::Title(title, _), _) => match &self.title {
                None => Rank::default(),
                Some(titles) => match titles.dictionary().term_ord(title.as_bytes())? {
                    // Titles are counted from one here, so that there is something before the first.
                    Some(nth) => Rank { first: nth + 1, then: 0, id },
                    None => Rank { first: before(titles, title)?, then: u64::MAX, id: u128::MAX },
                },
            },
        })
    }

    fn rank(&self, doc: DocId, score: Score) -> Rank {
        let [high, low] = &self.id;
        let id = (u128::from(high.get_val(doc)) << 64) | u128::from(low.get_val(doc));
        let start = || ascending(self.met.starts.get_val(doc));
        match &self.order {
            EventOrder::StartsAt => Rank { first: 0, then: start(), id },
            EventOrder::StartsAtDesc => Rank { first: 0, then: !start(), id: !id },
            EventOrder::Newest => Rank { id: !id, ..Rank::default() },
            EventOrder::Title => {
                let nth = self.title.as_ref().and_then(|titles| titles.ords().first(doc));
                Rank { first: nth.map_or(0, |nth| nth + 1), then: 0, id }
            }
            EventOrder::Relevance(_) => {
                let misses = Asked::misses(self.words, score);
                Rank { first: u64::try_from(misses).unwrap_or(0), then: start(), id }
            }
            EventOrder::Distance(point) => {
                let product = self.met.place.product(doc, *point).unwrap_or(-1.0);
                Rank { first: !ascending_float(product), then: start(), id }
            }
            EventOrder::Popularity(_) => Rank { first: self.sold(id), then: start(), id },
        }
    }
}

/// How many titles come before one that is not there.
fn before(titles: &StrColumn, title: &str) -> tantivy::Result<u64> {
    let (mut from, mut until) = (0, titles.num_terms() as u64);
    let mut other = String::new();
    while from < until {
        let middle = from.midpoint(until);
        other.clear();
        titles.ord_to_str(middle, &mut other)?;
        if other.as_str() < title {
            from = middle + 1;
        } else {
            until = middle;
        }
    }
    Ok(from)
}

impl SegmentCollector for PiecePlaces {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, score: Score) {
        if !self.met.by(doc) {
            return;
        }
        self.total += 1;
        let rank = self.rank(doc, score);
        let worse = self.best.len() == self.most && self.best.peek().is_some_and(|worst| *worst <= rank);
        if worse || self.after.is_some_and(|after| rank <= after) {
            return;
        }
        self.best.push(rank);
        if self.best.len() > self.most {
            self.best.pop();
        }
    }

    fn harvest(self) -> Found {
        let Self { best, title, total, .. } = self;
        let named = |rank: Rank| match &title {
            None => (None, rank),
            Some(titles) => {
                let mut title = String::new();
                // A title that cannot be read sorts first; the next search reads another piece.
                drop(titles.ord_to_str(rank.first.saturating_sub(1), &mut title));
                (Some(title), Rank { first: 0, ..rank })
            }
        };
        (best.into_iter().map(named).collect(), total)
    }
}
