//! An event's row is locked, and everything is read that a decision about its places needs: two statements.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use contracts::settings::EventTerms;
use kernel::{EventId, Fault, Id, PromoCodeId, ReservationId, TicketTypeId, TierId, UserId};
use sea_orm::{ConnectionTrait, Value};
use service::database::now_millis;
use uuid::Uuid;

use super::{
    cache::Remembered,
    catalogue, promo_codes, reservations,
    settings::{self, OWN_TERMS, Settings},
    sql::{Row, all, among, among_ids, among_texts, for_no_key_update, ids, millis, numbers, one, texts},
    store::CONSUMER,
    transaction::Open,
    waitlists,
};
use crate::domain::{
    entities::{
        Inventory, InventorySnapshot, KnownEvent, PromoCode, Redeemed, Redemptions, Reservation,
        ReservationSnapshot, SeatState, SeatStatus, SectionCount, TicketType, TicketTypeSnapshot, Waited,
    },
    ports::{Answered, Locked, Look, Redeemable},
};

/// What several look for at once.
#[derive(Debug, Default)]
pub(super) struct Looks {
    seats: Vec<u32>,
    buyers: Vec<UserId>,
    reservations: Vec<ReservationId>,
    keys: Vec<OwnKey>,
    messages: Vec<Uuid>,
    promo_codes: Vec<PromoCodeId>,
}

/// Whose key, of which operation.
type OwnKey = (UserId, String, String);

impl Looks {
    /// Adds what one looks for.
    pub(super) fn add(&mut self, look: Look<'_>, message: Option<Uuid>) {
        self.seats.extend(look.seats);
        self.buyers.extend(look.buyer);
        self.reservations.extend(look.reservation);
        self.keys.extend(look.key.map(|key| (key.by, key.operation.to_owned(), key.key.to_owned())));
        self.messages.extend(message);
        self.promo_codes.extend(look.promo_code);
    }
}

/// What was found.
pub(super) struct Found {
    pub(super) inventory: Inventory,
    pub(super) lapsed: Vec<Reservation>,
    active: Vec<Reservation>,
    reservations: Vec<Reservation>,
    answered: BTreeMap<OwnKey, Answered>,
    handled: BTreeSet<Uuid>,
    promo_codes: PromoCodes,
}

impl Found {
    /// True when the message was handled before.
    pub(super) fn was_handled(&self, message: Option<Uuid>) -> bool {
        message.is_some_and(|message| self.handled.contains(&message))
    }

    /// What one of them looked for.
    pub(super) fn of(&self, look: Look<'_>) -> Locked {
        let is_theirs = |held: &&Reservation| Some(held.state().buyer) == look.buyer;
        let is_it = |held: &&Reservation| Some(held.state().id) == look.reservation;
        let answered = look
            .key
            .and_then(|key| self.answered.get(&(key.by, key.operation.to_owned(), key.key.to_owned())));
        Locked {
            inventory: self.inventory.clone(),
            lapsed: self.lapsed.clone(),
            active: self.active.iter().filter(is_theirs).cloned().collect(),
            reservation: self.reservations.iter().find(is_it).cloned(),
            answered: answered.cloned(),
            promo_code: look.promo_code.and_then(|code| self.promo_codes.of(code, look.buyer)),
        }
    }
}

/// Promo codes, and how often they are redeemed.
#[derive(Default)]
struct PromoCodes {
    /// With how often each is redeemed for good.
    known: BTreeMap<PromoCodeId, (PromoCode, u32)>,
    /// Besides that.
    by_all: BTreeMap<PromoCodeId, Redeemed>,
    by_buyer: BTreeMap<(PromoCodeId, UserId), Redeemed>,
}

impl PromoCodes {
    fn of(&self, code: PromoCodeId, buyer: Option<UserId>) -> Option<Redeemable> {
        let (known, settled) = self.known.get(&code)?;
        let mut all = self.by_all.get(&code).copied().unwrap_or_default();
        all.times += settled;
        let by_buyer = buyer.and_then(|buyer| self.by_buyer.get(&(code, buyer)).copied());
        let so_far = Redemptions { all, by_buyer: by_buyer.unwrap_or_default() };
        Some(Redeemable { code: known.clone(), so_far })
    }
}

/// Locks the event's row, so that purchases of one event follow each other, and reads what is looked for. From then on
/// the transaction's time is that at which the lock was had.
pub(super) async fn lock(tx: &mut Open, id: EventId, looks: &Looks) -> Result<Option<Found>, Fault> {
    let before = tx.store.events.get(id).await;
    let Some(row) = lock_row(tx, id, before.as_deref()).await? else { return Ok(None) };
    tx.now = row.at;
    let facts = catalogue::known_facts(before.as_deref(), row.facts)?;
    let Some(layout) = facts.layout_id else { return Ok(None) };
    let Some(house) = catalogue::house(&tx.transaction, &tx.store.houses, layout).await? else {
        return Ok(None);
    };
    let mut read = Readings::of(tx, id, looks).await?;
    let types = match before.as_ref().map(|before| before.types.clone()).filter(|types| read.are_of(types)) {
        Some(types) => types,
        None => catalogue::types_of(&tx.transaction, id).await?,
    };
    let versions = (row.version, row.settings.version);
    let settings = row.settings.are.clone();
    if catalogue::known_versions(before.as_deref()) != versions
        || before.is_none_or(|before| !Arc::ptr_eq(&before.types, &types))
    {
        let (facts, types) = (facts.clone(), types.clone());
        let remembered = Remembered { version: row.version, facts, settings: row.settings, types };
        tx.store.events.keep(id, Arc::new(remembered)).await;
    }
    let types = types.iter().map(|known| read.counted(known)).collect::<Result<_, _>>()?;
    let event = KnownEvent {
        id,
        version: row.version,
        facts,
        opened: row.opened,
        moved_at: row.moved_at,
        refundable_until: row.refundable_until,
        settings_version: versions.1,
        settings,
        own_terms: row.own_terms,
        taxed_since: row.taxed_since,
        orphan_seat_rule: row.orphan_seat_rule,
    };
    Ok(Some(Found {
        inventory: Inventory::restore(InventorySnapshot {
            event,
            house,
            version: row.map_version,
            types,
            sections: std::mem::take(&mut read.sections),
            seats: std::mem::take(&mut read.seats),
            waited: row.waited,
        }),
        lapsed: read.lapsed,
        active: read.active,
        reservations: read.reservations,
        answered: read.answered,
        handled: read.handled,
        promo_codes: read.promo_codes,
    }))
}

struct EventRow {
    at: DateTime<Utc>,
    version: i64,
    /// None when they are as they are remembered.
    facts: Option<String>,
    opened: bool,
    moved_at: Option<DateTime<Utc>>,
    refundable_until: Option<DateTime<Utc>>,
    map_version: i64,
    settings: Settings,
    own_terms: EventTerms,
    taxed_since: i64,
    orphan_seat_rule: bool,
    waited: Waited,
}

async fn lock_row(tx: &Open, id: EventId, before: Option<&Remembered>) -> Result<Option<EventRow>, Fault> {
    let backend = tx.transaction.get_database_backend();
    // The time is asked for above the lock, when the wait is over.
    let lock = for_no_key_update(backend);
    let sql = format!(
        "SELECT {} AS now, e.version, e.facts, e.opened, e.moved_at, e.refundable_until, e.map_version, e.orphan_seat_rule, e.waited_for, e.waitlist_look_at, {OWN_TERMS}, s.version AS settings_version, \
         CASE WHEN s.version = $3 THEN NULL ELSE s.settings END AS settings FROM (SELECT version, organization_id, \
         CASE WHEN version = $2 THEN NULL ELSE facts END AS facts, opened, moved_at, refundable_until, map_version, own_tax, own_refund_policy, taxed_since, orphan_seat_rule, waited_for, waitlist_look_at FROM events WHERE id = $1{lock}) AS e {}",
        now_millis(backend),
        settings::OF_EVENT
    );
    let (known, known_terms) = catalogue::known_versions(before);
    let values = [id.uuid().into(), known.into(), known_terms.into()];
    one(&tx.transaction, "locking an event", sql, values, |row| {
        Ok(EventRow {
            at: row.instant("now")?,
            version: row.get("version")?,
            facts: row.get("facts")?,
            opened: row.get("opened")?,
            moved_at: row.instant_or_none("moved_at")?,
            refundable_until: row.instant_or_none("refundable_until")?,
            map_version: row.get("map_version")?,
            settings: Settings::of(row, before.map(|before| &before.settings))?,
            own_terms: settings::own_terms(row)?,
            taxed_since: row.get("taxed_since")?,
            orphan_seat_rule: row.get("orphan_seat_rule")?,
            waited: waitlists::waited(row)?,
        })
    })
    .await
}

/// What a row of the second statement is. Its columns are the same for all, and mean what is said where it is read.
const SECTION: i32 = 1;
const TYPE: i32 = 2;
const TIER: i32 = 3;
const SEAT: i32 = 4;
const LAPSED: i32 = 5;
const ACTIVE: i32 = 6;
const RESERVATION: i32 = 7;
const ANSWERED: i32 = 8;
const HANDLED: i32 = 9;
const PROMO_CODE: i32 = 10;
const REDEEMED: i32 = 11;
const REDEEMED_BY_BUYER: i32 = 12;

#[derive(Default)]
struct Readings {
    sections: BTreeMap<String, SectionCount>,
    types: BTreeMap<TicketTypeId, (i64, u32, u32)>,
    tiers: BTreeMap<TierId, (u32, Option<u32>)>,
    seats: BTreeMap<u32, SeatState>,
    lapsed: Vec<Reservation>,
    active: Vec<Reservation>,
    reservations: Vec<Reservation>,
    answered: BTreeMap<OwnKey, Answered>,
    handled: BTreeSet<Uuid>,
    promo_codes: PromoCodes,
}

impl Readings {
    async fn of(tx: &Open, event: EventId, looks: &Looks) -> Result<Self, Fault> {
        let (sql, values) = question(tx, event, looks);
        let rows =
            all(&tx.transaction, "reading an inventory", sql, values, |row| Reading::of(event, row)).await?;
        let mut read = Self::default();
        for row in rows {
            match row {
                Reading::Section(key, count) => drop(read.sections.insert(key, count)),
                Reading::Type(id, counted) => drop(read.types.insert(id, counted)),
                Reading::Tier(id, counted) => drop(read.tiers.insert(id, counted)),
                Reading::Seat(number, state) => drop(read.seats.insert(number, state)),
                Reading::Lapsed(reservation) => read.lapsed.push(reservation),
                Reading::Active(reservation) => read.active.push(reservation),
                Reading::Reservation(reservation) => read.reservations.push(reservation),
                Reading::Answered(key, answered) => drop(read.answered.insert(key, answered)),
                Reading::Handled(message) => drop(read.handled.insert(message)),
                Reading::PromoCode(code) => drop(read.promo_codes.known.insert(code.0.state().id, *code)),
                Reading::Redeemed(code, so_far) => drop(read.promo_codes.by_all.insert(code, so_far)),
                Reading::RedeemedByBuyer(code, buyer, so_far) => {
                    read.promo_codes.by_buyer.insert((code, buyer), so_far);
                }
            }
        }
        Ok(read)
    }

    /// True when these are all types there are, as they are now.
    fn are_of(&self, types: &[TicketTypeSnapshot]) -> bool {
        self.types.len() == types.len()
            && types
                .iter()
                .all(|known| self.types.get(&known.id).is_some_and(|(version, ..)| *version == known.version))
    }

    fn counted(&self, known: &TicketTypeSnapshot) -> Result<TicketType, Fault> {
        let missing = || Fault::broken_rule("a ticket type without counters");
        let mut is = known.clone();
        (_, is.held, is.sold) = *self.types.get(&is.id).ok_or_else(missing)?;
        for tier in &mut is.tiers {
            (tier.taken, tier.quota) = *self.tiers.get(&tier.id).ok_or_else(missing)?;
        }
        Ok(TicketType::restore(is))
    }
}

/// Everything at once. Which parts it has depends on what is looked for, never on how many.
fn question(tx: &Open, event: EventId, looks: &Looks) -> (String, Vec<Value>) {
    let backend = tx.transaction.get_database_backend();
    let mut values: Vec<Value> = vec![event.uuid().into(), millis(tx.now)];
    // The first names the columns and says of which types they are.
    let mut parts = vec![
        format!(
            "SELECT {SECTION} AS kind, CAST(NULL AS UUID) AS id, CAST(NULL AS UUID) AS other, CAST(NULL AS BIGINT) AS x, \
             CAST(NULL AS BIGINT) AS y, capacity AS p, held AS q, sold AS r, blocked AS s, key AS t, CAST(NULL AS TEXT) AS u, \
             CAST(NULL AS TEXT) AS v, CAST(NULL AS UUID) AS w, CAST(NULL AS TEXT) AS z FROM sections WHERE event_id = $1"
        ),
        format!(
            "SELECT {TYPE}, id, NULL, version, NULL, held, sold, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM ticket_types \
             WHERE event_id = $1"
        ),
        format!(
            "SELECT {TIER}, t.id, NULL, NULL, NULL, t.taken, t.quota, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM price_tiers t \
             JOIN ticket_types y ON y.id = t.ticket_type_id WHERE y.event_id = $1"
        ),
        format!(
            "SELECT {LAPSED}, id, buyer_id, expires_at, created_at, holding, extended, NULL, NULL, status, claims, \
             breakdown, promo_code_id, terms FROM (SELECT id, buyer_id, expires_at, created_at, \
             CASE WHEN holding THEN 1 ELSE 0 END AS holding, CASE WHEN extended THEN 1 ELSE 0 END AS extended, status, \
             claims, breakdown, promo_code_id, terms {}) AS l",
            reservations::LAPSED
        ),
    ];
    let reservation = "id, buyer_id, expires_at, created_at, CASE WHEN holding THEN 1 ELSE 0 END, \
                       CASE WHEN extended THEN 1 ELSE 0 END, NULL, NULL, status, claims, breakdown, promo_code_id, terms FROM reservations WHERE event_id = $1";
    let mut place = |value: Value| {
        values.push(value);
        values.len()
    };
    if !looks.seats.is_empty() {
        let place = place(numbers(backend, looks.seats.iter().copied()));
        parts.push(format!(
            "SELECT {SEAT}, NULL, holder, held_until, NULL, number, CAST(status AS INTEGER), NULL, NULL, NULL, NULL, \
             NULL, NULL, NULL FROM seats WHERE event_id = $1 AND {}",
            among(backend, "number", place)
        ));
    }
    if !looks.buyers.is_empty() {
        let buyers = among_ids(backend, "buyer_id", place(ids(backend, &looks.buyers)), &looks.buyers);
        parts.push(format!(
            "SELECT {ACTIVE}, {reservation} AND {buyers} AND status = 'ACTIVE' AND expires_at > $2"
        ));
    }
    if !looks.reservations.is_empty() {
        let these = among_ids(backend, "id", place(ids(backend, &looks.reservations)), &looks.reservations);
        parts.push(format!("SELECT {RESERVATION}, {reservation} AND {these}"));
    }
    if !looks.keys.is_empty() {
        let by: Vec<UserId> = looks.keys.iter().map(|(by, ..)| *by).collect();
        let by = among_ids(backend, "by_user", place(ids(backend, &by)), &by);
        let keys = among_texts(backend, "key", place(texts(looks.keys.iter().map(|(.., key)| key.as_str()))));
        parts.push(format!(
            "SELECT {ANSWERED}, made, by_user, NULL, NULL, NULL, NULL, NULL, NULL, fingerprint, operation || ':' || key, \
             NULL, NULL, NULL FROM idempotency_keys WHERE {by} AND {keys}"
        ));
    }
    if !looks.messages.is_empty() {
        let messages: Vec<Id<()>> = looks.messages.iter().copied().map(Id::from_uuid).collect();
        let these = among_ids(backend, "message_id", place(ids(backend, &messages)), &messages);
        parts.push(format!(
            "SELECT {HANDLED}, message_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM inbox \
             WHERE consumer = '{CONSUMER}' AND {these}"
        ));
    }
    if !looks.promo_codes.is_empty() {
        let kinds = [PROMO_CODE, REDEEMED, REDEEMED_BY_BUYER];
        parts.extend(promo_codes::parts(backend, kinds, &looks.promo_codes, &looks.buyers, place));
    }
    (parts.join(" UNION ALL "), values)
}

enum Reading {
    Section(String, SectionCount),
    Type(TicketTypeId, (i64, u32, u32)),
    Tier(TierId, (u32, Option<u32>)),
    Seat(u32, SeatState),
    Lapsed(Reservation),
    Active(Reservation),
    Reservation(Reservation),
    Answered(OwnKey, Answered),
    Handled(Uuid),
    PromoCode(Box<(PromoCode, u32)>),
    Redeemed(PromoCodeId, Redeemed),
    RedeemedByBuyer(PromoCodeId, UserId, Redeemed),
}

impl Reading {
    fn of(event: EventId, row: &Row) -> Result<Self, Fault> {
        Ok(match row.get("kind")? {
            SECTION => Self::Section(
                row.get("t")?,
                SectionCount {
                    capacity: row.count("p")?,
                    held: row.count("q")?,
                    sold: row.count("r")?,
                    blocked: row.count("s")?,
                },
            ),
            TYPE => Self::Type(row.id("id")?, (row.get("x")?, row.count("p")?, row.count("q")?)),
            TIER => Self::Tier(row.id("id")?, (row.count("p")?, row.count_or_none("q")?)),
            SEAT => {
                let status = i16::try_from(row.count("q")?)
                    .map_err(|cause| Fault::new("reading a seat's status", cause))?;
                let state = SeatState {
                    status: SeatStatus::from_number(status)?,
                    holder: row.get::<Option<Uuid>>("other")?.map(Id::from_uuid),
                    until: row.instant_or_none("x")?,
                };
                Self::Seat(row.count("p")?, state)
            }
            LAPSED => Self::Lapsed(reservation(event, row)?),
            ACTIVE => Self::Active(reservation(event, row)?),
            RESERVATION => Self::Reservation(reservation(event, row)?),
            ANSWERED => {
                let key: String = row.get("u")?;
                let (operation, key) = key.split_once(':').unwrap_or_default();
                let key = (row.id("other")?, operation.to_owned(), key.to_owned());
                Self::Answered(key, Answered { made: row.get("id")?, fingerprint: row.get("t")? })
            }
            HANDLED => Self::Handled(row.get("id")?),
            PROMO_CODE => Self::PromoCode(Box::new(promo_codes::of_part(row)?)),
            REDEEMED => Self::Redeemed(row.id("id")?, promo_codes::counted_part(row)?),
            REDEEMED_BY_BUYER => {
                Self::RedeemedByBuyer(row.id("id")?, row.id("other")?, promo_codes::counted_part(row)?)
            }
            other => return Err(Fault::broken_rule(format!("a row of kind {other}"))),
        })
    }
}

fn reservation(event: EventId, row: &Row) -> Result<Reservation, Fault> {
    Ok(Reservation::restore(ReservationSnapshot {
        id: row.id("id")?,
        event,
        buyer: row.id("other")?,
        status: reservations::status(&row.get::<String>("t")?)?,
        holding: row.count("p")? == 1,
        expires_at: row.instant("x")?,
        created_at: row.instant("y")?,
        extended: row.count("q")? == 1,
        claims: row.json("u")?,
        breakdown: row.json_or_none("v")?,
        terms: row.json_or_none("z")?,
        promo_code: row.get::<Option<Uuid>>("w")?.map(Id::from_uuid),
    }))
}
