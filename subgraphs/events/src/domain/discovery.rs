//! What an index of events answers.

use kernel::EventId;

use super::{EventAtVenue, ordering::EventPlace};

/// The events that a listing finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Their places in its order, from the page's first one on: one more than the page has, where more follow.
    pub places: Vec<EventPlace>,
    /// How many there are in all.
    pub total: u64,
}

/// By what events are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacetField {
    /// By kind.
    Category,
    /// By city.
    City,
    /// By month of their start, in their venue's zone.
    Month,
    /// By their lowest price.
    PriceBand,
    /// By tag.
    Tag,
}

impl FacetField {
    /// All of them, as they are shown.
    pub const ALL: [Self; 5] = [Self::Category, Self::City, Self::Month, Self::PriceBand, Self::Tag];
}

/// What a listing finds, counted by one of its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// By which.
    pub field: FacetField,
    /// The most frequent values; months and prices in their own order.
    pub buckets: Vec<Bucket>,
}

/// How many events have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The value, as filters take it.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// How many.
    pub count: u32,
}

/// Of what kind a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuggestionKind {
    /// Somebody who performs.
    Performer,
    /// A place where events happen.
    Venue,
    /// A city.
    City,
    /// A tag.
    Tag,
    /// One event.
    Event,
}

/// What somebody who is typing may mean, as an index knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guesses {
    /// Names that begin so, what most events have first.
    pub names: Vec<(SuggestionKind, String)>,
    /// Events whose titles have words that begin so, what sells most first.
    pub events: Vec<EventId>,
}

/// What somebody who is typing may mean.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// What is to be shown, and looked for.
    pub text: String,
    /// What that is.
    pub kind: SuggestionKind,
    /// The event, where it is one.
    pub event: Option<EventAtVenue>,
}
