//! Where sagas stand has a table of its own.
//!
//! This is the first half of a change in two: `orders.progress` and `orders.deadline` stay, and are written along, so that
//! replicas of the version before go on with purchases while this one is rolled out. What such a replica writes is followed
//! by a trigger; what this version writes says so in `saga_version`. The second half takes all of that away.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};
use service::database::now_millis;

/// Makes the table, and lets it follow orders.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What an older version calls otherwise.
fn progress(of: &str) -> String {
    format!("replace(replace({of}progress, '\"BOUGHT\"', '\"DONE\"'), '\"SEATS_GONE\"', '\"PIVOT_REFUSED\"')")
}

/// Keeps a purchase as an order's row has it.
fn follow(backend: DbBackend) -> String {
    let (progress, now) = (progress("NEW."), now_millis(backend));
    format!(
        "INSERT INTO sagas (id, kind, about, parent, progress, deadline, cursor, traceparent, created_at, ended_at, version) \
         VALUES (NEW.id, 'purchase', NEW.id, NULL, {progress}, NEW.deadline, NULL, NEW.traceparent, NEW.created_at, \
         CASE WHEN NEW.deadline IS NULL THEN {now} END, 1) \
         ON CONFLICT (id) DO UPDATE SET progress = excluded.progress, deadline = excluded.deadline, \
         ended_at = excluded.ended_at, version = sagas.version + 1;"
    )
}

fn triggers(backend: DbBackend) -> Vec<String> {
    let follow = follow(backend);
    if backend == DbBackend::Postgres {
        return vec![
            format!(
                "CREATE FUNCTION follow_older_versions() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {follow} RETURN NULL; END $$"
            ),
            "CREATE TRIGGER follow_older_versions AFTER INSERT OR UPDATE ON orders FOR EACH ROW \
             WHEN (NEW.saga_version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION follow_older_versions()"
                .to_owned(),
        ];
    }
    let trigger = |what: &str| {
        format!(
            "CREATE TRIGGER follow_older_versions_{what} AFTER {what} ON orders \
             WHEN NEW.saga_version IS NOT NEW.version BEGIN {follow} END"
        )
    };
    vec![trigger("INSERT"), trigger("UPDATE")]
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        saga::migrations::create(manager).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE orders ADD COLUMN saga_version BIGINT").await?;
        for trigger in triggers(backend) {
            connection.execute_unprepared(&trigger).await?;
        }
        // After the trigger: what is written meanwhile is followed already.
        let purchases = format!(
            "INSERT INTO sagas (id, kind, about, progress, deadline, traceparent, created_at, version) \
             SELECT id, 'purchase', id, {}, deadline, traceparent, created_at, 1 FROM orders \
             WHERE deadline IS NOT NULL ON CONFLICT (id) DO NOTHING",
            progress("")
        );
        connection.execute_unprepared(&purchases).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let triggers = if manager.get_database_backend() == DbBackend::Postgres {
            vec!["DROP TRIGGER follow_older_versions ON orders", "DROP FUNCTION follow_older_versions()"]
        } else {
            vec!["DROP TRIGGER follow_older_versions_INSERT", "DROP TRIGGER follow_older_versions_UPDATE"]
        };
        for statement in
            triggers.into_iter().chain(["ALTER TABLE orders DROP COLUMN saga_version", "DROP TABLE sagas"])
        {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
