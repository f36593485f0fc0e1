use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    events::Places,
    tickets::{StockChanged, TicketTypeChanged},
    users::MembershipChanged,
};
use kernel::{Clock, EventId, Fault, ImageId, LayoutId, Refusal, Result, VenueId, reasons, to_millis};
use messaging::{Outbox, Told, inbox};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Statement,
    sea_query::OnConflict,
};
use service::{Database, Memberships, database::fault};
use uuid::Uuid;

use super::{images, motifs, offers, popularity, rows};
use crate::adapters::outbound::index::Touches;
use crate::domain::{
    Event, IdempotencyKey, Image, Layout, LayoutHead, Motif, Venue,
    ports::{ImageFile, SectionHead, Store, Tx},
};

/// The name under which the inbox knows this service.
const CONSUMER: &str = "events";

/// Venues, layouts and events in a database.
pub struct SeaStore {
    database: Database,
    outbox: Outbox,
    touches: Touches,
    clock: Arc<dyn Clock>,
}

impl SeaStore {
    /// A store in this database; its commits wake this outbox, and whoever follows what is touched.
    pub fn new(database: Database, outbox: Outbox, touches: Touches, clock: Arc<dyn Clock>) -> Self {
        Self { database, outbox, touches, clock }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let txn = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let touches = self.touches.clone();
        let told = self.outbox.begin();
        Ok(Box::new(SeaTx { txn, told, touches, touched: Touched::Nothing, clock: self.clock.clone() }))
    }
}

struct SeaTx {
    txn: DatabaseTransaction,
    told: Told,
    touches: Touches,
    touched: Touched,
    clock: Arc<dyn Clock>,
}

/// What of events a transaction has touched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touched {
    Nothing,
    /// What is told of them by others.
    Offers,
    /// What their organizers say, who then look for it.
    Details,
}

impl SeaTx {
    fn statement<const N: usize>(&self, sql: &str, values: [sea_orm::Value; N]) -> Statement {
        Statement::from_sql_and_values(self.txn.get_database_backend(), sql, values)
    }

    async fn tell(&mut self, announcements: Vec<contracts::Announcement>) -> Result<()> {
        let now = self.clock.now();
        Ok(self.told.append(&self.txn, announcements, now).await.map_err(fault("writing the outbox"))?)
    }
}

#[async_trait]
impl Tx for SeaTx {
    async fn remember(&mut self, key: &IdempotencyKey, result: Uuid) -> Result<Option<Uuid>> {
        // A call that runs at the same time with the same key waits here for the other's end.
        let insert = self.statement(
            "INSERT INTO idempotency_keys (owner, operation, key, fingerprint, result, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            [
                key.owner.uuid().into(),
                key.operation.into(),
                key.key.as_str().into(),
                key.fingerprint.as_str().into(),
                result.into(),
                to_millis(self.clock.now()).into(),
            ],
        );
        let doing = "remembering an idempotency key";
        if self.txn.execute_raw(insert).await.map_err(fault(doing))?.rows_affected() == 1 {
            return Ok(None);
        }
        let query = self.statement(
            "SELECT fingerprint, result FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND key = $3",
            [key.owner.uuid().into(), key.operation.into(), key.key.as_str().into()],
        );
        let row = self.txn.query_one_raw(query).await.map_err(fault(doing))?;
        let row = row.ok_or_else(|| Fault::broken_rule("an idempotency key is there and is not"))?;
        let fingerprint: String = row.try_get("", "fingerprint").map_err(fault(doing))?;
        if fingerprint != key.fingerprint {
            let message =
                "This idempotencyKey was used before with another input. Take a new key for a new request.";
            let refusal = Refusal::new(reasons::SAME_KEY_OTHER_INPUT, message);
            return Err(refusal.with("field", "idempotencyKey").into());
        }
        Ok(Some(row.try_get("", "result").map_err(fault(doing))?))
    }

    async fn venue(&mut self, id: VenueId) -> Result<Option<Venue>> {
        let row = rows::venue::Entity::find_by_id(id.uuid()).one(&self.txn).await;
        Ok(row.map_err(fault("reading a venue"))?.map(rows::venue::Model::restore).transpose()?)
    }

    async fn add_venue(&mut self, venue: &Venue) -> Result<()> {
        let insert = rows::venue::Entity::insert(rows::venue_row(venue));
        insert.exec_without_returning(&self.txn).await.map_err(fault("adding a venue"))?;
        Ok(())
    }

    async fn layout(&mut self, id: LayoutId) -> Result<Option<LayoutHead>> {
        let row = rows::layout::Entity::find_by_id(id.uuid()).one(&self.txn).await;
        Ok(row.map_err(fault("reading a layout"))?.map(rows::layout::Model::head).transpose()?)
    }

    async fn add_layout(&mut self, layout: &mut Layout) -> Result<()> {
        let head = layout.head();
        let insert = rows::layout::Entity::insert(rows::layout_row(head)?);
        insert.exec_without_returning(&self.txn).await.map_err(fault("adding a layout"))?;
        let mut sections = Vec::with_capacity(layout.sections().len());
        for (position, (at, section)) in (0..).zip(layout.sections().iter().enumerate()) {
            let shape = layout.drawing().shape(at);
            let rows = match &section.places {
                Places::Seated { rows } => Some(
                    serde_json::to_string(rows)
                        .map_err(|cause| Fault::new("writing rows of seats", cause))?,
                ),
                Places::GeneralAdmission { .. } => None,
            };
            sections.push(rows::section_row(SectionHead::of(head.id, position, section, shape), rows)?);
        }
        // Few rows to a statement: databases limit the values of one.
        for sections in sections.chunks(100) {
            let insert = rows::section::Entity::insert_many(sections.to_vec());
            insert.exec_without_returning(&self.txn).await.map_err(fault("adding sections"))?;
        }
        self.tell(layout.take_pending()).await
    }

    async fn event(&mut self, id: EventId) -> Result<Option<(Event, Venue)>> {
        let row = rows::event::Entity::find_by_id(id.uuid()).lock_exclusive().one(&self.txn).await;
        let Some(row) = row.map_err(fault("reading an event"))? else { return Ok(None) };
        let event = row.restore()?;
        let venue = self.venue(event.snapshot().venue_id).await?;
        let venue = venue.ok_or_else(|| Fault::broken_rule(format!("event {id} has no venue")))?;
        Ok(Some((event, venue)))
    }

    async fn add_event(&mut self, event: &mut Event, venue: &Venue) -> Result<bool> {
        let insert = rows::event::Entity::insert(rows::event_row(event, venue)?)
            .on_conflict(OnConflict::column(rows::event::Column::Slug).do_nothing().to_owned());
        match insert.exec_without_returning(&self.txn).await {
            Ok(0) | Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
            Ok(_) => self.tell(event.take_pending()).await.map(|()| true),
            Err(error) => Err(fault("adding an event")(error).into()),
        }
    }

    async fn save_event(&mut self, event: &mut Event, venue: &Venue) -> Result<()> {
        let touched_at = offers::touched_at(self.txn.get_database_backend());
        let update = rows::event::Entity::update_many()
            .set(rows::event_row(event, venue)?)
            .col_expr(rows::event::Column::TouchedAt, touched_at)
            .filter(rows::event::Column::Id.eq(event.id().uuid()))
            .filter(rows::event::Column::Version.eq(event.stored_version()));
        let saved = update.exec(&self.txn).await.map_err(fault("saving an event"))?;
        if saved.rows_affected != 1 {
            return Err(Fault::passing("saving an event", "somebody else changed it meanwhile").into());
        }
        self.touched = Touched::Details;
        self.tell(event.take_pending()).await
    }

    async fn images(&mut self, ids: &[ImageId]) -> Result<Vec<Image>> {
        Ok(images::of(&self.txn, ids).await?)
    }

    async fn add_image(&mut self, image: &Image, files: Vec<ImageFile>) -> Result<()> {
        Ok(images::add(&self.txn, image, files).await?)
    }

    async fn retire_images(&mut self, ids: &[ImageId]) -> Result<()> {
        let retired = images::retire(&self.txn, ids, self.clock.now()).await;
        Ok(retired.map_err(fault("retiring pictures"))?)
    }

    async fn motif(&mut self, motif: &Motif) -> Result<Option<Image>> {
        let Some(id) = motifs::locked(&self.txn, motif).await.map_err(fault("reading a motif"))? else {
            return Ok(None);
        };
        Ok(images::of(&self.txn, &[id]).await?.pop())
    }

    async fn motifs_of(&mut self, owner: Uuid) -> Result<u64> {
        Ok(motifs::count(&self.txn, owner).await.map_err(fault("counting motifs"))?)
    }

    async fn show_motif(&mut self, motif: &Motif, image: Option<ImageId>) -> Result<()> {
        Ok(motifs::show(&self.txn, motif, image).await.map_err(fault("showing a motif"))?)
    }

    async fn first_time(&mut self, message: Uuid) -> Result<bool> {
        let now = self.clock.now();
        let first = inbox::first_time(&self.txn, CONSUMER, message, now).await;
        Ok(first.map_err(fault("writing the inbox"))?)
    }

    async fn first_times(&mut self, messages: &[Uuid]) -> Result<BTreeSet<Uuid>> {
        let new = inbox::first_times(&self.txn, CONSUMER, messages.iter().copied()).await;
        Ok(new.map_err(fault("writing the inbox"))?)
    }

    async fn add_sold(&mut self, sold: &BTreeMap<(EventId, DateTime<Utc>), i64>) -> Result<()> {
        let added = popularity::add(&self.txn, sold).await;
        Ok(added.map_err(fault("counting tickets"))?)
    }

    async fn note_offer(&mut self, offer: &TicketTypeChanged) -> Result<()> {
        if offers::note(&self.txn, offer).await.map_err(fault("noting an offer"))? {
            self.touched = Touched::Offers;
        }
        Ok(())
    }

    async fn note_stock(&mut self, told: &StockChanged) -> Result<()> {
        if offers::note_stock(&self.txn, told).await.map_err(fault("noting what is left"))? {
            self.touched = Touched::Offers;
        }
        Ok(())
    }

    async fn note_membership(&mut self, change: &MembershipChanged) -> Result<()> {
        Ok(Memberships::note(&self.txn, change).await?)
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.txn.commit().await.map_err(fault("committing"))?;
        self.told.is_committed();
        match self.touched {
            Touched::Nothing => {}
            Touched::Offers => self.touches.wake(),
            Touched::Details => self.touches.note(),
        }
        Ok(())
    }
}
