//! What the rules need of the world.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    events::{RowPlan, SectionPlan},
    tickets::{StockChanged, TicketTypeChanged},
    users::{MembershipChanged, Role},
};
use kernel::{
    EventId, ImageId, LayoutId, OrganizationId, Page, PageAsk, Refusal, Result, UserId, VenueId, Viewer,
};
use uuid::Uuid;

use super::{
    Event, EventAtVenue, EventBy, Facet, Frame, Guesses, Hits, IdempotencyKey, Image, ImageFormat, Layout,
    LayoutHead, Listing, Motif, Point, Shape, Size, Venue, entities::image::UploadType, search::SimilarAsk,
};

/// Where venues, layouts and events are kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction; dropped without [`Tx::commit`], it changes nothing.
    async fn begin(&self) -> Result<Box<dyn Tx>>;
}

/// A transaction. What is to be told of a change is saved with it.
#[async_trait]
pub trait Tx: Send {
    /// Notes that this call made `result`. When it was made before, gives what it made then, or
    /// refuses when the input was another one.
    async fn remember(&mut self, key: &IdempotencyKey, result: Uuid) -> Result<Option<Uuid>>;
    /// A venue.
    async fn venue(&mut self, id: VenueId) -> Result<Option<Venue>>;
    /// Keeps a new venue.
    async fn add_venue(&mut self, venue: &Venue) -> Result<()>;
    /// What is known of a layout without its sections.
    async fn layout(&mut self, id: LayoutId) -> Result<Option<LayoutHead>>;
    /// Keeps a new layout.
    async fn add_layout(&mut self, layout: &mut Layout) -> Result<()>;
    /// An event with its venue; nobody else changes it until the transaction ends.
    async fn event(&mut self, id: EventId) -> Result<Option<(Event, Venue)>>;
    /// Keeps a new event; false when its slug is taken, also by somebody at the same moment.
    async fn add_event(&mut self, event: &mut Event, venue: &Venue) -> Result<bool>;
    /// Keeps what changed of an event.
    async fn save_event(&mut self, event: &mut Event, venue: &Venue) -> Result<()>;
    /// Those of these pictures that exist.
    async fn images(&mut self, ids: &[ImageId]) -> Result<Vec<Image>>;
    /// Keeps a new picture with its files.
    async fn add_image(&mut self, image: &Image, files: Vec<ImageFile>) -> Result<()>;
    /// Notes that these pictures are shown no more; pages that are open show them for some time yet.
    async fn retire_images(&mut self, ids: &[ImageId]) -> Result<()>;
    /// What is shown of a motif; nobody else changes it until the transaction ends.
    async fn motif(&mut self, motif: &Motif) -> Result<Option<Image>>;
    /// Of how many motifs of this owner something is shown.
    async fn motifs_of(&mut self, owner: Uuid) -> Result<u64>;
    /// Shows this picture of a motif from now on, or none. Ask for [`motif`](Self::motif) first.
    async fn show_motif(&mut self, motif: &Motif, image: Option<ImageId>) -> Result<()>;
    /// Notes a message of the bus; false when it was noted before.
    async fn first_time(&mut self, message: Uuid) -> Result<bool>;
    /// Notes messages of the bus; those that were not noted before.
    async fn first_times(&mut self, messages: &[Uuid]) -> Result<BTreeSet<Uuid>>;
    /// Adds to the tickets that events, known or not, have sold on [`day`](super::popularity::day)s.
    async fn add_sold(&mut self, sold: &BTreeMap<(EventId, DateTime<Utc>), i64>) -> Result<()>;
    /// Notes what a ticket type is sold for; a late message changes nothing.
    async fn note_offer(&mut self, offer: &TicketTypeChanged) -> Result<()>;
    /// Notes how much is left of events; a late message changes nothing, nor does one of an event that is not known.
    async fn note_stock(&mut self, told: &StockChanged) -> Result<()>;
    /// Notes a member's role; a late message changes nothing.
    async fn note_membership(&mut self, change: &MembershipChanged) -> Result<()>;
    /// Makes all of it so.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// What is read without being changed.
#[async_trait]
pub trait Reads: Send + Sync {
    /// One event, whoever may see it.
    async fn event(&self, by: EventBy) -> Result<Option<EventAtVenue>>;
    /// Those of these events that exist, whoever may see them.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventAtVenue>>;
    /// The page of a listing of events that this person may see. How many there are in all is counted only when asked
    /// for, and 0 otherwise: it costs more than a page.
    async fn search(&self, listing: &Listing, viewer: Viewer) -> Result<Page<EventAtVenue>>;
    /// The same page of each of these organizations' events by start, as far as this person may see them.
    async fn programmes(
        &self,
        organizations: &[OrganizationId],
        viewer: Viewer,
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<EventAtVenue>>>;
    /// Those of these pictures that exist.
    async fn images(&self, ids: &[ImageId]) -> Result<Vec<Image>>;
    /// What is shown of those of these motifs that have a picture.
    async fn motifs(&self, motifs: &[Motif]) -> Result<HashMap<Motif, Image>>;
    /// A file of a picture, by its width; none where there is no such file.
    async fn image_file(&self, id: ImageId, width: u32, format: ImageFormat) -> Result<Option<Vec<u8>>>;
    /// One venue, whoever may see it.
    async fn venue(&self, id: VenueId) -> Result<Option<Venue>>;
    /// True when an event that everybody sees is held there.
    async fn is_public_venue(&self, id: VenueId) -> Result<bool>;
    /// Those of these layouts that exist, whoever may see them.
    async fn layouts(&self, ids: &[LayoutId]) -> Result<Vec<LayoutHead>>;
    /// Layouts of venues that this person may see: one's own organization's, and those of events that
    /// everybody sees.
    async fn layouts_of(&self, venues: &[VenueId], viewer: Viewer) -> Result<Vec<LayoutHead>>;
    /// The sections of layouts, without rows.
    async fn sections(&self, layouts: &[LayoutId]) -> Result<HashMap<LayoutId, Vec<SectionHead>>>;
    /// A whole layout, whoever may see it.
    async fn plan(&self, id: LayoutId) -> Result<Option<Plan>>;
    /// True when an event that everybody sees has it.
    async fn is_public_layout(&self, id: LayoutId) -> Result<bool>;
    /// Rows and seats of sections, each named by its layout and position.
    async fn rows(&self, sections: &[(LayoutId, u32)]) -> Result<HashMap<(LayoutId, u32), Vec<RowPlan>>>;
}

/// A whole layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is known of it without its sections.
    pub head: LayoutHead,
    /// Its sections in their order, each with its rows; an area has none.
    pub sections: Vec<(SectionHead, Vec<RowPlan>)>,
}

impl Plan {
    /// The rectangle that holds it.
    pub fn frame(&self) -> Frame {
        self.head.frame.unwrap_or_else(|| {
            let seats = self.sections.iter().flat_map(|(_, rows)| rows).flat_map(|row| &row.seats);
            Frame::around(seats.map(|seat| Point { x: seat.x, y: seat.y }))
        })
    }
}

/// What is known of a section without its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionHead {
    /// Of which layout.
    pub layout_id: LayoutId,
    /// Its place among the layout's sections.
    pub position: u32,
    /// Unique in the layout.
    pub key: String,
    /// As on the ticket.
    pub name: String,
    /// True for numbered seats.
    pub seated: bool,
    /// How many people fit in.
    pub capacity: u32,
    /// What it looks like.
    pub shape: Shape,
}

impl SectionHead {
    /// What is known of `section`, which stands at this position of the layout.
    pub fn of(layout_id: LayoutId, position: u32, section: &SectionPlan, shape: Shape) -> Self {
        Self {
            layout_id,
            position,
            key: section.key.clone(),
            name: section.name.clone(),
            seated: matches!(section.places, contracts::events::Places::Seated { .. }),
            capacity: section.capacity(),
            shape,
        }
    }
}

/// Events as they are looked for by words. It holds what everybody may see, follows the database within a second or so, and is
/// made anew whenever it is lost: the database stays the truth. Each question is answered by nothing while it is still being made.
#[async_trait]
pub trait EventIndex: Send + Sync {
    /// What a listing finds, whatever its order.
    async fn search(&self, listing: &Listing) -> Result<Option<Hits>>;
    /// What a listing finds, all its pages together, counted by each property.
    async fn facets(&self, listing: &Listing) -> Result<Option<Vec<Facet>>>;
    /// What somebody may mean who has typed this, of what is not over at this time: as many at most of each kind.
    async fn guess(&self, typed: &str, most: u32, now: DateTime<Utc>) -> Result<Option<Guesses>>;
    /// Events that are like others, the most alike first, of what is not over at this time.
    async fn similar(
        &self,
        asked: &[SimilarAsk],
        now: DateTime<Utc>,
    ) -> Result<Option<HashMap<SimilarAsk, Vec<EventId>>>>;
}

/// How much one client may ask for, whoever they say they are.
pub trait ClientLimits: Send + Sync {
    /// Refuses who has looked for words too often just now: each time every event's text is read.
    fn looks_for_words(&self) -> Result<(), Refusal>;
    /// Refuses a picture of an organization that has sent too many just now: each keeps a processor busy for seconds.
    fn sends_picture(&self, organization: OrganizationId) -> Result<(), Refusal>;
}

/// A picture as pages show it.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// How large it was sent, turned upright.
    pub size: Size,
    /// A few pixels of it as a `data:` address.
    pub placeholder: Option<String>,
    /// One of each width of the size's ladder and each format.
    pub files: Vec<ImageFile>,
}

/// A picture in one width and one format.
#[derive(Clone, Debug)]
pub struct ImageFile {
    /// How wide, in pixels.
    pub width: u32,
    /// In what it is written.
    pub format: ImageFormat,
    /// What is sent.
    pub bytes: Vec<u8>,
}

/// What makes the files of a picture.
#[async_trait]
pub trait Renderer: Send + Sync {
    /// Reads a picture that was sent as this type, and writes its files: upright, and without what was written beside its
    /// pixels. Refuses what is no picture or too large a one; what cannot have its turn soon is told when to come again.
    async fn render(&self, picture: Vec<u8>, of: UploadType) -> Result<Rendering>;
}

/// Who belongs to which organization.
#[async_trait]
pub trait Members: Send + Sync {
    /// Refuses who may not manage the organization's events. A role that was given a moment ago is
    /// waited for.
    async fn require_organizer(&self, organization: OrganizationId, user: UserId) -> Result<()>;
    /// The roles of people in the organizations beside them; none of who has none.
    async fn roles(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>>;
    /// True for members of any role.
    async fn is_member(&self, organization: OrganizationId, user: UserId) -> Result<bool>;
    /// Which of these people belong where.
    async fn organizations_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Vec<OrganizationId>>>;
}
