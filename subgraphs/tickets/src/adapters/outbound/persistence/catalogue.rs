//! Plans, events and ticket types.

use std::{collections::HashMap, sync::Arc};

use contracts::events::{EventChanged, EventFacts, LayoutDefined, SectionPlan};
use kernel::{EventId, Fault, Id, LayoutId, TicketTypeId};
use sea_orm::ConnectionTrait;
use service::database::Write;

use super::{
    cache::{Events, Houses, Remembered},
    settings::{self, OWN_TERMS, Settings},
    sql::{
        Row, all, among_ids, execute, ids, json, json_or_null, millis, millis_or_null, number,
        number_or_null, one,
    },
    transaction::SeaTx,
};
use crate::domain::entities::{House, KnownEvent, PriceTier, TicketType, TicketTypeSnapshot};

pub(super) async fn learn_layout(tx: &SeaTx, plan: LayoutDefined) -> Result<(), Fault> {
    execute(
        &tx.transaction,
        "keeping a layout",
        "INSERT INTO layouts (id, plan, focal_point) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [plan.layout_id.uuid().into(), json(&plan.sections)?, json_or_null(plan.focal_point.as_ref())?],
    )
    .await
    .map(drop)
}

pub(super) async fn house(
    connection: &impl ConnectionTrait,
    known: &Houses,
    id: LayoutId,
) -> Result<Option<Arc<House>>, Fault> {
    Ok(houses(connection, known, &[id]).await?.pop())
}

pub(super) async fn houses(
    connection: &impl ConnectionTrait,
    known: &Houses,
    of: &[LayoutId],
) -> Result<Vec<Arc<House>>, Fault> {
    let (mut found, mut missing) = (Vec::with_capacity(of.len()), Vec::new());
    for id in of {
        match known.get(*id).await {
            Some(house) => found.push(house),
            None => missing.push(*id),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let backend = connection.get_database_backend();
    let sql =
        format!("SELECT id, plan, focal_point FROM layouts WHERE {}", among_ids(backend, "id", 1, &missing));
    let read = all(connection, "reading layouts", sql, [ids(backend, &missing)], |row| {
        let house = House::new(row.id("id")?, row.json::<Vec<SectionPlan>>("plan")?)?;
        Ok(house.facing(row.json_or_none("focal_point")?))
    });
    for house in read.await? {
        found.push(known.keep(Arc::new(house)).await);
    }
    Ok(found)
}

pub(super) async fn learn_event(tx: &SeaTx, told: &EventChanged) -> Result<bool, Fault> {
    let changed = execute(
        &tx.transaction,
        "keeping an event",
        "INSERT INTO events (id, version, organization_id, layout_id, status, ends_at, facts, opened, map_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, organization_id = excluded.organization_id, \
         layout_id = excluded.layout_id, status = excluded.status, ends_at = excluded.ends_at, facts = excluded.facts, \
         waitlist_look_at = CASE WHEN events.waited_for IS NULL THEN events.waitlist_look_at ELSE 0 END \
         WHERE events.version < excluded.version",
        [
            told.event_id.uuid().into(),
            told.version.into(),
            told.event.organization_id.uuid().into(),
            told.event.layout_id.map(Id::uuid).into(),
            told.event.status.as_str().into(),
            millis(told.event.ends_at),
            json(&told.event)?,
            false.into(),
        ],
    )
    .await?;
    if changed == 1
        && let Some(terms) = &told.terms
    {
        settings::keep_own_terms(tx, told, terms).await?;
    }
    Ok(changed == 1)
}

/// Events.
pub(super) async fn events(
    connection: &impl ConnectionTrait,
    of: &[EventId],
) -> Result<Vec<KnownEvent>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!(
        "SELECT e.id, e.version, e.facts, e.opened, e.moved_at, e.refundable_until, e.orphan_seat_rule, {OWN_TERMS}, s.version AS settings_version, s.settings \
         FROM events e {} WHERE {}",
        settings::OF_EVENT,
        among_ids(backend, "e.id", 1, of)
    );
    all(connection, "reading events", sql, [ids(backend, of)], |row| {
        let settings = Settings::of(row, None)?;
        Ok(KnownEvent {
            id: row.id("id")?,
            version: row.get("version")?,
            facts: row.json::<EventFacts>("facts")?,
            opened: row.get("opened")?,
            moved_at: row.instant_or_none("moved_at")?,
            refundable_until: row.instant_or_none("refundable_until")?,
            settings_version: settings.version,
            settings: settings.are,
            own_terms: settings::own_terms(row)?,
            taxed_since: row.get("taxed_since")?,
            orphan_seat_rule: row.get("orphan_seat_rule")?,
        })
    })
    .await
}

pub(super) async fn add_ticket_type(tx: &mut SeaTx, ticket_type: &mut TicketType) -> Result<(), Fault> {
    let is = ticket_type.state().clone();
    execute(
        &tx.transaction,
        "adding a ticket type",
        "INSERT INTO ticket_types (id, event_id, version, name, description, sections, quota, sales_start, sales_end, \
         min_per_order, max_per_order, access_code, tax, limit_per_buyer, restrictions, held, sold) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0)",
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
            json_or_null(is.tax.as_ref())?,
            number_or_null(is.limit_per_buyer),
            json(&is.restrictions)?,
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
                tier.base.minor.into(),
                tier.base.currency.code().into(),
                millis_or_null(tier.from),
                millis_or_null(tier.until),
                number_or_null(tier.quota),
            ],
        )
        .await?;
    }
    tx.publish(ticket_type.take_pending());
    Ok(())
}

/// Saves until when ticket types and their prices are sold. All are sent as one statement each.
pub(super) async fn save_sales_times(tx: &mut SeaTx, types: &[TicketType]) -> Result<(), Fault> {
    for known in types {
        let is = known.state();
        let write = Write::rows(
            "moving the end of sales",
            "UPDATE ticket_types SET sales_end = c1, version = c2 FROM {rows} WHERE id = c0",
            [is.id.uuid().into(), millis_or_null(is.sales_end), is.version.into()],
        );
        tx.write(write).await?;
    }
    for tier in types.iter().flat_map(|known| &known.state().tiers) {
        let write = Write::rows(
            "moving the end of prices",
            "UPDATE price_tiers SET sells_until = c1 FROM {rows} WHERE id = c0",
            [tier.id.uuid().into(), millis_or_null(tier.until)],
        );
        tx.write(write).await?;
    }
    Ok(())
}

/// An event with its ticket types, whose counters may be of some other time; none when it is not known. What was read
/// before is used when nothing has changed since.
pub(super) async fn remembered(
    connection: &impl ConnectionTrait,
    events: &Events,
    id: EventId,
) -> Result<Option<(KnownEvent, Arc<Remembered>)>, Fault> {
    let before = events.get(id).await;
    let (known, known_terms) = known_versions(before.as_deref());
    let sql = format!(
        "SELECT e.version, CASE WHEN e.version = $2 THEN NULL ELSE e.facts END AS facts, e.opened, e.moved_at, e.refundable_until, e.orphan_seat_rule, {OWN_TERMS}, \
         (SELECT CAST(COALESCE(SUM(t.version), 0) AS BIGINT) FROM ticket_types t WHERE t.event_id = e.id) AS stamp, \
         s.version AS settings_version, CASE WHEN s.version = $3 THEN NULL ELSE s.settings END AS settings \
         FROM events e {} WHERE e.id = $1",
        settings::OF_EVENT
    );
    let values = [id.uuid().into(), known.into(), known_terms.into()];
    let found = one(connection, "reading an event", sql, values, |row| {
        let facts: Option<String> = row.get("facts")?;
        let versions = (row.get::<i64>("version")?, row.get::<i64>("stamp")?);
        let settings = Settings::of(row, before.as_deref().map(|before| &before.settings))?;
        let moved = (row.instant_or_none("moved_at")?, row.instant_or_none("refundable_until")?);
        let own = (settings::own_terms(row)?, row.get("taxed_since")?, row.get("orphan_seat_rule")?);
        Ok((versions, facts, (row.get::<bool>("opened")?, moved, own), settings))
    })
    .await?;
    let Some((
        (version, stamp),
        facts,
        (opened, moved, (own_terms, taxed_since, orphan_seat_rule)),
        settings,
    )) = found
    else {
        return Ok(None);
    };
    let (moved_at, refundable_until) = moved;
    let types = before.as_ref().filter(|before| before.stamp() == stamp).map(|before| before.types.clone());
    let fresh = facts.is_some() || types.is_none() || settings.version != known_terms;
    let facts = known_facts(before.as_deref(), facts)?;
    let types = match types {
        Some(types) => types,
        None => types_of(connection, id).await?,
    };
    let event = KnownEvent {
        id,
        version,
        facts: facts.clone(),
        opened,
        moved_at,
        refundable_until,
        settings_version: settings.version,
        settings: settings.are.clone(),
        own_terms,
        taxed_since,
        orphan_seat_rule,
    };
    let remembered = Arc::new(Remembered { version, facts, settings, types });
    if fresh {
        events.keep(id, remembered.clone()).await;
    }
    Ok(Some((event, remembered)))
}

/// Of which versions an event's facts and its organization's settings are known.
pub(super) fn known_versions(before: Option<&Remembered>) -> (i64, i64) {
    before.map_or((-1, -1), |before| (before.version, before.settings.version))
}

/// The facts as they were read, or as they are known when nothing newer was read.
pub(super) fn known_facts(before: Option<&Remembered>, read: Option<String>) -> Result<EventFacts, Fault> {
    match (read, before) {
        (Some(read), _) => serde_json::from_str(&read).map_err(|cause| Fault::new("reading an event", cause)),
        (None, Some(before)) => Ok(before.facts.clone()),
        (None, None) => Err(Fault::broken_rule("an event without facts")),
    }
}

/// The ticket types of an event, to be remembered.
pub(super) async fn types_of(
    connection: &impl ConnectionTrait,
    event: EventId,
) -> Result<Arc<Vec<TicketTypeSnapshot>>, Fault> {
    let types = ticket_types(connection, "event_id", &[event]).await?;
    Ok(Arc::new(types.iter().map(|known| known.state().clone()).collect()))
}

/// The ticket types of which `column`, `id` or `event_id`, is one of these, in the order they were made.
pub(super) async fn ticket_types<K>(
    connection: &impl ConnectionTrait,
    column: &str,
    of: &[Id<K>],
) -> Result<Vec<TicketType>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, column, 1, of);
    let sql = format!("SELECT {TYPE} FROM ticket_types WHERE {them} ORDER BY id");
    let types = all(connection, "reading ticket types", sql, [ids(backend, of)], ticket_type_of).await?;
    let sql = format!(
        "SELECT {TIER} FROM price_tiers WHERE ticket_type_id IN (SELECT id FROM ticket_types WHERE {them}) \
         ORDER BY position"
    );
    let tiers = all(connection, "reading price tiers", sql, [ids(backend, of)], tier_of).await?;
    Ok(with_tiers(types, tiers))
}

fn with_tiers(types: Vec<TicketTypeSnapshot>, tiers: Vec<(TicketTypeId, PriceTier)>) -> Vec<TicketType> {
    let mut of: HashMap<TicketTypeId, Vec<PriceTier>> = HashMap::new();
    for (owner, tier) in tiers {
        of.entry(owner).or_default().push(tier);
    }
    types
        .into_iter()
        .map(|is| {
            TicketType::restore(TicketTypeSnapshot { tiers: of.remove(&is.id).unwrap_or_default(), ..is })
        })
        .collect()
}

/// What [`ticket_type_of`] reads.
const TYPE: &str = "id, event_id, version, name, description, sections, quota, sales_start, sales_end, \
                    min_per_order, max_per_order, access_code, tax, limit_per_buyer, restrictions, held, sold";

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
        limit_per_buyer: row.count_or_none("limit_per_buyer")?,
        restrictions: row.json("restrictions")?,
        access_code: row.get("access_code")?,
        tax: row.json_or_none("tax")?,
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
        base: row.money("price")?,
        from: row.instant_or_none("sells_from")?,
        until: row.instant_or_none("sells_until")?,
        quota: row.count_or_none("quota")?,
        taken: row.count("taken")?,
    };
    Ok((row.id("ticket_type_id")?, tier))
}
