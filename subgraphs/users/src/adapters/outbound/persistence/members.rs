//! Who belongs to organizations, in pages.

use std::collections::HashMap;

use kernel::{Cursor, Fault, OrganizationId, Page, PageAsk, Result, from_millis};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement, WindowStatement},
};
use service::{Database, database::fault};

use super::{
    accounts::profile,
    organizations::role,
    rows::{
        account,
        membership::{self, Column},
    },
};
use crate::domain::ports::Member;

const DOING: &str = "reading members";

/// A page of the members of each, with as many statements as for one.
pub(super) async fn of(
    database: &Database,
    organizations: &[OrganizationId],
    page: &PageAsk,
    counted: bool,
) -> Result<HashMap<OrganizationId, Page<Member>>> {
    let of_them = Column::OrganizationId.is_in(organizations.iter().map(|id| id.uuid()));
    let all = Condition::all().add(of_them).add(Column::Role.is_not_null());
    let totals = if counted { totals(database, all.clone()).await? } else { HashMap::new() };
    let wanted = match &page.after {
        Some(cursor) => all.add(after(cursor)?),
        None => all,
    };
    let mut members = read(database, page.first, wanted).await?;
    let pages = organizations.iter().map(|id| {
        let of_it = members.remove(id).unwrap_or_default();
        (*id, Page::of(page, of_it, totals.get(id).copied().unwrap_or(0), place))
    });
    Ok(pages.collect())
}

async fn totals(database: &Database, all: Condition) -> Result<HashMap<OrganizationId, u64>, Fault> {
    let counts: Vec<(Uuid, i64)> = membership::Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .column_as(Column::UserId.count(), "total")
        .filter(all)
        .group_by(Column::OrganizationId)
        .into_tuple()
        .all(&database.reads)
        .await
        .map_err(fault(DOING))?;
    let totals = counts.into_iter().map(|(id, total)| {
        let total = u64::try_from(total).map_err(|cause| Fault::new(DOING, cause))?;
        Ok((OrganizationId::from_uuid(id), total))
    });
    totals.collect()
}

/// The first of each organization's, and one more.
async fn read(
    database: &Database,
    first: u32,
    wanted: Condition,
) -> Result<HashMap<OrganizationId, Vec<Member>>, Fault> {
    let keys = [Column::OrganizationId, Column::UserId];
    let in_page = Expr::tuple(keys.map(Expr::col)).in_subquery(the_first(first, wanted.clone(), &keys));
    let rows = membership::Entity::find()
        .filter(in_page)
        .order_by_asc(Column::Since)
        .order_by_asc(Column::UserId)
        .all(&database.reads)
        .await
        .map_err(fault(DOING))?;
    // The people of all of them once: how many they are does not change the statement.
    let people = the_first(first, wanted, &[Column::UserId]);
    let accounts = account::Entity::find().filter(account::Column::Id.in_subquery(people));
    let accounts = accounts.all(&database.reads).await.map_err(fault(DOING))?;
    let accounts: HashMap<_, _> = accounts.into_iter().map(|row| (row.id, row)).collect();
    let mut members: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        if let (Some(account), Some(name)) = (accounts.get(&row.user_id), row.role) {
            let (profile, role) = (profile(account.clone())?, role(&name)?);
            let member = Member { profile, role, since: from_millis(row.since) };
            members.entry(OrganizationId::from_uuid(row.organization_id)).or_default().push(member);
        }
    }
    Ok(members)
}

/// These columns of the memberships that come first in each organization, the longest-serving first.
fn the_first(first: u32, wanted: Condition, columns: &[Column]) -> SelectStatement {
    let [numbered, nth] = ["numbered", "nth"].map(Alias::new);
    let within = WindowStatement::partition_by(Column::OrganizationId)
        .order_by(Column::Since, Order::Asc)
        .order_by(Column::UserId, Order::Asc)
        .to_owned();
    let numbers = Query::select()
        .columns([Column::OrganizationId, Column::UserId])
        .expr_window_as(Expr::cust("ROW_NUMBER()"), within, nth.clone())
        .from(membership::Entity)
        .cond_where(wanted)
        .to_owned();
    Query::select()
        .columns(columns.iter().copied())
        .from_subquery(numbers, numbered)
        .and_where(Expr::col(nth).lte(i64::from(first) + 1))
        .to_owned()
}

fn place(member: &Member) -> String {
    Cursor::timed(member.since, member.profile.id.uuid())
}

fn after(cursor: &Cursor) -> Result<Condition> {
    let (since, id) = cursor.instant_and_id()?;
    let beside = Condition::all().add(Column::Since.eq(since)).add(Column::UserId.gt(id));
    Ok(Condition::any().add(Column::Since.gt(since)).add(beside))
}
