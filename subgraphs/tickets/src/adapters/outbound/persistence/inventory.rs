//! An event's places.

use std::collections::BTreeMap;

use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use service::database::Write;

use super::{
    seat_changes,
    sql::{all, among, execute, millis_or_null, number, number_or_null, numbers},
    store::seats_topic,
    transaction::SeaTx,
    waitlists,
};
use crate::domain::entities::{House, Inventory, PlaceKind, SeatState, SeatStatus};

/// How these seats are.
pub(super) async fn seats(
    tx: &SeaTx,
    event: EventId,
    wanted: &[u32],
) -> Result<BTreeMap<u32, SeatState>, Fault> {
    let backend = tx.transaction.get_database_backend();
    let sql = format!(
        "SELECT number, status, holder, held_until FROM seats WHERE event_id = $1 AND {}",
        among(backend, "number", 2)
    );
    let values = [event.uuid().into(), numbers(backend, wanted.iter().copied())];
    let seats = all(&tx.transaction, "reading seats", sql, values, |row| {
        let state = SeatState {
            status: SeatStatus::from_number(row.get("status")?)?,
            holder: row.get::<Option<uuid::Uuid>>("holder")?.map(kernel::Id::from_uuid),
            until: row.instant_or_none("held_until")?,
        };
        Ok((row.count("number")?, state))
    });
    Ok(seats.await?.into_iter().collect())
}

/// Makes the rows of sections and seats.
pub(super) async fn lay_out(tx: &SeaTx, event: EventId, house: &House) -> Result<(), Fault> {
    for section in house.sections() {
        execute(
            &tx.transaction,
            "opening a section",
            "INSERT INTO sections (event_id, key, capacity, held, sold, blocked) VALUES ($1, $2, $3, 0, 0, 0)",
            [event.uuid().into(), section.key.clone().into(), number(section.capacity)],
        )
        .await?;
    }
    let seats: u32 = house
        .sections()
        .iter()
        .filter(|section| section.kind == PlaceKind::Seated)
        .map(|section| section.capacity)
        .sum();
    if seats > 0 {
        // The database counts them itself: tens of thousands of rows, one statement.
        execute(
            &tx.transaction,
            "opening seats",
            format!(
                "WITH RECURSIVE counted (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM counted WHERE number + 1 < {seats}) \
                 INSERT INTO seats (event_id, number, status) SELECT $1, number, 0 FROM counted"
            ),
            [event.uuid().into()],
        )
        .await?;
    }
    Ok(())
}

/// Writes what changed. Each seat is guarded by what it was: even without the event's lock, nothing is
/// given out twice.
pub(super) async fn save(tx: &mut SeaTx, inventory: &mut Inventory) -> Result<(), Fault> {
    if !inventory.has_changed() {
        return Ok(());
    }
    let event = inventory.event().id;
    let backend = tx.transaction.get_database_backend();
    let seats: Vec<_> = inventory.changed_seats().filter(|(_, before, after)| before != after).collect();
    if !seats.is_empty() {
        let numbers = numbers(backend, seats.iter().map(|(seat, ..)| *seat));
        let sql = format!(
            "UPDATE seats SET status = c1, holder = c2, held_until = c3 FROM {{rows}} WHERE event_id = $1 AND {} \
             AND number = c0 AND status = c4 AND holder IS NOT DISTINCT FROM c5",
            among(backend, "number", 2)
        );
        let rows = seats.iter().map(|(seat, before, after)| {
            vec![
                number(*seat),
                i64::from(after.status.as_number()).into(),
                after.holder.map(kernel::Id::uuid).into(),
                millis_or_null(after.until),
                i64::from(before.status.as_number()).into(),
                before.holder.map(kernel::Id::uuid).into(),
            ]
        });
        let write = Write::table("changing seats", sql, [event.uuid().into(), numbers], rows.collect());
        tx.write(write.changes(seats.len() as u64)).await?;
    }
    for (key, count) in inventory.changed_sections() {
        let write = Write::new(
            "counting a section",
            "UPDATE sections SET held = $1, sold = $2, blocked = $3 WHERE event_id = $4 AND key = $5",
            [
                number(count.held),
                number(count.sold),
                number(count.blocked),
                event.uuid().into(),
                key.clone().into(),
            ],
        );
        tx.write(write).await?;
    }
    for changed in inventory.changed_types() {
        let is = changed.state();
        let write = Write::new(
            "counting a ticket type",
            "UPDATE ticket_types SET held = $1, sold = $2 WHERE id = $3",
            [number(is.held), number(is.sold), is.id.uuid().into()],
        );
        tx.write(write).await?;
        for tier in changed.changed_tiers() {
            let write = Write::new(
                "counting a price tier",
                "UPDATE price_tiers SET taken = $1, quota = $2 WHERE id = $3",
                [number(tier.taken), number_or_null(tier.quota), tier.id.uuid().into()],
            );
            tx.write(write).await?;
        }
    }
    let mut map_version = None;
    if let Some(change) = inventory.change_log()? {
        let line = seat_changes::line(event, &change, tx.now)?;
        tx.write(line).await?;
        map_version = Some(change.version);
        tx.announce(seats_topic(event));
    }
    waitlists::save_kept(tx, inventory).await?;
    let values = [inventory.event().opened.into(), map_version.into(), event.uuid().into()];
    let doing = "changing an event's inventory";
    let write = match inventory.changed_waited() {
        None => Write::new(
            doing,
            "UPDATE events SET opened = $1, map_version = COALESCE($2, map_version) WHERE id = $3",
            values,
        ),
        Some(waited) => Write::new(
            doing,
            "UPDATE events SET opened = $1, map_version = COALESCE($2, map_version), waited_for = $4, waitlist_look_at = $5 \
             WHERE id = $3",
            values.into_iter().chain(waitlists::columns_of(waited)?),
        ),
    };
    tx.write(write.of(event.uuid())).await?;
    Ok(())
}
