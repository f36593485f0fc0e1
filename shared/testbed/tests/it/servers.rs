use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait,
};
use service::Database;
use testbed::{Nats, Port, Postgres};

async fn count(url: &str) -> i64 {
    let database = Database::connect(url, 1).await.unwrap();
    let query = Statement::from_string(database.reads.get_database_backend(), "SELECT COUNT(*) FROM kept");
    let row = database.reads.query_one_raw(query).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn postgres_that_was_killed_has_what_was_committed() {
    let mut postgres = Postgres::durable().await;
    let url = postgres.create_database("mine").await.unwrap();
    let before = Database::connect(&url, 2).await.unwrap();
    before.writes.execute_unprepared("CREATE TABLE kept (id INT)").await.unwrap();
    before.writes.execute_unprepared("INSERT INTO kept VALUES (1), (2)").await.unwrap();
    postgres.kill();
    assert!(before.ready().await.is_err());
    postgres.start_again().await;
    assert_eq!(count(&url).await, 2);
    postgres.stop().await;
    postgres.start_again().await;
    assert_eq!(count(&url).await, 2);
}

#[tokio::test]
async fn nats_comes_back_where_it_was() {
    let mut nats = Nats::start().await;
    let address = nats.address();
    nats.kill();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    nats.start_again().await;
    nats.kill();
    nats.wipe();
    nats.start_again().await;
    assert_eq!(nats.address(), address);
}

#[test]
fn a_port_is_nobody_elses() {
    let taken: Vec<_> = (0..50).map(|_| Port::take()).collect();
    let mut numbers: Vec<_> = taken.iter().map(Port::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 50);
}

/// How often the schema was made.
static MIGRATED: AtomicUsize = AtomicUsize::new(0);

struct Sample;

impl MigrationName for Sample {
    fn name(&self) -> &'static str {
        "m1_kept"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]
#[async_trait]
impl MigrationTrait for Sample {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        MIGRATED.fetch_add(1, Ordering::SeqCst);
        manager.get_connection().execute_unprepared("CREATE TABLE kept (id INT)").await.map(drop)
    }
}

impl MigratorTrait for Sample {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Self)]
    }
}

#[tokio::test]
async fn a_schema_is_made_once_and_copied_for_each_test() {
    let postgres = Postgres::start().await;
    let copy = async |name| postgres.copy_of_schema::<Sample>("sample", name).await.unwrap();
    let (one, two, three) = tokio::join!(copy("one"), copy("two"), copy("three"));
    assert_eq!(MIGRATED.load(Ordering::SeqCst), 1);
    let database = Database::connect(&one, 1).await.unwrap();
    assert!(database.pending::<Sample>().await.unwrap().is_empty());
    database.writes.execute_unprepared("INSERT INTO kept VALUES (1)").await.unwrap();
    assert_eq!(count(&one).await, 1);
    let late = copy("late").await;
    for url in [two, three, late] {
        assert_eq!(count(&url).await, 0);
    }
    assert_eq!(MIGRATED.load(Ordering::SeqCst), 1);
}
