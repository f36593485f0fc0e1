//! What buyers choose, and what they have.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use kernel::{EventId, Fault, Id, PromoCodeId, TicketTypeId, UserId};
use sea_orm::ConnectionTrait;
use service::database::{Write, now_millis};

use super::{
    promo_codes,
    reads::SeaReads,
    sql::{Row, all, among_ids, execute, ids, json, json_or_null, number},
    store::reservation_topic,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Claim, PromoCode, Reservation},
    ports::{CartReads, Carts},
};

/// How many places of each ticket type somebody has of an event.
type Places = BTreeMap<TicketTypeId, u32>;

#[async_trait]
impl Carts for SeaTx {
    async fn taken_seats(&mut self, event: EventId, first: u32, last: u32) -> Result<Vec<u32>, Fault> {
        self.send().await?;
        let sql = "SELECT number FROM seats WHERE event_id = $1 AND number BETWEEN $2 AND $3 AND status <> 0";
        let values = [event.uuid().into(), number(first), number(last)];
        all(&self.transaction, "reading taken seats", sql, values, |row| row.count("number")).await
    }

    async fn places_of_buyer(&mut self, event: EventId, buyer: UserId) -> Result<Places, Fault> {
        self.send().await?;
        let found = places_of(&self.transaction, buyer, &[event]).await?.remove(&event);
        Ok(found.unwrap_or_default())
    }

    async fn known_promo_code(&mut self, id: PromoCodeId) -> Result<Option<PromoCode>, Fault> {
        self.send().await?;
        Ok(promo_codes::load(&self.transaction, &[id]).await?.pop())
    }

    async fn save_cart(&mut self, reservation: &Reservation) -> Result<(), Fault> {
        let is = reservation.state();
        let write = Write::new(
            "changing a cart",
            "UPDATE reservations SET claims = $1, breakdown = $2, terms = $3, promo_code_id = $4, promo_code_open = $5 \
             WHERE id = $6",
            [
                json(&is.claims)?,
                json_or_null(is.breakdown.as_ref())?,
                json_or_null(is.terms.as_ref())?,
                is.promo_code.map(Id::uuid).into(),
                is.promo_code.is_some().into(),
                is.id.uuid().into(),
            ],
        );
        self.announce(reservation_topic(is.id));
        self.write(write.of(is.id.uuid()).changes(1)).await
    }

    async fn save_orphan_seat_rule(&mut self, event: EventId, is_on: bool) -> Result<(), Fault> {
        self.sent = true;
        let sql = "UPDATE events SET orphan_seat_rule = $1 WHERE id = $2";
        let values = [is_on.into(), event.uuid().into()];
        execute(&self.transaction, "setting how seats are chosen", sql, values).await.map(drop)
    }
}

#[async_trait]
impl CartReads for SeaReads {
    async fn places_of(&self, buyer: UserId, events: &[EventId]) -> Result<HashMap<EventId, Places>, Fault> {
        places_of(&self.database.reads, buyer, events).await
    }
}

/// What a buyer has of these events. What is bought is no longer set aside: nothing counts twice.
async fn places_of(
    connection: &impl ConnectionTrait,
    buyer: UserId,
    events: &[EventId],
) -> Result<HashMap<EventId, Places>, Fault> {
    let backend = connection.get_database_backend();
    let now = now_millis(backend);
    let (held, bought) =
        (among_ids(backend, "r.event_id", 2, events), among_ids(backend, "t.event_id", 2, events));
    let sql = format!(
        "SELECT r.event_id, CAST(NULL AS UUID) AS ticket_type_id, r.claims, CAST(0 AS BIGINT) AS n FROM reservations r \
         WHERE r.buyer_id = $1 AND {held} AND r.holding AND (r.status = 'CHECKED_OUT' OR r.expires_at > {now}) \
         UNION ALL SELECT t.event_id, t.ticket_type_id, NULL, CAST(COUNT(*) AS BIGINT) FROM orders o \
         JOIN tickets t ON t.order_id = o.id WHERE o.buyer_id = $1 AND {bought} AND t.status IN ('VALID', 'CHECKED_IN') \
         GROUP BY t.event_id, t.ticket_type_id"
    );
    let read = |row: &Row| {
        let event: EventId = row.id("event_id")?;
        let claims: Vec<Claim> = row.json_or_none("claims")?.unwrap_or_default();
        let mut places: Vec<(TicketTypeId, u64)> =
            claims.iter().map(|claim| (claim.ticket_type, u64::from(claim.quantity))).collect();
        if let Some(bought) = row.get::<Option<uuid::Uuid>>("ticket_type_id")? {
            places.push((Id::from_uuid(bought), row.sum("n")?));
        }
        Ok((event, places))
    };
    let values = [buyer.uuid().into(), ids(backend, events)];
    let mut found: HashMap<EventId, Places> = HashMap::new();
    for (event, places) in all(connection, "counting what a buyer has", sql, values, read).await? {
        let of_event = found.entry(event).or_default();
        for (ticket_type, count) in places {
            let has = of_event.entry(ticket_type).or_default();
            *has = has.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }
    Ok(found)
}
