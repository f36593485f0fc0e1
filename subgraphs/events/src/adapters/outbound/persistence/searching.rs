//! Lists of events.

use std::collections::HashMap;

use contracts::events::EventStatus;
use kernel::{EventId, Fault, OrganizationId, Page, PageAsk, Result, UserId, Viewer, to_millis};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait, Select,
    prelude::Uuid,
    sea_query::{Alias, Expr, Query, SelectStatement, WindowStatement},
};
use service::{Database, database::fault};

use super::{
    reads::at_venue,
    rows::{event, venue},
};
use crate::domain::{
    EventAtVenue, EventSearch, EventSort, folded,
    search::{EventPlace, title_key},
};

pub(super) async fn search(
    database: &Database,
    search: &EventSearch,
    sort: EventSort,
    viewer: Viewer,
    page: &PageAsk,
    counted: bool,
) -> Result<Page<EventAtVenue>> {
    let doing = "searching events";
    let conditions = conditions(search).add(seen_by(viewer));
    let total: Option<i64> = if counted {
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
    let mut query = sorted(event::Entity::find().filter(conditions), sort);
    if let Some(cursor) = &page.after {
        query = query.filter(after(sort, &sort.read(cursor)?));
    }
    let rows = query
        .limit(u64::from(page.first) + 1)
        .find_also_related(venue::Entity)
        .all(&database.reads)
        .await
        .map_err(fault(doing))?;
    let found = rows.into_iter().map(at_venue).collect::<Result<Vec<_>, _>>()?;
    let total = u64::try_from(total.unwrap_or(0)).map_err(|cause| Fault::new(doing, cause))?;
    Ok(Page::of(page, found, total, |found| sort.write(&place(sort, found))))
}

/// One question for the pages, numbered within each organization, and one for their totals.
pub(super) async fn programmes(
    database: &Database,
    organizations: &[OrganizationId],
    viewer: Viewer,
    page: &PageAsk,
    counted: bool,
) -> Result<HashMap<OrganizationId, Page<EventAtVenue>>> {
    let (doing, sort) = ("reading organizations' events", EventSort::StartsAt);
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
        wanted = wanted.add(after(sort, &sort.read(cursor)?));
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
    let rows = sorted(event::Entity::find().filter(event::Column::Id.in_subquery(ids)), sort)
        .find_also_related(venue::Entity)
        .all(&database.reads)
        .await
        .map_err(fault(doing))?;
    let mut found: HashMap<OrganizationId, Vec<EventAtVenue>> = HashMap::new();
    for row in rows {
        let event = at_venue(row)?;
        found.entry(event.event.snapshot().organization_id).or_default().push(event);
    }
    let mut programmes = HashMap::with_capacity(organizations.len());
    for id in organizations {
        let total = totals.get(&id.uuid()).copied().unwrap_or(0);
        let total = u64::try_from(total).map_err(|cause| Fault::new(doing, cause))?;
        let events = found.remove(id).unwrap_or_default();
        programmes.insert(*id, Page::of(page, events, total, |found| sort.write(&place(sort, found))));
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

fn conditions(search: &EventSearch) -> Condition {
    let mut all = Condition::all();
    if let Some(words) = search.words() {
        if words.is_empty() {
            all = all.add(Expr::cust("1 = 0")); // nothing but punctuation: no text has it
        }
        for word in words {
            // The beginning of a word; anywhere where words are written without spaces. Folded words
            // hold letters and digits alone, so nothing in them means anything to LIKE.
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
        let [x, y, z] = near.point.unit();
        let column = |column: venue::Column| Expr::col((venue::Entity, column));
        let product = column(venue::Column::UnitX)
            .mul(x)
            .add(column(venue::Column::UnitY).mul(y))
            .add(column(venue::Column::UnitZ).mul(z));
        // A little more than nothing, for what rounding takes from a place compared with itself.
        all = all.add(product.gte(near.least_product() - 1e-14));
    }
    if let Some(from) = search.starts_after {
        all = all.add(event::Column::StartsAt.gte(to_millis(from)));
    }
    if let Some(until) = search.starts_before {
        all = all.add(event::Column::StartsAt.lt(to_millis(until)));
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

fn sorted(query: Select<event::Entity>, sort: EventSort) -> Select<event::Entity> {
    use event::Column::{Id, StartsAt, TitleKey};
    match sort {
        EventSort::StartsAt => query.order_by_asc(StartsAt).order_by_asc(Id),
        EventSort::StartsAtDesc => query.order_by_desc(StartsAt).order_by_desc(Id),
        EventSort::Title => query.order_by_asc(TitleKey).order_by_asc(Id),
        EventSort::Newest => query.order_by(Id, Order::Desc),
    }
}

fn place(sort: EventSort, found: &EventAtVenue) -> EventPlace {
    let (id, details) = (found.event.id(), found.event.details());
    match sort {
        EventSort::StartsAt | EventSort::StartsAtDesc => EventPlace::Start(details.starts_at, id),
        EventSort::Title => EventPlace::Title(title_key(&details.title), id),
        EventSort::Newest => EventPlace::Id(id),
    }
}

fn after(sort: EventSort, place: &EventPlace) -> Condition {
    use event::Column::{Id, StartsAt, TitleKey};
    let descending = matches!(sort, EventSort::StartsAtDesc | EventSort::Newest);
    let beyond = |column: event::Column, value: sea_orm::Value| {
        if descending { column.lt(value) } else { column.gt(value) }
    };
    let by = |column: event::Column, value: sea_orm::Value, id: &EventId| {
        let same = Condition::all().add(column.eq(value.clone())).add(beyond(Id, id.uuid().into()));
        Condition::any().add(beyond(column, value)).add(same)
    };
    match place {
        EventPlace::Start(at, id) => by(StartsAt, to_millis(*at).into(), id),
        EventPlace::Title(title, id) => by(TitleKey, title.as_str().into(), id),
        EventPlace::Id(id) => Condition::all().add(beyond(Id, id.uuid().into())),
    }
}
