//! However long the history of an outbox is, the relay looks at what it needs alone.

use std::sync::Arc;

use chrono::DateTime;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::SchemaManager;
use testbed::{Postgres, empty_database};
use uuid::Uuid;

use crate::{
    InProcessBus, Store,
    gaps::{Answering, Ask, Gap},
    rows::{Rows, Sent},
    tables,
};

/// How many messages were sent.
const SENT: i64 = 50_000;

/// Fills an outbox with messages that were sent, one each millisecond until now.
fn sent(messages: i64) -> String {
    format!(
        "INSERT INTO outbox (id, subject, about, version, occurred_at, headers, payload, claimed_until, sent_at, number) \
         SELECT gen_random_uuid(), 'odysseus.test.thing_' || n % 20 || '.v1', gen_random_uuid(), 0, at, '{{}}', '{{}}', 0, at, n \
         FROM (SELECT n, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) - {messages} + n AS at \
         FROM generate_series(1, {messages}) AS n) AS made"
    )
}

/// How many rows of the outbox were read so far: one by one, and by its indexes.
async fn read(database: &DatabaseConnection) -> (i64, i64) {
    database.execute_unprepared("SELECT pg_stat_force_next_flush()").await.expect("PostgreSQL counts");
    let counts = "SELECT CAST(seq_tup_read AS BIGINT) AS all_of_them, (SELECT CAST(SUM(idx_tup_read) AS BIGINT) \
         FROM pg_stat_user_indexes WHERE relname = 'outbox') AS some FROM pg_stat_user_tables WHERE relname = 'outbox'";
    let row = database.query_one_raw(Statement::from_string(DbBackend::Postgres, counts)).await;
    let row = row.expect("PostgreSQL tells").expect("there is an outbox");
    let number = |name| row.try_get("", name).expect("it is a number");
    (number("all_of_them"), number("some"))
}

fn asked(gap: Gap) -> Ask {
    let store = Store { kinds: vec!["odysseus.test.".to_owned()], since: DateTime::UNIX_EPOCH };
    let (id, subjects, answered) = (Uuid::nil(), Vec::new(), String::new());
    Ask { id, store, gaps: vec![gap], subjects, answered }
}

#[tokio::test]
async fn a_look_at_a_long_history_reads_a_few_rows_by_indexes() {
    let server = Postgres::any().await;
    let place = empty_database(&server, "history").await;
    let mut options = sea_orm::ConnectOptions::new(place.url());
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options).await.expect("PostgreSQL is there");
    let manager = SchemaManager::new(&database);
    tables::create_all(&manager).await.expect("the tables are made");
    let waiting = "INSERT INTO outbox (id, subject, about, version, occurred_at, headers, payload) \
         SELECT gen_random_uuid(), 'odysseus.test.thing_1.v1', gen_random_uuid(), 0, 0, '{}', '{}' FROM generate_series(1, 3)";
    for statement in [sent(SENT).as_str(), waiting, "ANALYZE outbox"] {
        database.execute_unprepared(statement).await.expect("the outbox is filled");
    }
    let rows = Rows::new(database.clone());
    let answering =
        Answering { service: "test", database: database.clone(), bus: Arc::new(InProcessBus::new()) };
    let before = read(&database).await;
    let store = Store { kinds: vec!["odysseus.test.".to_owned()], since: DateTime::UNIX_EPOCH };
    assert_eq!(rows.lost(&[store]).await.expect("it looks for what is lost"), (0, false));
    assert_eq!(rows.waiting().await.expect("it counts what waits").messages, 3);
    let claimed = rows.claim(64, std::time::Duration::from_secs(1)).await.expect("it claims");
    assert_eq!(claimed.len(), 3);
    let marks = claimed.iter().map(|row| Sent { id: row.id, since: None, number: Some(row.seq) });
    rows.sent(&marks.collect::<Vec<_>>()).await.expect("it marks what was sent");
    let begin = SENT / 2;
    let gap = Gap { first: begin, last: begin + 4_999, before: 0 };
    let lost = answering.numbered(&asked(gap)).await.expect("it looks for what somebody else has lost");
    assert_eq!(
        lost.iter().map(|row| row.number).collect::<Vec<_>>(),
        (begin..begin + 32).map(Some).collect::<Vec<_>>()
    );
    let after = read(&database).await;
    assert_eq!(after.0 - before.0, 0, "no look reads the table from its beginning to its end");
    let by_index = after.1 - before.1;
    assert!((1..500).contains(&by_index), "{by_index} rows were read by indexes");
}
