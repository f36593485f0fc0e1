//! What indexes are made of.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Statement, prelude::Uuid,
};
use service::{Database, database::fault};

use super::{
    offers::NOTHING_LEFT,
    popularity,
    reads::at_venue,
    rows::{event, venue},
};
use crate::domain::EventAtVenue;

/// How many events are read at once.
const AT_ONCE: u64 = 500;

/// An event as an index takes it.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// The event and where it is.
    pub found: EventAtVenue,
    /// What its cheapest ticket costs, in ten-thousandths of a whole unit, where that is known.
    pub lowest_price: Option<i64>,
    /// True when it is known that nothing is left.
    pub sold_out: bool,
    /// When it was last touched.
    pub touched_at: i64,
}

/// Reads for indexes.
#[derive(Clone, Debug)]
pub struct Feed {
    database: Database,
}

impl Feed {
    /// Reads of this database, behind what clients wait for.
    pub fn new(database: &Database) -> Self {
        Self { database: database.background() }
    }

    /// The events that everybody sees whose ids come after this one, by id: some, or none when there are no more.
    pub async fn after(&self, last: Option<EventId>) -> Result<Vec<Indexed>, Fault> {
        let mut query = event::Entity::find().filter(event::Column::PublishedAt.is_not_null());
        if let Some(last) = last {
            query = query.filter(event::Column::Id.gt(last.uuid()));
        }
        self.read(query.order_by_asc(event::Column::Id).limit(AT_ONCE)).await
    }

    /// Those of these events that everybody sees.
    pub async fn events(&self, ids: &[EventId]) -> Result<Vec<Indexed>, Fault> {
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(usize::try_from(AT_ONCE).unwrap_or(usize::MAX)) {
            let these = event::Column::Id.is_in(ids.iter().map(|id| id.uuid()));
            let public = event::Column::PublishedAt.is_not_null();
            all.extend(self.read(event::Entity::find().filter(these).filter(public)).await?);
        }
        Ok(all)
    }

    async fn read(&self, query: Select<event::Entity>) -> Result<Vec<Indexed>, Fault> {
        let rows = query.find_also_related(venue::Entity).all(&self.database.reads).await;
        let rows = rows.map_err(fault("reading what is indexed"))?;
        let read = |(event, venue): (event::Model, Option<venue::Model>)| {
            let (lowest_price, touched_at) = (event.lowest_price, event.touched_at);
            let sold_out = event.availability.as_deref() == Some(NOTHING_LEFT);
            Ok(Indexed { found: at_venue((event, venue))?, lowest_price, sold_out, touched_at })
        };
        rows.into_iter().map(read).collect()
    }

    /// Which events were touched at this instant or later, whoever sees them, and when; after this one of that instant, if any,
    /// by instant and id: some, or none when there are no more.
    pub async fn touched(&self, since: i64, after: Option<EventId>) -> Result<Vec<(EventId, i64)>, Fault> {
        let at = event::Column::TouchedAt;
        let from = match after {
            None => Condition::all().add(at.gte(since)),
            Some(id) => {
                Condition::any().add(at.gt(since)).add(at.eq(since).and(event::Column::Id.gt(id.uuid())))
            }
        };
        let rows: Vec<(Uuid, i64)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::TouchedAt])
            .filter(from)
            .order_by_asc(event::Column::TouchedAt)
            .order_by_asc(event::Column::Id)
            .limit(AT_ONCE)
            .into_tuple()
            .all(&self.database.reads)
            .await
            .map_err(fault("reading what was touched"))?;
        Ok(rows.into_iter().map(|(id, at)| (EventId::from_uuid(id), at)).collect())
    }

    /// When any event was last touched.
    pub async fn newest(&self) -> Result<i64, Fault> {
        let newest: Option<Option<i64>> = event::Entity::find()
            .select_only()
            .column_as(event::Column::TouchedAt.max(), "newest")
            .into_tuple()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading what was touched"))?;
        Ok(newest.flatten().unwrap_or(0))
    }

    /// How many tickets events have sold since a day.
    pub async fn sold(&self, since: DateTime<Utc>) -> Result<HashMap<EventId, i64>, Fault> {
        popularity::all(&self.database.reads, since).await.map_err(fault("reading what sells"))
    }

    /// How often it was asked to make all indexes anew.
    pub async fn rebuilds(&self) -> Result<i64, Fault> {
        let doing = "reading whether indexes are to be made anew";
        let sql = "SELECT asked FROM index_rebuilds";
        let backend = self.database.reads.get_database_backend();
        let row = self.database.reads.query_one_raw(Statement::from_string(backend, sql)).await;
        let row = row.map_err(fault(doing))?;
        Ok(row.map(|row| row.try_get("", "asked")).transpose().map_err(fault(doing))?.unwrap_or(0))
    }

    /// Asks all replicas to make their indexes anew, beside those that they answer from.
    pub async fn ask_for_rebuild(&self) -> Result<(), Fault> {
        let sql = "INSERT INTO index_rebuilds (id, asked) VALUES (1, 1) \
            ON CONFLICT (id) DO UPDATE SET asked = index_rebuilds.asked + 1";
        let writes = &self.database.writes;
        let done = writes.execute_raw(Statement::from_string(writes.get_database_backend(), sql)).await;
        done.map_err(fault("asking for new indexes")).map(drop)
    }
}
