//! Plans, events and ticket types.

use std::sync::Arc;

use contracts::events::{EventChanged, EventFacts, LayoutDefined, SectionPlan};
use kernel::{EventId, Fault, LayoutId, TicketTypeId};
use sea_orm::ConnectionTrait;

use super::{
    sql::{Row, all, execute, json, millis, millis_or_null, number, number_or_null, one},
    store::{Houses, SeaTx},
};
use crate::domain::entities::{House, KnownEvent, PriceTier, TicketType, TicketTypeSnapshot};

pub(super) async fn learn_layout(tx: &SeaTx, plan: LayoutDefined) -> Result<(), Fault> {
    execute(
        &tx.transaction,
        "keeping a layout",
        "INSERT INTO layouts (id, plan) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [plan.layout_id.uuid().into(), json(&plan.sections)?],
    )
    .await
    .map(drop)
}

pub(super) async fn house(
    connection: &impl ConnectionTrait,
    houses: &Houses,
    id: LayoutId,
) -> Result<Option<Arc<House>>, Fault> {
    if let Some(house) = houses.get(id) {
        return Ok(Some(house));
    }
    let plan = one(
        connection,
        "reading a layout",
        "SELECT plan FROM layouts WHERE id = $1",
        [id.uuid().into()],
        |row| row.json::<Vec<SectionPlan>>("plan"),
    )
    .await?;
    Ok(plan.map(|plan| houses.keep(Arc::new(House::new(id, plan)))))
}

pub(super) async fn learn_event(tx: &SeaTx, told: &EventChanged) -> Result<bool, Fault> {
    let changed = execute(
        &tx.transaction,
        "keeping an event",
        "INSERT INTO events (id, version, organization_id, layout_id, status, ends_at, facts, opened, map_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organization_id = excluded.organization_id, \
         layout_id = excluded.layout_id, status = excluded.status, ends_at = excluded.ends_at, facts = excluded.facts \
         WHERE events.version < excluded.version",
        [
            told.event_id.uuid().into(),
            told.version.into(),
            told.event.organization_id.uuid().into(),
            told.event.layout_id.map(kernel::Id::uuid).into(),
            told.event.status.as_str().into(),
            millis(told.event.ends_at),
            json(&told.event)?,
            false.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// An event with the version of its seat map; `lock` is appended to the query.
pub(super) async fn event(
    connection: &impl ConnectionTrait,
    id: EventId,
    lock: &str,
) -> Result<Option<(KnownEvent, i64)>, Fault> {
    one(
        connection,
        "reading an event",
        format!("SELECT id, version, facts, opened, map_version FROM events WHERE id = $1{lock}"),
        [id.uuid().into()],
        |row| {
            let event = KnownEvent {
                id: row.id("id")?,
                version: row.get("version")?,
                facts: row.json::<EventFacts>("facts")?,
                opened: row.get("opened")?,
            };
            Ok((event, row.get("map_version")?))
        },
    )
    .await
}

pub(super) async fn add_ticket_type(tx: &mut SeaTx, ticket_type: &mut TicketType) -> Result<(), Fault> {
    let is = ticket_type.state().clone();
    execute(
        &tx.transaction,
        "adding a ticket type",
        "INSERT INTO ticket_types (id, event_id, version, name, description, sections, quota, sales_start, sales_end, \
         min_per_order, max_per_order, access_code, held, sold) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0)",
        [
            is.id.uuid().into(),
            is.event.uuid().into(),
            is.version.into(),
            is.name.into(),
            is.description.into(),
            json(&is.sections)?,
            number_or_null(is.quota),
            millis_or_null(is.sales_start),
            millis_or_null(is.sales_end),
            number(is.min_per_order),
            number(is.max_per_order),
            is.access_code.into(),
        ],
    )
    .await?;
    for (position, tier) in (0..).zip(is.tiers) {
        execute(
            &tx.transaction,
            "adding a price tier",
            "INSERT INTO price_tiers (id, ticket_type_id, position, name, price, currency, sells_from, sells_until, quota, taken) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
            [
                tier.id.uuid().into(),
                is.id.uuid().into(),
                number(position),
                tier.name.into(),
                tier.price.minor.into(),
                tier.price.currency.code().into(),
                millis_or_null(tier.from),
                millis_or_null(tier.until),
                number_or_null(tier.quota),
            ],
        )
        .await?;
    }
    tx.publish(ticket_type.take_pending()).await
}

/// The ticket types of an event, in the order they were made.
pub(super) async fn ticket_types(
    connection: &impl ConnectionTrait,
    event: EventId,
) -> Result<Vec<TicketType>, Fault> {
    let types = all(
        connection,
        "reading ticket types",
        format!("SELECT {TYPE} FROM ticket_types WHERE event_id = $1 ORDER BY id"),
        [event.uuid().into()],
        ticket_type_of,
    )
    .await?;
    let tiers = all(
        connection,
        "reading price tiers",
        format!(
            "SELECT {TIER} FROM price_tiers WHERE ticket_type_id IN (SELECT id FROM ticket_types WHERE event_id = $1) \
             ORDER BY position"
        ),
        [event.uuid().into()],
        tier_of,
    )
    .await?;
    Ok(with_tiers(types, &tiers))
}

/// A ticket type.
pub(super) async fn ticket_type(
    connection: &impl ConnectionTrait,
    id: TicketTypeId,
) -> Result<Option<TicketType>, Fault> {
    let types = all(
        connection,
        "reading a ticket type",
        format!("SELECT {TYPE} FROM ticket_types WHERE id = $1"),
        [id.uuid().into()],
        ticket_type_of,
    )
    .await?;
    let tiers = all(
        connection,
        "reading price tiers",
        format!("SELECT {TIER} FROM price_tiers WHERE ticket_type_id = $1 ORDER BY position"),
        [id.uuid().into()],
        tier_of,
    )
    .await?;
    Ok(with_tiers(types, &tiers).pop())
}

fn with_tiers(types: Vec<TicketTypeSnapshot>, tiers: &[(TicketTypeId, PriceTier)]) -> Vec<TicketType> {
    let of = |id| tiers.iter().filter(move |(owner, _)| *owner == id).map(|(_, tier)| tier.clone());
    types
        .into_iter()
        .map(|is| TicketType::restore(TicketTypeSnapshot { tiers: of(is.id).collect(), ..is }))
        .collect()
}

/// What [`ticket_type_of`] reads.
const TYPE: &str = "id, event_id, version, name, description, sections, quota, sales_start, sales_end, \
                    min_per_order, max_per_order, access_code, held, sold";

fn ticket_type_of(row: &Row) -> Result<TicketTypeSnapshot, Fault> {
    Ok(TicketTypeSnapshot {
        id: row.id("id")?,
        event: row.id("event_id")?,
        version: row.get("version")?,
        name: row.get("name")?,
        description: row.get("description")?,
        sections: row.json("sections")?,
        quota: row.count_or_none("quota")?,
        sales_start: row.instant_or_none("sales_start")?,
        sales_end: row.instant_or_none("sales_end")?,
        min_per_order: row.count("min_per_order")?,
        max_per_order: row.count("max_per_order")?,
        access_code: row.get("access_code")?,
        tiers: Vec::new(),
        held: row.count("held")?,
        sold: row.count("sold")?,
    })
}

/// What [`tier_of`] reads.
const TIER: &str = "id, ticket_type_id, name, price, currency, sells_from, sells_until, quota, taken";

fn tier_of(row: &Row) -> Result<(TicketTypeId, PriceTier), Fault> {
    let tier = PriceTier {
        id: row.id("id")?,
        name: row.get("name")?,
        price: row.money("price")?,
        from: row.instant_or_none("sells_from")?,
        until: row.instant_or_none("sells_until")?,
        quota: row.count_or_none("quota")?,
        taken: row.count("taken")?,
    };
    Ok((row.id("ticket_type_id")?, tier))
}
