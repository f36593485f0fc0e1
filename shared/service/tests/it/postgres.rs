//! A PostgreSQL that is slow, full, hung, killed, or not up yet.

use std::time::Duration;

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use service::{
    Database, Limits,
    database::{fault, lists},
};
use testbed::{Line, Postgres, SlowProxy};

use crate::world::{Migrator, World, soon, write};

/// What is quick to give up is quick to test.
fn impatient() -> Limits {
    let database_breaker = breaker::Settings { failures: 3, pause_millis: 100, longest_pause_millis: 400 };
    Limits { connection_millis: 500, startup_seconds: 60, database_breaker, ..Limits::default() }
}

/// A database of a server, behind a line that can be made worse.
async fn behind_a_line(server: &Postgres, connections: u32, limits: &Limits) -> (SlowProxy, Database) {
    let url = server.create_database("sample").await.unwrap();
    let line = SlowProxy::before(server.address()).await;
    let url = url.replace(&server.address().to_string(), &line.address().to_string());
    let database = Database::open("sample", &url, connections, limits).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    (line, database)
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let patience = tokio::time::Instant::now() + Duration::from_mins(1);
    while !holds().await {
        assert!(tokio::time::Instant::now() < patience, "it has to come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn shown(connection: &DatabaseConnection, setting: &str) -> String {
    let query = Statement::from_string(connection.get_database_backend(), format!("SHOW {setting}"));
    connection.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn statements_locks_and_idle_transactions_have_limits_and_migrations_may_take_their_time() {
    let server = Postgres::start().await;
    let limits = Limits { statement_millis: 300, lock_millis: 200, ..impatient() };
    let (_line, database) = behind_a_line(&server, 3, &limits).await;
    assert_eq!(shown(&database.reads, "application_name").await, "sample");
    assert_eq!(shown(&database.reads, "idle_in_transaction_session_timeout").await, "15s");
    assert_eq!(shown(&database.reads, "tcp_keepalives_idle").await, "30");
    let slept = database.reads.execute_unprepared("SELECT pg_sleep(60)").await;
    assert!(fault("sleeping")(slept.unwrap_err()).passing);

    database.writes.execute_unprepared("INSERT INTO things VALUES ('one')").await.unwrap();
    let update = "UPDATE things SET name = 'two'";
    let holds = database.begin().await.unwrap();
    holds.execute_unprepared(update).await.unwrap();
    let waits = database.begin().await.unwrap();
    assert!(fault("waiting")(waits.execute_unprepared(update).await.unwrap_err()).passing);

    let unhurried = database.unhurried().await.unwrap();
    assert_eq!(shown(&unhurried, "statement_timeout").await, "0");
    unhurried.execute_unprepared("SELECT pg_sleep(0.5)").await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_up_yet_is_waited_for_and_one_that_never_comes_is_named() {
    let mut server = Postgres::start().await;
    let url = server.create_database("sample").await.unwrap();
    server.kill();
    let hasty = Limits { startup_seconds: 1, ..impatient() };
    let fault = Database::open("sample", &url, 1, &hasty).await.unwrap_err();
    assert!(fault.chain().contains(&format!("{}/sample", server.address())), "{}", fault.chain());

    let opening = tokio::spawn(async move { Database::open("sample", &url, 1, &impatient()).await });
    server.start_again().await;
    let database = opening.await.unwrap().unwrap();
    assert!(database.ready().await.is_ok());

    let nowhere = server.url("nowhere");
    let fault = Database::open("sample", &nowhere, 1, &impatient()).await.unwrap_err();
    assert!(fault.chain().contains("does not exist"), "at once: {}", fault.chain());
}

#[tokio::test]
async fn a_service_has_connections_before_anybody_asks_it() {
    let server = Postgres::start().await;
    let (_line, database) = behind_a_line(&server, 2, &impatient()).await;
    let open = |connection: &DatabaseConnection| connection.get_postgres_connection_pool().size();
    let background = database.background().reads;
    assert_eq!(open(&background), 0, "they are made when the service starts");
    let _world = World::on(database.clone()).await;
    assert_eq!(open(&database.reads), 2, "all that requests may have");
    assert!(open(&background) >= 4, "some of the background's: {}", open(&background));
}

#[tokio::test]
async fn a_killed_server_costs_refusals_at_once_and_the_service_is_back_by_itself() {
    let mut server = Postgres::durable().await;
    let (_line, database) = behind_a_line(&server, 4, &impatient()).await;
    let world = World::on(database.clone()).await;
    assert_eq!(world.get("/api/sample/things").await, (200, "1".to_owned()));
    server.kill();
    until(async || database.is_left_alone()).await;

    let answer: Value = world.ask("{ hello }").send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE", "{answer}");
    assert_eq!(world.get("/api/sample/things").await.0, 503);
    assert_eq!((world.get("/healthz").await.0, world.get("/readyz").await.0), (200, 503));

    server.start_again().await;
    until(async || !database.is_left_alone()).await;
    until(async || world.get("/api/sample/things").await.0 == 200).await;
    until(async || world.get("/readyz").await.0 == 200).await;
    assert_eq!(write(&database).await.unwrap(), 3, "what was acknowledged is there");
}

#[tokio::test]
async fn a_full_pool_refuses_who_waits_too_long_and_is_no_outage() {
    let server = Postgres::start().await;
    let (_line, database) = behind_a_line(&server, 2, &impatient()).await;
    let world = World::on(database.clone()).await;
    let taken = (database.begin().await.unwrap(), database.begin().await.unwrap());
    let refused = join_all((0..20).map(|_| world.get("/api/sample/things"))).await;
    assert!(refused.iter().all(|(status, _)| *status == 502), "each for itself: {refused:?}");
    assert!(!database.is_left_alone());
    let answer: Value = world.ask("{ hello }").send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["hello"], "hello ", "what needs no connection is answered");
    assert_eq!(write(&database.background()).await.unwrap(), 1, "consumers and workers go on");
    drop(taken);
    until(async || world.get("/api/sample/things").await.0 == 200).await;
    soon(async { join_all((0..4).map(|_| write(&database))).await }).await;
}

#[tokio::test]
async fn a_slow_line_refuses_what_would_pile_up_and_serves_the_rest() {
    let server = Postgres::start().await;
    let (line, database) =
        behind_a_line(&server, 4, &Limits { connection_millis: 2_000, ..impatient() }).await;
    let world = World::on(database.clone()).await;
    line.becomes(Line::Open(Duration::from_millis(200)));
    let outcomes = join_all((0..60).map(|_| world.get("/api/sample/things"))).await;
    let answered = outcomes.iter().filter(|(status, _)| *status == 200).count();
    assert!(answered > 0, "{outcomes:?}");
    assert!(outcomes.iter().all(|(status, _)| [200, 502, 503].contains(status)), "{outcomes:?}");

    line.becomes(Line::Open(Duration::ZERO));
    until(async || world.get("/api/sample/things").await.0 == 200).await;
    let query = "SELECT CAST(COUNT(*) AS BIGINT) FROM things";
    let query = Statement::from_string(database.reads.get_database_backend(), query);
    let things: i64 =
        database.reads.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert!(things > i64::try_from(answered).unwrap(), "each that was acknowledged is there");
}

#[tokio::test]
async fn a_server_that_hangs_is_left_alone_until_it_answers_again() {
    let server = Postgres::start().await;
    let (line, database) = behind_a_line(&server, 3, &impatient()).await;
    let world = World::on(database.clone()).await;
    assert_eq!(world.get("/api/sample/things").await.0, 200);
    line.becomes(Line::Held);
    until(async || database.is_left_alone()).await;
    assert_eq!(world.get("/api/sample/things").await.0, 503);
    line.becomes(Line::Open(Duration::ZERO));
    until(async || world.get("/api/sample/things").await.0 == 200).await;
}

#[tokio::test]
async fn a_millisecond_of_its_clock_has_begun() {
    let server = Postgres::start().await;
    let (_line, database) = behind_a_line(&server, 1, &impatient()).await;
    let backend = database.reads.get_database_backend();
    let early = format!(
        "SELECT COUNT(*) FROM generate_series(1, 10000) WHERE to_timestamp({} / 1000.0) > clock_timestamp()",
        service::database::now_millis(backend)
    );
    let row = database.reads.query_one_raw(Statement::from_string(backend, early)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
}

/// A plan is kept for as long as nobody has counted the rows again, however many come meanwhile: with the server's own
/// settings it would read all of a table that had three hundred.
#[tokio::test]
async fn rows_of_a_few_ids_are_found_by_their_index_in_a_table_that_nobody_has_counted() {
    let server = Postgres::start().await;
    let url = server.create_database("sample").await.unwrap();
    let database = Database::open("sample", &url, 2, &impatient()).await.unwrap();
    let transaction = database.begin().await.unwrap();
    let owners = [kernel::Id::<()>::new(), kernel::Id::new()];
    let among = lists::among_ids(DbBackend::Postgres, "owner", 1, &owners);
    for sql in [
        "CREATE TABLE sold (id UUID PRIMARY KEY, owner UUID NOT NULL, place INTEGER NOT NULL, code TEXT, section TEXT,
             name TEXT, email TEXT, status TEXT, gate TEXT, currency TEXT, words TEXT) WITH (autovacuum_enabled = off)",
        "CREATE UNIQUE INDEX sold_of_owner ON sold (owner, place)",
        "INSERT INTO sold SELECT gen_random_uuid(), gen_random_uuid(), 1, '', '', '', '', '', '', '', repeat('x', 200)
             FROM generate_series(1, 300)",
        "SET LOCAL plan_cache_mode = force_generic_plan",
        &format!("PREPARE few (TEXT) AS SELECT * FROM sold WHERE {among} ORDER BY owner, place"),
    ] {
        transaction.execute_unprepared(sql).await.unwrap();
    }
    let plan = Statement::from_string(DbBackend::Postgres, "EXPLAIN EXECUTE few('{}')");
    let plan = transaction.query_all_raw(plan).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|line| line.try_get_by_index(0).unwrap()).collect();
    assert!(plan.iter().any(|line| line.contains("sold_of_owner")), "{plan:#?}");
}
