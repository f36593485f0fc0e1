//! Lists of events.

use std::collections::HashMap;

use contracts::events::EventStatus;
use kernel::{EventId, Fault, OrganizationId, Page, PageAsk, Result, UserId, Viewer, from_millis, to_millis};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait, Select,
    prelude::Uuid,
    sea_query::{Alias, CaseStatement, Expr, Query, SelectStatement, WindowStatement},
};
use service::{Database, database::fault};

use super::{
    offers, popularity,
    reads::at_venue,
    rows::{event, venue},
};
use crate::domain::{
    EventAtVenue, EventOrder, GeoPoint, Listing,
    entities::event_details::LONGEST,
    folded,
    ordering::{EventPlace, misses},
};

pub(super) async fn search(
    database: &Database,
    listing: &Listing,
    viewer: Viewer,
) -> Result<Page<EventAtVenue>> {
    let doing = "searching events";
    let (order, page, conditions) = (&listing.order, &listing.page, conditions(listing).add(seen_by(viewer)));
    let total: Option<i64> = if listing.counted {
        event::Entity::find()
            .select_only()
            .column_as(event::Column::Id.count(), "total")
            .join(JoinType::InnerJoin, event::Relation::Venue.def())
            .filter(conditions.clone())
            .into_tuple()
            .one(&database.reads)
            .await
            .map_err(fault(doing))?
    } else {
        None
    };
    let mut query = sorted(event::Entity::find().filter(conditions), order);
    if let Some(cursor) = &page.after {
        query = query.filter(beyond(order, order.read(cursor)?));
    }
    let rows = query
        .limit(u64::from(page.first) + 1)
        .find_also_related(venue::Entity)
        .all(&database.reads)
        .await
        .map_err(fault(doing))?;
    let found = rows.into_iter().map(|row| placed(order, row)).collect::<Result<Vec<_>, _>>()?;
    let total = u64::try_from(total.unwrap_or(0)).map_err(|cause| Fault::new(doing, cause))?;
    Ok(paged(order, page, found, total))
}

/// One question for the pages, numbered within each organization, and one for their totals.
pub(super) async fn programmes(
    database: &Database,
    organizations: &[OrganizationId],
    viewer: Viewer,
    page: &PageAsk,
    counted: bool,
) -> Result<HashMap<OrganizationId, Page<EventAtVenue>>> {
    let (doing, order) = ("reading organizations' events", &EventOrder::StartsAt);
    let of_them = event::Column::OrganizationId.is_in(organizations.iter().map(|id| id.uuid()));
    let seen = Condition::all().add(of_them).add(seen_by(viewer));
    let mut totals = HashMap::new();
    if counted {
        let counts: Vec<(Uuid, i64)> = event::Entity::find()
            .select_only()
            .column(event::Column::OrganizationId)
            .column_as(event::Column::Id.count(), "total")
            .filter(seen.clone())
            .group_by(event::Column::OrganizationId)
            .into_tuple()
            .all(&database.reads)
            .await
            .map_err(fault(doing))?;
        totals.extend(counts);
    }
    let mut wanted = seen;
    if let Some(cursor) = &page.after {
        wanted = wanted.add(beyond(order, order.read(cursor)?));
    }
    let [numbered, id, nth] = ["numbered", "id", "nth"].map(Alias::new);
    let within = WindowStatement::partition_by(event::Column::OrganizationId)
        .order_by(event::Column::StartsAt, Order::Asc)
        .order_by(event::Column::Id, Order::Asc)
        .to_owned();
    let numbers = Query::select()
        .column(event::Column::Id)
        .expr_window_as(Expr::cust("ROW_NUMBER()"), within, nth.clone())
        .from(event::Entity)
        .cond_where(wanted)
        .to_owned();
    let ids = Query::select()
        .column(id)
        .from_subquery(numbers, numbered)
        .and_where(Expr::col(nth).lte(i64::from(page.first) + 1))
        .to_owned();
    let rows = sorted(event::Entity::find().filter(event::Column::Id.in_subquery(ids)), order)
        .find_also_related(venue::Entity)
        .all(&database.reads)
        .await
        .map_err(fault(doing))?;
    let mut found: HashMap<OrganizationId, Vec<Placed>> = HashMap::new();
    for row in rows {
        let placed = placed(order, row)?;
        found.entry(placed.1.event.snapshot().organization_id).or_default().push(placed);
    }
    let mut programmes = HashMap::with_capacity(organizations.len());
    for id in organizations {
        let total = totals.get(&id.uuid()).copied().unwrap_or(0);
        let total = u64::try_from(total).map_err(|cause| Fault::new(doing, cause))?;
        let events = found.remove(id).unwrap_or_default();
        programmes.insert(*id, paged(order, page, events, total));
    }
    Ok(programmes)
}

pub(super) fn organizations_of(viewer: UserId) -> SelectStatement {
    Query::select()
        .column(Alias::new("organization_id"))
        .from(Alias::new("memberships"))
        .and_where(Expr::col(Alias::new("user_id")).eq(viewer.uuid()))
        .and_where(Expr::col(Alias::new("role")).is_not_null())
        .to_owned()
}

/// What was published, and one's own organizations' drafts; for operators everything.
fn seen_by(viewer: Viewer) -> Condition {
    let public = Condition::any().add(event::Column::PublishedAt.is_not_null());
    match viewer.user() {
        Some(_) if viewer.is_operator() => Condition::all(),
        Some(viewer) => public.add(event::Column::OrganizationId.in_subquery(organizations_of(viewer))),
        None => public,
    }
}

fn conditions(Listing { search, now, .. }: &Listing) -> Condition {
    let (begun, ended) = (event::Column::StartsAt, event::Column::EndsAt);
    let mut all = if search.over {
        Condition::all().add(ended.lte(to_millis(*now)))
    } else {
        // What is not over has begun so long ago at most: by the start it is found without looking at all that is over.
        Condition::all().add(ended.gt(to_millis(*now))).add(begun.gte(to_millis(*now - LONGEST)))
    };
    if let Some(words) = search.words() {
        if words.is_empty() {
            all = all.add(Expr::cust("1 = 0")); // nothing but punctuation: no text has it
        }
        for word in words {
            // Folded words hold letters and digits alone, so nothing in them means anything to LIKE.
            let pattern = if word.is_ascii() { format!("% {word}%") } else { format!("%{word}%") };
            all = all.add(event::Column::SearchText.like(pattern));
        }
    }
    if !search.categories.is_empty() {
        let categories = search.categories.iter().map(|category| category.as_str());
        all = all.add(event::Column::Category.is_in(categories));
    }
    if !search.tags.is_empty() {
        let tag = |tag: &String| event::Column::TagKeys.like(format!("%|{}|%", folded(tag)));
        all = all.add(search.tags.iter().map(tag).fold(Condition::any(), Condition::add));
    }
    if let Some(city) = search.city.as_deref().filter(|city| !city.trim().is_empty()) {
        all = all.add(venue::Column::CityKey.eq(folded(city)));
    }
    if let Some(near) = search.near {
        // A little more than nothing, for what rounding takes from a place compared with itself.
        all = all.add(product(near.point).gte(near.least_product() - 1e-14));
    }
    if let Some(from) = search.starts_after {
        all = all.add(event::Column::StartsAt.gte(to_millis(from)));
    }
    if let Some(until) = search.starts_before {
        all = all.add(event::Column::StartsAt.lt(to_millis(until)));
    }
    if let Some(most) = search.price_max {
        all = all.add(event::Column::LowestPrice.lte(most));
    }
    if search.only_available {
        let left = Condition::any()
            .add(event::Column::Availability.is_null())
            .add(event::Column::Availability.ne(offers::NOTHING_LEFT));
        all = all.add(event::Column::Status.eq(EventStatus::Published.as_str())).add(left);
    }
    if let Some(organization) = search.organization_id {
        all = all.add(event::Column::OrganizationId.eq(organization.uuid()));
    }
    if search.statuses.is_empty() {
        all.add(event::Column::Status.ne(EventStatus::Draft.as_str()))
    } else {
        all.add(event::Column::Status.is_in(search.statuses.iter().map(|status| status.as_str())))
    }
}

/// How near a venue is to a point.
fn product(point: GeoPoint) -> Expr {
    let [x, y, z] = point.unit();
    let column = |column: venue::Column| Expr::col((venue::Entity, column));
    let product = column(venue::Column::UnitX).mul(x).add(column(venue::Column::UnitY).mul(y));
    product.add(column(venue::Column::UnitZ).mul(z))
}

/// The same number that the database computes, bit by bit: its row's own factors, in the same order.
fn product_of(row: &venue::Model, point: GeoPoint) -> Result<f64, Fault> {
    let [x, y, z] = point.unit();
    match (row.unit_x, row.unit_y, row.unit_z) {
        (Some(unit_x), Some(unit_y), Some(unit_z)) => Ok(unit_x * x + unit_y * y + unit_z * z),
        _ => Err(Fault::broken_rule("a venue without a place was found by its distance")),
    }
}

/// [`misses`] as the database counts them.
fn misses_of(words: &[String]) -> Expr {
    let has = |column: event::Column, word: &str| {
        if word.is_ascii() {
            let beginnings = [format!("{word}%"), format!("% {word}%"), format!("%|{word}%")];
            beginnings.into_iter().fold(Condition::any(), |any, pattern| any.add(column.like(pattern)))
        } else {
            Condition::any().add(column.like(format!("%{word}%")))
        }
    };
    let of_word = |word: &String| -> Expr {
        let [title, tags] = [event::Column::TitleKey, event::Column::TagKeys].map(|column| has(column, word));
        CaseStatement::new().case(title, 0).case(tags, 1).finally(2).into()
    };
    words.iter().map(of_word).fold(Expr::val(0), ExprTrait::add)
}

/// By what a list is ordered, one after another.
fn keys(order: &EventOrder) -> Vec<(Expr, Order)> {
    let column = |column: event::Column| Expr::col((event::Entity, column));
    let [id, starts_at] = [event::Column::Id, event::Column::StartsAt].map(column);
    match order {
        EventOrder::StartsAt => vec![(starts_at, Order::Asc), (id, Order::Asc)],
        EventOrder::StartsAtDesc => vec![(starts_at, Order::Desc), (id, Order::Desc)],
        EventOrder::Title => vec![(column(event::Column::TitleKey), Order::Asc), (id, Order::Asc)],
        EventOrder::Newest => vec![(id, Order::Desc)],
        EventOrder::Relevance(words) => {
            vec![(misses_of(words), Order::Asc), (starts_at, Order::Asc), (id, Order::Asc)]
        }
        EventOrder::Distance(point) => {
            vec![(product(*point), Order::Desc), (starts_at, Order::Asc), (id, Order::Asc)]
        }
        EventOrder::Popularity(_) => {
            vec![(popularity::of_row(), Order::Desc), (starts_at, Order::Asc), (id, Order::Asc)]
        }
    }
}

fn sorted(mut query: Select<event::Entity>, order: &EventOrder) -> Select<event::Entity> {
    if let EventOrder::Popularity(since) = order {
        let sold = Alias::new(popularity::SOLD);
        let same =
            Expr::col((sold.clone(), Alias::new("event_id"))).equals((event::Entity, event::Column::Id));
        QuerySelect::query(&mut query).join_subquery(
            JoinType::LeftJoin,
            popularity::joined(*since),
            sold,
            same,
        );
    }
    keys(order).into_iter().fold(query, |query, (key, way)| query.order_by(key, way))
}

/// What comes after a place: what is further by the first key in which they differ.
fn beyond(order: &EventOrder, place: EventPlace) -> Condition {
    let values: Vec<Expr> = match place {
        EventPlace::Start(at, id) => vec![to_millis(at).into(), id.uuid().into()],
        EventPlace::Title(title, id) => vec![title.into(), id.uuid().into()],
        EventPlace::Id(id) => vec![id.uuid().into()],
        EventPlace::Relevance(misses, at, id) => {
            vec![misses.into(), to_millis(at).into(), id.uuid().into()]
        }
        EventPlace::Distance(product, at, id) => {
            vec![product.into(), to_millis(at).into(), id.uuid().into()]
        }
        EventPlace::Popularity(since, at, id) => {
            vec![popularity::of(id, since), to_millis(at).into(), id.uuid().into()]
        }
    };
    let last_first = keys(order).into_iter().zip(values).rev();
    last_first.fold(Condition::any(), |equal_so_far, ((key, way), value)| {
        let further = match way {
            Order::Desc => key.clone().lt(value.clone()),
            _ => key.clone().gt(value.clone()),
        };
        let any = Condition::any().add(further);
        if equal_so_far.is_empty() {
            any
        } else {
            any.add(Condition::all().add(key.eq(value)).add(equal_so_far))
        }
    })
}

/// An event and its place in a list.
type Placed = (EventPlace, EventAtVenue);

fn placed(order: &EventOrder, (event, venue): (event::Model, Option<venue::Model>)) -> Result<Placed, Fault> {
    let (id, at) = (EventId::from_uuid(event.id), from_millis(event.starts_at));
    let place = match order {
        EventOrder::StartsAt | EventOrder::StartsAtDesc => EventPlace::Start(at, id),
        EventOrder::Title => EventPlace::Title(event.title_key.clone(), id),
        EventOrder::Newest => EventPlace::Id(id),
        EventOrder::Popularity(since) => EventPlace::Popularity(*since, at, id),
        EventOrder::Relevance(words) => {
            EventPlace::Relevance(misses(words, &event.title_key, &event.tag_keys), at, id)
        }
        EventOrder::Distance(point) => {
            let product = venue.as_ref().map_or(Ok(0.0), |venue| product_of(venue, *point))?;
            EventPlace::Distance(product, at, id)
        }
    };
    Ok((place, at_venue((event, venue))?))
}

fn paged(order: &EventOrder, page: &PageAsk, found: Vec<Placed>, total: u64) -> Page<EventAtVenue> {
    Page::of(page, found, total, |(place, _)| order.write(place)).map(|(_, found)| found)
}
