//! Waiting lists, and what is kept for them.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::tickets::WaitlistEnd;
use kernel::{EventId, Fault, Id, Page, PageAsk, Result, TicketTypeId, UserId, WaitlistEntryId};
use sea_orm::{ConnectionTrait, Value};
use service::database::{Write, now_millis, until_next};
use uuid::Uuid;

use super::{
    reads::SeaReads,
    reservations,
    sql::{
        Row, all, among_ids, ids, json, json_or_null, millis, millis_or_null, number, number_or_null, one,
    },
    transaction::SeaTx,
};
use crate::domain::{
    entities::{
        Inventory, Kept, KeptPlaces, OfferFate, OrderStatus, ReservationStatus, Waited, WaitlistEntry,
        WaitlistSnapshot, WaitlistStatus, WaitlistWish,
    },
    ports::{WaitlistReads, WaitlistView, Waitlists},
};

/// Where news is announced that there is something to see to.
pub(crate) const WAITLISTS_TOPIC: &str = "odysseus.live.waitlists";

/// What [`read`] reads, of [`WITH_OFFERS`].
const COLUMNS: &str = "w.id, w.event_id, w.buyer_id, w.ticket_types, w.quantity, w.together, w.price_max, w.status, w.ended, \
                       w.joined_at, w.waits_until, w.passed_over, w.gathers_until, w.reservation_id, w.accepted_at, w.ended_at, \
                       r.status AS reservation_status, r.expires_at AS reservation_until, o.status AS order_status";
const WITH_OFFERS: &str = "waitlist_entries w LEFT JOIN reservations r ON r.id = w.reservation_id \
                           LEFT JOIN orders o ON o.reservation_id = w.reservation_id";

/// The condition that an offer is over; `{now}` is the time.
fn is_over(now: &str) -> String {
    format!(
        "(r.status IN ('RELEASED', 'EXPIRED') OR (r.status = 'ACTIVE' AND r.expires_at <= {now}) \
         OR (r.status = 'CHECKED_OUT' AND o.status NOT IN ('AWAITING_PAYMENT', 'PAID', 'PAYMENT_FAILED')))"
    )
}

async fn load(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    rest: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<WaitlistView>, Fault> {
    let now = now_millis(connection.get_database_backend());
    let sql = format!("SELECT {COLUMNS}, {now} AS now FROM {WITH_OFFERS} WHERE {rest}");
    all(connection, doing, sql, values, read).await
}

fn read(row: &Row) -> Result<WaitlistView, Fault> {
    let written: String = row.get("status")?;
    let status = WaitlistStatus::ALL.into_iter().find(|status| status.as_str() == written);
    let status = status
        .ok_or_else(|| Fault::broken_rule(format!("an entry of a waiting list has status {written}")))?;
    let ended = match row.get::<Option<String>>("ended")? {
        None => None,
        Some(how) => Some(end_of(&how)?),
    };
    let entry = WaitlistEntry::restore(WaitlistSnapshot {
        id: row.id("id")?,
        event: row.id("event_id")?,
        buyer: row.id("buyer_id")?,
        wish: WaitlistWish {
            types: row.json("ticket_types")?,
            quantity: row.count("quantity")?,
            together: row.get("together")?,
            price_max: row.json_or_none("price_max")?,
        },
        status,
        ended,
        joined_at: row.instant("joined_at")?,
        waits_until: row.instant("waits_until")?,
        passed_over: row.count("passed_over")?,
        gathers_until: row.instant_or_none("gathers_until")?,
        reservation: row.get::<Option<Uuid>>("reservation_id")?.map(Id::from_uuid),
        accepted_at: row.instant_or_none("accepted_at")?,
        ended_at: row.instant_or_none("ended_at")?,
    });
    let fate = match row.get::<Option<String>>("reservation_status")? {
        None => None,
        Some(written) => {
            let is_over = row.instant("reservation_until")? <= row.instant("now")?;
            let status = match reservations::status(&written)? {
                ReservationStatus::Active if is_over => ReservationStatus::Expired,
                status => status,
            };
            let order = row.get::<Option<String>>("order_status")?;
            let order =
                order.and_then(|order| OrderStatus::ALL.into_iter().find(|known| known.as_str() == order));
            Some(OfferFate::of(status, order))
        }
    };
    Ok(WaitlistView { entry, fate })
}

/// How an end is written: as messages say it.
fn name_of(end: WaitlistEnd) -> &'static str {
    match end {
        WaitlistEnd::Bought => "BOUGHT",
        WaitlistEnd::Declined => "DECLINED",
        WaitlistEnd::OfferExpired => "OFFER_EXPIRED",
        WaitlistEnd::Left => "LEFT",
        WaitlistEnd::SalesEnded => "SALES_ENDED",
        WaitlistEnd::EventCancelled => "EVENT_CANCELLED",
    }
}

fn end_of(written: &str) -> Result<WaitlistEnd, Fault> {
    let ends = [
        WaitlistEnd::Bought,
        WaitlistEnd::Declined,
        WaitlistEnd::OfferExpired,
        WaitlistEnd::Left,
        WaitlistEnd::SalesEnded,
        WaitlistEnd::EventCancelled,
    ];
    let found = ends.into_iter().find(|end| name_of(*end) == written);
    found.ok_or_else(|| Fault::broken_rule(format!("an entry of a waiting list ended by {written}")))
}

#[async_trait]
impl Waitlists for SeaTx {
    async fn waitlist_entry(
        &mut self,
        id: WaitlistEntryId,
    ) -> Result<Option<(WaitlistEntry, Option<OfferFate>)>, Fault> {
        self.send().await?;
        let doing = "reading an entry of a waiting list";
        let found = load(&self.transaction, doing, "w.id = $1", [id.uuid().into()]).await?;
        Ok(found.into_iter().next().map(|view| (view.entry, view.fate)))
    }

    async fn open_waitlist_entries(
        &mut self,
        event: EventId,
        buyer: UserId,
    ) -> Result<Vec<WaitlistEntry>, Fault> {
        self.send().await?;
        let rest = "w.buyer_id = $1 AND w.event_id = $2 AND w.status IN ('WAITING', 'OFFERED') ORDER BY w.id";
        let values = [buyer.uuid().into(), event.uuid().into()];
        let doing = "reading a buyer's entries of a waiting list";
        let found = load(&self.transaction, doing, rest, values).await?;
        let open = found.into_iter().filter(|view| view.fate.is_none_or(|fate| fate == OfferFate::Open));
        Ok(open.map(|view| view.entry).collect())
    }

    async fn so_many_wait(&mut self, event: EventId, many: u64) -> Result<bool, Fault> {
        self.send().await?;
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT id FROM waitlist_entries \
             WHERE event_id = $1 AND status = 'WAITING' LIMIT {many}) AS those"
        );
        let doing = "counting who waits";
        let found = one(&self.transaction, doing, sql, [event.uuid().into()], |row| row.sum("n")).await?;
        Ok(found.is_some_and(|found| found >= many))
    }

    async fn add_waitlist_entry(&mut self, entry: &WaitlistEntry) -> Result<(), Fault> {
        let is = entry.state();
        let write = Write::insert(
            "joining a waiting list",
            "waitlist_entries (id, event_id, buyer_id, ticket_types, quantity, together, price_max, status, joined_at, \
             waits_until, passed_over)",
            "",
            [
                is.id.uuid().into(),
                is.event.uuid().into(),
                is.buyer.uuid().into(),
                json(&is.wish.types)?,
                number(is.wish.quantity),
                is.wish.together.into(),
                json_or_null(is.wish.price_max.as_ref())?,
                is.status.as_str().into(),
                millis(is.joined_at),
                millis(is.waits_until),
                number(is.passed_over),
            ],
        );
        self.write(write.of(is.id.uuid())).await?;
        for wanted in &is.wish.types {
            let write = Write::insert(
                "waiting for a ticket type",
                "waitlist_wants (event_id, ticket_type_id, joined_at, entry_id)",
                "",
                [is.event.uuid().into(), wanted.uuid().into(), millis(is.joined_at), is.id.uuid().into()],
            );
            self.write(write).await?;
        }
        Ok(())
    }

    async fn save_waitlist_entries(&mut self, entries: &[WaitlistEntry]) -> Result<(), Fault> {
        for entry in entries {
            let is = entry.state();
            let write = Write::rows(
                "saving an entry of a waiting list",
                "UPDATE waitlist_entries SET status = c1, ended = c2, waits_until = c3, passed_over = c4, gathers_until = c5, \
                 reservation_id = c6, accepted_at = c7, ended_at = c8 FROM {rows} WHERE id = c0",
                [
                    is.id.uuid().into(),
                    is.status.as_str().into(),
                    is.ended.map(name_of).into(),
                    millis(is.waits_until),
                    number(is.passed_over),
                    millis_or_null(is.gathers_until),
                    is.reservation.map(Id::uuid).into(),
                    millis_or_null(is.accepted_at),
                    millis_or_null(is.ended_at),
                ],
            );
            self.write(write.of(is.id.uuid())).await?;
            if is.status != WaitlistStatus::Waiting {
                let write = Write::rows(
                    "waiting no more",
                    "DELETE FROM waitlist_wants WHERE entry_id IN (SELECT c0 FROM {rows})",
                    [is.id.uuid().into()],
                );
                self.write(write).await?;
            }
        }
        Ok(())
    }

    async fn waiting(
        &mut self,
        event: EventId,
        after: Option<(DateTime<Utc>, WaitlistEntryId)>,
        limit: u64,
    ) -> Result<Vec<WaitlistEntry>, Fault> {
        self.send().await?;
        let (joined, id) =
            after.map_or((i64::MIN, Uuid::nil()), |(joined, id)| (joined.timestamp_millis(), id.uuid()));
        let rest = format!(
            "w.event_id = $1 AND w.status = 'WAITING' AND (w.joined_at > $2 OR (w.joined_at = $2 AND w.id > $3)) \
             ORDER BY w.joined_at, w.id LIMIT {limit}"
        );
        let values = [event.uuid().into(), joined.into(), id.into()];
        let found = load(&self.transaction, "reading a waiting list", &rest, values).await?;
        Ok(found.into_iter().map(|view| view.entry).collect())
    }

    async fn waiting_in_vain(
        &mut self,
        event: EventId,
        all: bool,
        limit: u64,
    ) -> Result<Vec<WaitlistEntry>, Fault> {
        self.send().await?;
        let rest = format!(
            "w.event_id = $1 AND w.status = 'WAITING' AND (w.waits_until <= $2 OR $3) ORDER BY w.waits_until LIMIT {limit}"
        );
        let values = [event.uuid().into(), millis(self.now), all.into()];
        let found = load(&self.transaction, "reading who waits in vain", &rest, values).await?;
        Ok(found.into_iter().map(|view| view.entry).collect())
    }

    async fn offers_that_ended(
        &mut self,
        event: EventId,
        limit: u64,
    ) -> Result<Vec<(WaitlistEntry, OfferFate)>, Fault> {
        self.send().await?;
        let rest = format!(
            "w.event_id = $1 AND w.status = 'OFFERED' AND {} ORDER BY w.id LIMIT {limit}",
            is_over(now_millis(self.transaction.get_database_backend()))
        );
        let found =
            load(&self.transaction, "reading offers that ended", &rest, [event.uuid().into()]).await?;
        Ok(found.into_iter().filter_map(|view| Some((view.entry, view.fate?))).collect())
    }

    async fn waited_for(
        &mut self,
        event: EventId,
    ) -> Result<(Vec<TicketTypeId>, Option<DateTime<Utc>>), Fault> {
        self.send().await?;
        let sql =
            "SELECT DISTINCT ticket_type_id FROM waitlist_wants WHERE event_id = $1 ORDER BY ticket_type_id";
        let types = all(&self.transaction, "reading what is waited for", sql, [event.uuid().into()], |row| {
            row.id("ticket_type_id")
        })
        .await?;
        let sql = "SELECT MIN(waits_until) AS until, MIN(CASE WHEN gathers_until > $2 THEN gathers_until END) AS gathers \
                   FROM waitlist_entries WHERE event_id = $1 AND status = 'WAITING'";
        let values = [event.uuid().into(), millis(self.now)];
        let doing = "reading until when is waited";
        let times = one(&self.transaction, doing, sql, values, |row| {
            Ok([row.instant_or_none("until")?, row.instant_or_none("gathers")?])
        });
        let next = times.await?.into_iter().flatten().flatten().min();
        Ok((types, next))
    }

    async fn kept_for_who_waits(&mut self, event: EventId) -> Result<Vec<Kept>, Fault> {
        self.send().await?;
        let sql = "SELECT id, seat, section, ticket_type_id, tier_id, quantity FROM waitlist_kept WHERE event_id = $1 ORDER BY id";
        all(&self.transaction, "reading what is kept for who waits", sql, [event.uuid().into()], |row| {
            let quantity = row.count("quantity")?;
            let of = (row.get::<Option<Uuid>>("ticket_type_id")?, row.get::<Option<Uuid>>("tier_id")?);
            let what = match (row.count_or_none("seat")?, row.get::<Option<String>>("section")?, of) {
                (Some(number), None, _) => KeptPlaces::Seat(number),
                (None, Some(section), _) => KeptPlaces::Standing { section, quantity },
                (None, None, (Some(ticket_type), Some(tier))) => KeptPlaces::Quota {
                    ticket_type: Id::from_uuid(ticket_type),
                    tier: Id::from_uuid(tier),
                    quantity,
                },
                _ => return Err(Fault::broken_rule("what is kept for who waits is nothing")),
            };
            Ok(Kept { id: row.get("id")?, what })
        })
        .await
    }
}

/// Writes what an inventory keeps from now on for who waits, and what it keeps no more.
pub(super) async fn save_kept(tx: &mut SeaTx, inventory: &Inventory) -> Result<(), Fault> {
    let event = inventory.event().id;
    let (kept, let_go) = inventory.changed_kept();
    for id in let_go {
        let write = Write::rows(
            "letting go what was kept for who waits",
            "DELETE FROM waitlist_kept WHERE id IN (SELECT c0 FROM {rows})",
            [(*id).into()],
        );
        tx.write(write).await?;
    }
    for Kept { id, what } in kept {
        let (seat, section, of, quantity) = match what {
            KeptPlaces::Seat(number) => (Some(*number), None, None, 1),
            KeptPlaces::Standing { section, quantity } => (None, Some(section.clone()), None, *quantity),
            KeptPlaces::Quota { ticket_type, tier, quantity } => {
                (None, None, Some((ticket_type.uuid(), tier.uuid())), *quantity)
            }
        };
        let write = Write::insert(
            "keeping places for who waits",
            "waitlist_kept (id, event_id, seat, section, ticket_type_id, tier_id, quantity)",
            "",
            [
                (*id).into(),
                event.uuid().into(),
                number_or_null(seat),
                section.into(),
                of.map(|(ticket_type, _)| ticket_type).into(),
                of.map(|(_, tier)| tier).into(),
                number(quantity),
            ],
        );
        tx.write(write).await?;
    }
    if inventory.waited().look_at.is_some() && !kept.is_empty() {
        tx.announce(WAITLISTS_TOPIC.to_owned());
    }
    Ok(())
}

/// Who waits for an event's places, as its row says.
pub(super) fn waited(row: &Row) -> Result<Waited, Fault> {
    let types = row.json_or_none("waited_for")?.unwrap_or_default();
    Ok(Waited { types, look_at: row.instant_or_none("waitlist_look_at")? })
}

/// The same, as values of the row's columns.
pub(super) fn columns_of(waited: &Waited) -> Result<[Value; 2], Fault> {
    let types = (!waited.types.is_empty()).then_some(&waited.types);
    Ok([json_or_null(types)?, millis_or_null(waited.look_at)])
}

#[async_trait]
impl WaitlistReads for SeaReads {
    async fn waitlist_entries(&self, of: &[WaitlistEntryId]) -> Result<Vec<WaitlistView>, Fault> {
        let reads = &self.database.reads;
        let backend = reads.get_database_backend();
        load(reads, "reading waiting lists", &among_ids(backend, "w.id", 1, of), [ids(backend, of)]).await
    }

    async fn waitlist_entries_of(
        &self,
        buyer: UserId,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<WaitlistView>> {
        let mut filter = "w.buyer_id = $1".to_owned();
        let mut values: Vec<Value> = vec![buyer.uuid().into()];
        let total = if counted { self.count("waitlist_entries w", &filter, &values).await? } else { 0 };
        super::reads::page_after(ask, "w.id", &mut filter, &mut values)?;
        let rest = format!("{filter} ORDER BY w.id DESC LIMIT {}", ask.first + 1);
        let doing = "reading a buyer's waiting lists";
        let found = load(&self.database.reads, doing, &rest, values).await?;
        Ok(Page::of(ask, found, total, |view| view.entry.state().id.to_string()))
    }

    async fn waitlist_positions(
        &self,
        of: &[WaitlistEntryId],
    ) -> Result<HashMap<WaitlistEntryId, u32>, Fault> {
        let reads = &self.database.reads;
        let backend = reads.get_database_backend();
        let sql = format!(
            "SELECT m.entry_id, CAST(COUNT(DISTINCT b.entry_id) AS BIGINT) AS position FROM waitlist_wants m \
             JOIN waitlist_wants b ON b.event_id = m.event_id AND b.ticket_type_id = m.ticket_type_id \
             AND (b.joined_at < m.joined_at OR (b.joined_at = m.joined_at AND b.entry_id <= m.entry_id)) \
             WHERE {} GROUP BY m.entry_id",
            among_ids(backend, "m.entry_id", 1, of)
        );
        let found = all(reads, "counting who waits before", sql, [ids(backend, of)], |row| {
            let position = u32::try_from(row.sum("position")?)
                .map_err(|cause| Fault::new("counting who waits before", cause))?;
            Ok((row.id("entry_id")?, position))
        });
        Ok(found.await?.into_iter().collect())
    }

    async fn events_to_see_to(&self, after: Option<EventId>, limit: u64) -> Result<Vec<EventId>, Fault> {
        let reads = &self.database.reads;
        let now = now_millis(reads.get_database_backend());
        // The clock is asked once: where it is asked for each row, no index is of use.
        let sql = format!(
            "WITH n AS (SELECT {now} AS at) \
             SELECT id FROM (SELECT e.id FROM n CROSS JOIN events e WHERE e.waitlist_look_at <= n.at \
             UNION SELECT w.event_id FROM n CROSS JOIN {WITH_OFFERS} WHERE w.status = 'OFFERED' AND {} \
             UNION SELECT h.event_id FROM n CROSS JOIN reservations h JOIN events e ON e.id = h.event_id \
             WHERE h.holding AND h.expires_at <= n.at AND e.waited_for IS NOT NULL) AS due \
             WHERE id > $1 ORDER BY id LIMIT {limit}",
            is_over("n.at")
        );
        let after = after.map(Id::uuid).unwrap_or_default();
        all(reads, "looking for waiting lists to see to", sql, [after.into()], |row| row.id("id")).await
    }

    async fn until_next_waitlist(&self) -> Result<Option<Duration>, Fault> {
        let reads = &self.database.reads;
        let doing = "looking for the next waiting list to see to";
        let look = until_next(reads, doing, "waitlist_look_at", "events WHERE waitlist_look_at IS NOT NULL");
        let lapse = until_next(
            reads,
            doing,
            "expires_at",
            "reservations WHERE holding AND event_id IN (SELECT id FROM events WHERE waited_for IS NOT NULL)",
        );
        Ok([look.await?, lapse.await?].into_iter().flatten().min())
    }

    async fn open_waitlist_entries_of(&self, buyer: UserId) -> Result<Vec<WaitlistEntryId>, Fault> {
        let sql = "SELECT id FROM waitlist_entries WHERE buyer_id = $1 AND status IN ('WAITING', 'OFFERED')";
        let doing = "looking for where somebody waits";
        all(&self.database.reads, doing, sql, [buyer.uuid().into()], |row| row.id("id")).await
    }
}
