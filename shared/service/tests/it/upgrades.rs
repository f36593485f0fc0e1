//! A column gets another name while people go on: expanded, left, contracted, one release after the other, on a
//! PostgreSQL whose old and new replicas run side by side.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait,
};
use service::Database;
use testbed::Postgres;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::world::soon;

/// What each release changes, in its order.
const CHANGES: [&str; 4] = [
    "CREATE TABLE guests (id BIGINT PRIMARY KEY, name TEXT NOT NULL)",
    // Expand.
    "ALTER TABLE guests ADD COLUMN full_name TEXT",
    // Nobody names the old one from here on; all rows have the new.
    "ALTER TABLE guests ALTER COLUMN name DROP NOT NULL",
    // Contract.
    "ALTER TABLE guests DROP COLUMN name",
];
/// How each release writes down a guest, and finds them again.
const PROGRAMS: [(&str, &str); 4] = [
    ("INSERT INTO guests (id, name) VALUES ($1, $2)", "SELECT name FROM guests WHERE id = $1"),
    (
        "INSERT INTO guests (id, name, full_name) VALUES ($1, $2, $2)",
        "SELECT COALESCE(full_name, name) FROM guests WHERE id = $1",
    ),
    ("INSERT INTO guests (id, full_name) VALUES ($1, $2)", "SELECT full_name FROM guests WHERE id = $1"),
    ("INSERT INTO guests (id, full_name) VALUES ($1, $2)", "SELECT full_name FROM guests WHERE id = $1"),
];

struct Change(usize);

impl MigrationName for Change {
    fn name(&self) -> &str {
        ["m1_guests", "m2_expand", "m3_leave", "m4_contract"][self.0]
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and async_trait tells the difference"
)]
#[async_trait]
impl MigrationTrait for Change {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(CHANGES[self.0]).await.map(drop)
    }
}

/// The migrations that a release knows: its own and all before.
struct Release<const LAST: usize>;

impl<const LAST: usize> MigratorTrait for Release<LAST> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        (0..=LAST).map(|change| Box::new(Change(change)) as Box<dyn MigrationTrait>).collect()
    }
}

/// A replica of a release, which writes guests down and finds all of them, until it is told to stop.
struct Replica {
    stop: CancellationToken,
    work: JoinSet<()>,
}

impl Replica {
    async fn starts<const RELEASE: usize>(url: &str, guests: &Arc<AtomicUsize>) -> Self {
        let database = Database::connect(url, 2).await.unwrap();
        let pending = database.pending::<Release<RELEASE>>().await.unwrap();
        assert!(pending.is_empty(), "it would refuse to start: {pending:?}");
        let (stop, mut work) = (CancellationToken::new(), JoinSet::new());
        for _ in 0..2 {
            let (database, stop, guests) = (database.clone(), stop.clone(), guests.clone());
            work.spawn(async move {
                while !stop.is_cancelled() {
                    let number = guests.fetch_add(1, Ordering::SeqCst);
                    write_down(&database, RELEASE, number).await;
                    finds(&database, RELEASE, number / 2).await;
                }
            });
        }
        Self { stop, work }
    }

    async fn stops(self) {
        self.stop.cancel();
        self.work.join_all().await; // a request that failed is a panic in there
    }
}

fn statement(sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn number(guest: usize) -> sea_orm::Value {
    i64::try_from(guest).unwrap().into()
}

async fn write_down(database: &Database, release: usize, guest: usize) {
    let insert = statement(PROGRAMS[release].0, [number(guest), format!("Guest {guest}").into()]);
    database.writes.execute_raw(insert).await.unwrap();
}

/// Somebody else may still be writing this guest down; whoever is there has the right name.
async fn finds(database: &Database, release: usize, guest: usize) {
    let row = database.reads.query_one_raw(statement(PROGRAMS[release].1, [number(guest)])).await.unwrap();
    if let Some(row) = row {
        let name: Option<String> = row.try_get_by_index(0).unwrap();
        assert_eq!(name, Some(format!("Guest {guest}")), "as release {release} sees it");
    }
}

/// Until so many more guests have come.
async fn people_come(guests: &AtomicUsize, more: usize) {
    let goal = guests.load(Ordering::SeqCst) + more;
    soon(async {
        while guests.load(Ordering::SeqCst) < goal {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// The schema first, then new replicas beside the old, then the old ones go; back to the release before, and forward
/// again.
async fn upgrade<const OLD: usize, const NEW: usize>(
    url: &str,
    old: Replica,
    guests: &Arc<AtomicUsize>,
) -> Replica {
    people_come(guests, 50).await;
    let tool = Database::connect(url, 1).await.unwrap();
    tool.migrate::<Release<NEW>>().await.unwrap();
    people_come(guests, 50).await;
    let new = Replica::starts::<NEW>(url, guests).await;
    people_come(guests, 100).await;
    old.stops().await;

    tool.migrate::<Release<OLD>>().await.unwrap(); // who goes back runs its own program's migrations again
    let back = Replica::starts::<OLD>(url, guests).await;
    people_come(guests, 100).await;
    back.stops().await;
    new
}

/// What a worker of the release that expands does, batch by batch.
async fn fill(database: &Database) {
    let batch = "UPDATE guests SET full_name = name WHERE id IN \
                 (SELECT id FROM guests WHERE full_name IS NULL ORDER BY id LIMIT 20)";
    while database.writes.execute_unprepared(batch).await.unwrap().rows_affected() > 0 {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_gets_another_name_in_three_releases_and_no_request_fails() {
    let server = Postgres::start().await;
    let url = server.create_database("sample").await.unwrap();
    let guests = Arc::new(AtomicUsize::new(0));
    let tool = Database::connect(&url, 1).await.unwrap();
    tool.migrate::<Release<0>>().await.unwrap();

    let first = Replica::starts::<0>(&url, &guests).await;
    let second = upgrade::<0, 1>(&url, first, &guests).await;
    fill(&tool).await;
    let third = upgrade::<1, 2>(&url, second, &guests).await;
    // Who was written down by the second release just now has both names; nobody has only the old one.
    let fourth = upgrade::<2, 3>(&url, third, &guests).await;
    fourth.stops().await;
    for guest in 0..guests.load(Ordering::SeqCst) {
        finds(&tool, 3, guest).await;
    }
    let count = statement("SELECT CAST(COUNT(*) AS BIGINT) FROM guests WHERE full_name IS NULL", []);
    let nameless: i64 = tool.reads.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(nameless, 0);
}
