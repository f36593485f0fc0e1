//! The rules of venues, layouts and events; no I/O but through the ports.

pub mod discovery;
pub mod entities;
mod fold;
mod idempotency;
pub mod ordering;
pub mod popularity;
pub mod ports;
pub mod price;
pub mod reasons;
pub mod search;
pub mod use_cases;

pub use discovery::{Bucket, Facet, FacetField, Guesses, Hits, Suggestion, SuggestionKind};
pub use entities::{
    address::{Address, GeoPoint},
    category::Category,
    drawing::{Drawing, Frame, Point, Shape},
    event::{Event, EventSnapshot, NewTimes, checked_reason},
    event_details::{EventChanges, EventDetails},
    image::{Image, ImageFormat, Motif, Size, SizeAsk},
    layout::{Layout, LayoutHead},
    performer::PerformerId,
    venue::{Venue, VenueSnapshot},
};
pub use fold::folded;
pub use idempotency::IdempotencyKey;
pub use ordering::{EventOrder, EventSort};
pub use search::{EventSearch, Listing, Near};
pub use use_cases::{
    CancelEvent, CreateEvent, CreateVenue, DefineLayout, EventAtVenue, EventBy, Events, RescheduleEvent,
    SearchEvents, SetImage, SuggestEvents, UpdateEvent,
};
