use messaging::tables;
use sea_orm_migration::SchemaManager;
use testbed::{Postgres, empty_database};

use super::*;

#[tokio::test]
async fn what_is_old_is_found_by_an_index_in_the_order_of_its_age() {
    let server = Postgres::any().await;
    let place = empty_database(&server, "retention").await;
    let connection = place.connect().await.writes;
    let manager = SchemaManager::new(&connection);
    tables::create_all(&manager).await.expect("the tables are made");
    for fill in [
        "INSERT INTO outbox (id, subject, about, version, occurred_at, headers, payload, sent_at) \
         SELECT gen_random_uuid(), 'a', gen_random_uuid(), 0, n, '{}', '{}', n FROM generate_series(1, 20000) AS n",
        "INSERT INTO inbox (consumer, message_id, received_at) \
         SELECT 'a', gen_random_uuid(), n FROM generate_series(1, 20000) AS n",
        "ANALYZE",
    ] {
        connection.execute_unprepared(fill).await.expect("the tables are filled");
    }
    for (table, column) in [("outbox", "sent_at"), ("inbox", "received_at")] {
        let deletion = deletion(DbBackend::Postgres, table, column, None, 1_000).replace("$1", "15000");
        let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN {deletion}"));
        let plan = connection.query_all_raw(explain).await.expect("PostgreSQL tells its plan");
        let plan: Vec<String> =
            plan.iter().map(|line| line.try_get_by_index(0).expect("a line is text")).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(&format!("Index Scan using {table}_by_age")), "{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
    }
}

#[test]
fn an_age_is_told_in_words() {
    for (age, words) in [
        (Age::days("keys", "at", 7), "`keys` | 7 days after `at`"),
        (Age::days("keys", "at", 1), "`keys` | 1 day after `at`"),
        (Age::hours("changes", "at", 1), "`changes` | 1 hour after `at`"),
        (Age::hours("tokens", "expires_at", 0), "`tokens` | until `expires_at`"),
        (Age::for_ever("orders", "bookkeeping"), "`orders` | for ever: bookkeeping"),
    ] {
        assert_eq!(age.to_string(), words);
    }
}
