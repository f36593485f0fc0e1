//! Reading the books.

use std::collections::HashMap;

use contracts::settings::OrganizationSettings;
use kernel::{
    Currency, Cursor, Fault, Id, Money, OrderId, OrganizationId, Page, PageAsk, Result, from_millis,
    to_millis,
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use service::{
    Database,
    database::{fault, now_millis},
};
use uuid::Uuid;

use crate::domain::entities::books::{Account, Balance, Kind, LedgerAsk, Posted};

const DOING: &str = "reading the books";
/// So many milliseconds has a day.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What organizations are owed: of as many rows as they have events, however much they have sold.
pub(super) async fn balances(
    database: &Database,
    organizations: &[OrganizationId],
) -> Result<HashMap<OrganizationId, Vec<Balance>>, Fault> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if organizations.is_empty() {
        return Ok(found);
    }
    let reads = &database.reads;
    let mut values: Vec<Value> =
        organizations.iter().map(|organization| organization.uuid().into()).collect();
    let places: Vec<_> = (1..=values.len()).map(|place| format!("${place}")).collect();
    values.push(Uuid::nil().into());
    let (no_event, week) = (values.len(), OrganizationSettings::default().payout_delay_days);
    let now = now_millis(reads.get_database_backend());
    let query = format!(
        "SELECT b.organization_id, b.currency, CAST(SUM(b.owed_minor) AS BIGINT) AS owed, \
         CAST(SUM(CASE WHEN b.event_id = ${no_event} OR e.ends_at + COALESCE(t.delay_days, {week}) * {DAY} <= clock.now \
             THEN b.owed_minor ELSE 0 END) AS BIGINT) AS payable, \
         CAST(SUM(b.paid_out_minor) AS BIGINT) AS paid_out \
         FROM balances AS b CROSS JOIN (SELECT {now} AS now) AS clock LEFT JOIN events AS e ON e.event_id = b.event_id \
         LEFT JOIN payout_terms AS t ON t.organization_id = b.organization_id \
         WHERE b.organization_id IN ({}) GROUP BY b.organization_id, b.currency ORDER BY b.currency",
        places.join(", ")
    );
    let query = Statement::from_sql_and_values(reads.get_database_backend(), query, values);
    for row in reads.query_all_raw(query).await.map_err(fault(DOING))? {
        let currency = currency(&row)?;
        let money = |column| Ok::<_, Fault>(Money::new(number(&row, column)?, currency));
        let (owed, payable, paid_out) = (money("owed")?, money("payable")?, money("paid_out")?);
        let balance = Balance { pending: owed.minus(payable)?, payable, paid_out };
        found.entry(organization(&row)?).or_default().push(balance);
    }
    Ok(found)
}

/// A page of the books of each.
pub(super) async fn pages(
    database: &Database,
    organizations: &[OrganizationId],
    ask: LedgerAsk,
    page: &PageAsk,
    counted: bool,
) -> Result<HashMap<OrganizationId, Page<Posted>>> {
    if organizations.is_empty() {
        return Ok(HashMap::new());
    }
    let mut wanted = Conditions::of(organizations, ask);
    let totals = if counted { wanted.totals(database).await? } else { HashMap::new() };
    if let Some(cursor) = &page.after {
        wanted.after(cursor.instant_and_id()?);
    }
    let query = format!(
        "SELECT {POSTED} FROM (SELECT p.id, ROW_NUMBER() OVER (PARTITION BY p.organization_id \
         ORDER BY p.at DESC, p.id DESC) AS nth FROM postings AS p WHERE {}) AS n \
         JOIN postings AS p ON p.id = n.id \
         LEFT JOIN events AS e ON e.event_id = p.event_id WHERE n.nth <= {} ORDER BY p.at DESC, p.id DESC",
        wanted.sql,
        i64::from(page.first) + 1
    );
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in wanted.rows(database, query).await? {
        found.entry(organization(&row)?).or_default().push(posted(&row)?);
    }
    let key = |line: &Posted| Cursor::timed(line.at, line.id.uuid());
    let paged = |id: &OrganizationId| {
        let total = totals.get(id).copied().unwrap_or_default();
        (*id, Page::of(page, found.remove(id).unwrap_or_default(), total, key))
    };
    Ok(organizations.iter().map(paged).collect())
}

/// The lines of one, the oldest first.
pub(super) async fn lines(
    database: &Database,
    organization: OrganizationId,
    ask: LedgerAsk,
    limit: u32,
) -> Result<Vec<Posted>, Fault> {
    let wanted = Conditions::of(&[organization], ask);
    let query = format!(
        "SELECT {POSTED} FROM postings AS p LEFT JOIN events AS e ON e.event_id = p.event_id WHERE {} \
         ORDER BY p.at, p.id LIMIT {limit}",
        wanted.sql
    );
    wanted.rows(database, query).await?.iter().map(posted).collect()
}

/// What is read of a line, and of its event.
const POSTED: &str =
    "p.organization_id, p.id, p.at, p.kind, p.amount_minor, p.currency, p.order_id, p.event_id, e.title";

/// Which lines are wanted, of the table `p`; with the values for that.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Those of these organizations' own accounts.
    fn of(organizations: &[OrganizationId], ask: LedgerAsk) -> Self {
        let places: Vec<_> = (1..=organizations.len()).map(|place| format!("${place}")).collect();
        let own = Account::OF_ORGANIZATION.map(Account::name).join("', '");
        let mut wanted = Self {
            sql: format!("p.organization_id IN ({}) AND p.account IN ('{own}')", places.join(", ")),
            values: organizations.iter().map(|organization| organization.uuid().into()).collect(),
        };
        if let Some(currency) = ask.currency {
            wanted.and("p.currency =", currency.code());
        }
        if let Some(from) = ask.from {
            wanted.and("p.at >=", to_millis(from));
        }
        if let Some(until) = ask.until {
            wanted.and("p.at <", to_millis(until));
        }
        wanted
    }

    fn and(&mut self, compared: &str, value: impl Into<Value>) {
        let place = self.value(value);
        self.sql = format!("{} AND {compared} {place}", self.sql);
    }

    /// Those behind a line, where the latest come first.
    fn after(&mut self, (at, id): (i64, Uuid)) {
        let (at, id) = (self.value(at), self.value(id));
        self.sql = format!("{} AND (p.at < {at} OR p.at = {at} AND p.id < {id})", self.sql);
    }

    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    async fn totals(&self, database: &Database) -> Result<HashMap<OrganizationId, u64>, Fault> {
        let query = format!(
            "SELECT p.organization_id, COUNT(*) AS total FROM postings AS p WHERE {} GROUP BY p.organization_id",
            self.sql
        );
        let mut totals = HashMap::new();
        for row in self.rows(database, query).await? {
            totals.insert(organization(&row)?, number(&row, "total")?.unsigned_abs());
        }
        Ok(totals)
    }

    async fn rows(&self, database: &Database, query: String) -> Result<Vec<QueryResult>, Fault> {
        let reads = &database.reads;
        let query =
            Statement::from_sql_and_values(reads.get_database_backend(), query, self.values.iter().cloned());
        reads.query_all_raw(query).await.map_err(fault(DOING))
    }
}

fn posted(row: &QueryResult) -> Result<Posted, Fault> {
    let kind: String = row.try_get("", "kind").map_err(fault(DOING))?;
    let kind = Kind::from_name(&kind).ok_or_else(|| Fault::broken_rule(format!("a line of kind {kind}")))?;
    let id: Uuid = row.try_get("", "id").map_err(fault(DOING))?;
    let order: Option<Uuid> = row.try_get("", "order_id").map_err(fault(DOING))?;
    let event: Option<Uuid> = row.try_get("", "event_id").map_err(fault(DOING))?;
    Ok(Posted {
        id: Id::from_uuid(id),
        at: from_millis(number(row, "at")?),
        kind,
        amount: Money::new(number(row, "amount_minor")?, currency(row)?),
        order: order.map(OrderId::from_uuid),
        event: event.map(Id::from_uuid),
        title: row.try_get("", "title").map_err(fault(DOING))?,
    })
}

fn organization(row: &QueryResult) -> Result<OrganizationId, Fault> {
    let id: Uuid = row.try_get("", "organization_id").map_err(fault(DOING))?;
    Ok(Id::from_uuid(id))
}

fn currency(row: &QueryResult) -> Result<Currency, Fault> {
    let code: String = row.try_get("", "currency").map_err(fault(DOING))?;
    code.parse()
}

fn number(row: &QueryResult, column: &str) -> Result<i64, Fault> {
    row.try_get("", column).map_err(fault(DOING))
}
