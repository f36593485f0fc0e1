//! Promo codes, and how often they are redeemed.
//!
//! That is found in the reservations that have a code and in their orders: what ends without tickets gives its code back by
//! ending. Only what has come to its end for good is counted once and for all, by [`settle`]: what is looked at while an
//! event is locked is what waits for its buyer or for money.

use std::collections::HashMap;

use kernel::{EventId, Fault, Page, PageAsk, PromoCodeId, ReservationId, Result, UserId};
use sea_orm::{ConnectionTrait, DbBackend, Value};
use service::database::{for_update, now_millis};

use super::{
    sql::{Row, all, among_ids, execute, ids, json, json_or_null, millis_or_null, number_or_null, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::{PromoCode, PromoCodeSnapshot, Redeemed},
    pricing::Promo,
};

const COLUMNS: &str = "id, event_id, code, takes_off, ticket_types, max_redemptions, max_per_buyer, valid_from, valid_until, active";

/// What has become of a reservation `r` at this time: `OPEN` while it waits for its buyer or its order for money; `BOUGHT`
/// when its order has tickets, or had some; `ENDED` when it ended without.
fn fate(now: &str) -> String {
    format!(
        "CASE r.status WHEN 'ACTIVE' THEN CASE WHEN r.expires_at > {now} THEN 'OPEN' ELSE 'ENDED' END \
         WHEN 'CHECKED_OUT' THEN (SELECT CASE WHEN o.status IN ('EXPIRED', 'CANCELLED') THEN 'ENDED' \
         WHEN o.status IN ('COMPLETED', 'PARTIALLY_REFUNDED') THEN 'BOUGHT' \
         WHEN o.status = 'REFUNDED' THEN CASE WHEN EXISTS (SELECT 1 FROM tickets t WHERE t.order_id = o.id) THEN 'BOUGHT' \
         ELSE 'ENDED' END ELSE 'OPEN' END FROM orders o WHERE o.reservation_id = r.id) ELSE 'ENDED' END"
    )
}

/// What is asked for some codes while their event is locked, as parts of a question of which `$2` is the time and whose
/// columns mean what is said where they are read: the codes, how often each that is limited is redeemed beside what is settled,
/// and how often in all by these buyers. `place` gives a value its place.
pub(super) fn parts(
    backend: DbBackend,
    kinds: [i32; 3],
    codes: &[PromoCodeId],
    buyers: &[UserId],
    mut place: impl FnMut(Value) -> usize,
) -> [String; 3] {
    let ([code, by_all, by_buyer], fate) = (kinds, fate("$2"));
    let (codes_at, buyers_at) = (place(ids(backend, codes)), place(ids(backend, buyers)));
    let these = |column: &str| among_ids(backend, column, codes_at, codes);
    let counted = "MIN(CASE WHEN r.holding THEN r.expires_at END), NULL, CAST(COUNT(*) AS INTEGER), NULL, NULL, NULL, NULL, \
                   NULL, NULL, NULL, NULL";
    let limited = |limit: &str| {
        let of = these("p.id");
        format!("r.promo_code_id IN (SELECT p.id FROM promo_codes p WHERE {of} AND p.{limit} IS NOT NULL)")
    };
    [
        format!(
            "SELECT {code}, id, event_id, valid_from, valid_until, max_redemptions, max_per_buyer, \
             CASE WHEN active THEN 1 ELSE 0 END, settled, code, takes_off, ticket_types, NULL, NULL FROM promo_codes WHERE {}",
            these("id")
        ),
        format!(
            "SELECT {by_all}, r.promo_code_id, NULL, {counted} FROM reservations r WHERE r.promo_code_open AND {} \
             AND {fate} <> 'ENDED' GROUP BY r.promo_code_id",
            limited("max_redemptions")
        ),
        format!(
            "SELECT {by_buyer}, r.promo_code_id, r.buyer_id, {counted} FROM reservations r WHERE {} AND {} \
             AND {fate} <> 'ENDED' GROUP BY r.promo_code_id, r.buyer_id",
            limited("max_per_buyer"),
            among_ids(backend, "r.buyer_id", buyers_at, buyers)
        ),
    ]
}

/// A code of the first of the [`parts`], and how often it is redeemed for good.
pub(super) fn of_part(row: &Row) -> Result<(PromoCode, u32), Fault> {
    let code = PromoCode::restore(PromoCodeSnapshot {
        id: row.id("id")?,
        event: row.id("other")?,
        promo: Promo { code: row.get("t")?, off: row.json("u")?, ticket_types: row.json_or_none("v")? },
        max_redemptions: row.count_or_none("p")?,
        max_per_buyer: row.count_or_none("q")?,
        valid_from: row.instant_or_none("x")?,
        valid_until: row.instant_or_none("y")?,
        active: row.count("r")? == 1,
    });
    Ok((code, row.count("s")?))
}

/// What the others of the [`parts`] count.
pub(super) fn counted_part(row: &Row) -> Result<Redeemed, Fault> {
    Ok(Redeemed { times: row.count("p")?, first_ends_at: row.instant_or_none("x")? })
}

/// Adds a code; false when its event has one of the same name.
pub(super) async fn add(tx: &SeaTx, code: &PromoCode) -> Result<bool, Fault> {
    let is = code.state();
    let added = execute(
        &tx.transaction,
        "adding a promo code",
        "INSERT INTO promo_codes (id, event_id, name, code, takes_off, ticket_types, max_redemptions, max_per_buyer, valid_from, \
         valid_until, active, settled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0) ON CONFLICT (event_id, name) DO NOTHING",
        [
            is.id.uuid().into(),
            is.event.uuid().into(),
            code.name().into(),
            is.promo.code.clone().into(),
            json(&is.promo.off)?,
            json_or_null(is.promo.ticket_types.as_ref())?,
            number_or_null(is.max_redemptions),
            number_or_null(is.max_per_buyer),
            millis_or_null(is.valid_from),
            millis_or_null(is.valid_until),
            is.active.into(),
        ],
    );
    Ok(added.await? == 1)
}

/// Locks and loads a code.
pub(super) async fn lock(tx: &SeaTx, id: PromoCodeId) -> Result<Option<PromoCode>, Fault> {
    let lock = for_update(tx.transaction.get_database_backend());
    let sql = format!("SELECT {COLUMNS} FROM promo_codes WHERE id = $1{lock}");
    one(&tx.transaction, "reading a promo code", sql, [id.uuid().into()], read).await
}

/// Saves what may have changed of a code that is known.
pub(super) async fn save(tx: &SeaTx, code: &PromoCode) -> Result<(), Fault> {
    let is = code.state();
    let sql = "UPDATE promo_codes SET max_redemptions = $2, valid_until = $3, active = $4 WHERE id = $1";
    let values = [
        is.id.uuid().into(),
        number_or_null(is.max_redemptions),
        millis_or_null(is.valid_until),
        is.active.into(),
    ];
    execute(&tx.transaction, "saving a promo code", sql, values).await.map(drop)
}

/// Codes.
pub(super) async fn load(
    connection: &impl ConnectionTrait,
    of: &[PromoCodeId],
) -> Result<Vec<PromoCode>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!("SELECT {COLUMNS} FROM promo_codes WHERE {}", among_ids(backend, "id", 1, of));
    all(connection, "reading promo codes", sql, [ids(backend, of)], read).await
}

/// The code of an event that has this name.
pub(super) async fn named(
    connection: &impl ConnectionTrait,
    event: EventId,
    name: &str,
) -> Result<Option<PromoCodeId>, Fault> {
    let sql = "SELECT id FROM promo_codes WHERE event_id = $1 AND name = $2";
    let values = [event.uuid().into(), name.into()];
    one(connection, "looking for a promo code", sql, values, |row| row.id("id")).await
}

/// A page of the codes of each event, newest first.
pub(super) async fn pages(
    connection: &impl ConnectionTrait,
    events: &[EventId],
    ask: &PageAsk,
    counted: bool,
) -> Result<HashMap<EventId, Page<PromoCode>>> {
    let backend = connection.get_database_backend();
    let these = among_ids(backend, "event_id", 1, events);
    let mut totals = HashMap::new();
    if counted {
        let sql = format!(
            "SELECT event_id, CAST(COUNT(*) AS BIGINT) AS n FROM promo_codes WHERE {these} GROUP BY event_id"
        );
        let each = |row: &Row| Ok((row.id("event_id")?, row.sum("n")?));
        totals.extend(all(connection, "counting promo codes", sql, [ids(backend, events)], each).await?);
    }
    let (mut values, mut after) = (vec![ids(backend, events)], "");
    if let Some(cursor) = &ask.after {
        values.push(cursor.id()?.into());
        after = " AND id < $2";
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY id DESC) AS place \
         FROM promo_codes WHERE {these}{after}) AS c WHERE place <= {} ORDER BY id DESC",
        ask.first + 1
    );
    let mut codes: HashMap<EventId, Vec<PromoCode>> = HashMap::new();
    for code in all(connection, "reading promo codes", sql, values, read).await? {
        codes.entry(code.state().event).or_default().push(code);
    }
    let page = |event: &EventId| {
        let total = totals.get(event).copied().unwrap_or_default();
        let codes = codes.remove(event).unwrap_or_default();
        (*event, Page::of(ask, codes, total, |code| code.state().id.to_string()))
    };
    Ok(events.iter().map(page).collect())
}

/// How often codes are redeemed at this moment.
pub(super) async fn redemptions(
    connection: &impl ConnectionTrait,
    of: &[PromoCodeId],
) -> Result<HashMap<PromoCodeId, u32>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!(
        "SELECT p.id, p.settled + (SELECT CAST(COUNT(*) AS INTEGER) FROM reservations r WHERE r.promo_code_open \
         AND r.promo_code_id = p.id AND {} <> 'ENDED') AS n FROM promo_codes p WHERE {}",
        fate(now_millis(backend)),
        among_ids(backend, "p.id", 1, of)
    );
    let each = |row: &Row| Ok((row.id("id")?, row.count("n")?));
    let found = all(connection, "counting redemptions", sql, [ids(backend, of)], each).await?;
    Ok(found.into_iter().collect())
}

/// Counts once and for all what has come to its end for good, at most so many: how many there were. Whoever counts at the
/// same moment finds all of it either here or there.
pub(super) async fn settle(tx: &SeaTx, limit: u64) -> Result<u64, Fault> {
    let (connection, backend) = (&tx.transaction, tx.transaction.get_database_backend());
    // What waits for its buyer is over when it was given back, and not when its time is: clocks may go wrong.
    let (fate, doing) = (fate("0"), "settling promo codes");
    let skip = if backend == DbBackend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "SELECT r.id, r.promo_code_id, {fate} AS fate FROM reservations r WHERE r.promo_code_open AND {fate} <> 'OPEN' \
         LIMIT {limit}{skip}"
    );
    let each =
        |row: &Row| Ok((row.id("id")?, row.id("promo_code_id")?, row.get::<String>("fate")? == "BOUGHT"));
    let over: Vec<(ReservationId, PromoCodeId, bool)> = all(connection, doing, sql, [], each).await?;
    if over.is_empty() {
        return Ok(0);
    }
    let bought = over.iter().filter(|(.., bought)| *bought);
    let (bought, mut codes): (Vec<_>, Vec<_>) = bought.map(|(id, code, _)| (*id, *code)).unzip();
    codes.sort_unstable();
    codes.dedup();
    if !bought.is_empty() {
        let sql = format!(
            "UPDATE promo_codes SET settled = settled + (SELECT COUNT(*) FROM reservations r \
             WHERE r.promo_code_id = promo_codes.id AND {}) WHERE {}",
            among_ids(backend, "r.id", 1, &bought),
            among_ids(backend, "id", 2, &codes)
        );
        execute(connection, doing, sql, [ids(backend, &bought), ids(backend, &codes)]).await?;
    }
    let all_of_them: Vec<_> = over.iter().map(|(id, ..)| *id).collect();
    let them = among_ids(backend, "id", 1, &all_of_them);
    let sql = format!("UPDATE reservations SET promo_code_open = FALSE WHERE {them}");
    execute(connection, doing, sql, [ids(backend, &all_of_them)]).await
}

fn read(row: &Row) -> Result<PromoCode, Fault> {
    Ok(PromoCode::restore(PromoCodeSnapshot {
        id: row.id("id")?,
        event: row.id("event_id")?,
        promo: Promo {
            code: row.get("code")?,
            off: row.json("takes_off")?,
            ticket_types: row.json_or_none("ticket_types")?,
        },
        max_redemptions: row.count_or_none("max_redemptions")?,
        max_per_buyer: row.count_or_none("max_per_buyer")?,
        valid_from: row.instant_or_none("valid_from")?,
        valid_until: row.instant_or_none("valid_until")?,
        active: row.get("active")?,
    }))
}
