//! SQLite, in a file and in memory.

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use service::{
    Database, Limits,
    database::{fault, now},
};

use crate::world::Migrator;

async fn things(connection: &DatabaseConnection) -> i64 {
    let query = Statement::from_string(connection.get_database_backend(), "SELECT COUNT(*) AS n FROM things");
    connection.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_file_is_made_and_keeps_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("sample.db").display());
    let database = Database::connect(&url, 3).await.unwrap();
    assert_eq!(database.pending::<Migrator>().await.unwrap().len(), 1);
    database.migrate::<Migrator>().await.unwrap();
    database.migrate::<Migrator>().await.unwrap(); // again changes nothing
    assert!(database.pending::<Migrator>().await.unwrap().is_empty());

    let kept = database.begin().await.unwrap();
    kept.execute_unprepared("INSERT INTO things VALUES ('kept')").await.unwrap();
    assert_eq!(things(&database.reads).await, 0, "readers neither wait for a writer nor see its half");
    kept.commit().await.unwrap();
    let dropped = database.begin().await.unwrap();
    dropped.execute_unprepared("INSERT INTO things VALUES ('dropped')").await.unwrap();
    drop(dropped);
    database.reads.close().await.unwrap();
    database.writes.close().await.unwrap();

    let again = Database::connect(&url, 3).await.unwrap();
    assert_eq!(things(&again.reads).await, 1);
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("sample.db").display());
    let database = Database::connect(&url, 4).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    let write = async |number: usize| {
        let transaction = database.begin().await.unwrap();
        // Read first, then write: the way that meets a locked file where transactions begin as readers.
        transaction
            .query_all_raw(Statement::from_string(
                database.reads.get_database_backend(),
                "SELECT * FROM things",
            ))
            .await
            .unwrap();
        transaction.execute_unprepared(&format!("INSERT INTO things VALUES ('{number}')")).await.unwrap();
        transaction.commit().await.unwrap();
    };
    join_all((0..50).map(write)).await;
    assert_eq!(things(&database.reads).await, 50);
}

#[tokio::test]
async fn databases_in_memory_are_each_their_own() {
    let one = Database::in_memory::<Migrator>().await.unwrap();
    let two = Database::in_memory::<Migrator>().await.unwrap();
    one.writes.execute_unprepared("INSERT INTO things VALUES ('one')").await.unwrap();
    assert_eq!((things(&one.reads).await, things(&two.reads).await), (1, 0));
}

#[tokio::test]
async fn the_databases_clock_goes_in_milliseconds() {
    let database = Database::in_memory::<Migrator>().await.unwrap();
    let before = kernel::Clock::now(&kernel::SystemClock);
    let there = now(&database.reads).await.unwrap();
    assert!((there - before).num_milliseconds().abs() < 5000, "{there} {before}");
}

#[tokio::test]
async fn a_broken_rule_does_not_pass_and_a_lost_connection_does() {
    let database = Database::in_memory::<Migrator>().await.unwrap();
    database.writes.execute_unprepared("INSERT INTO things VALUES ('one')").await.unwrap();
    let twice = database.writes.execute_unprepared("INSERT INTO things VALUES ('one')").await;
    assert!(!fault("inserting")(twice.unwrap_err()).passing);
    assert!(database.ready().await.is_ok());
    database.reads.close_by_ref().await.unwrap();
    assert!(database.ready().await.is_err());
    let lost = database.reads.execute_unprepared("SELECT 1").await;
    assert!(fault("selecting")(lost.unwrap_err()).passing);
}

#[tokio::test]
async fn a_writer_that_finds_the_file_locked_by_another_process_may_try_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("sample.db").display());
    let database = Database::connect(&url, 1).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    let mut impatient = sea_orm::ConnectOptions::new(url);
    impatient.map_sqlx_sqlite_opts(|options| options.busy_timeout(std::time::Duration::ZERO));
    let other = sea_orm::Database::connect(impatient).await.unwrap();
    let holding = database.begin().await.unwrap();
    let refused = other.execute_unprepared("INSERT INTO things VALUES ('two')").await;
    assert!(fault("inserting")(refused.unwrap_err()).passing);
    holding.rollback().await.unwrap();
}

#[tokio::test]
async fn limits_that_make_no_sense_stop_the_start_and_name_the_setting() {
    let none = Limits { requests: 0, ..Limits::default() };
    let fault = Database::open("tickets", "sqlite::memory:", 1, &none).await.unwrap_err();
    assert!(fault.chain().contains("TICKETS__LIMITS__REQUESTS"), "{}", fault.chain());
}
