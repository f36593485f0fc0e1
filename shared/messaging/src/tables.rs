//! The tables that every service has for its messages; its migrations make them.

use std::time::Duration;

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

/// How long sent rows of `outbox` are kept after `sent_at`, so that a stream can be filled again; streams keep messages as
/// long.
pub const SENT_KEPT: Duration = Duration::from_hours(7 * 24);
/// How long rows of `inbox` are kept after `received_at`: consumers know what they have handled. A message is published
/// for the last time when its row is about to go, and delivered for the last time when its stream is about to forget it.
pub const RECEIVED_KEPT: Duration = Duration::from_hours(15 * 24);

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Seq,
    Id,
    Subject,
    About,
    Version,
    OccurredAt,
    Headers,
    Payload,
    ClaimedUntil,
    SentAt,
}

#[derive(DeriveIden)]
enum Gaps {
    Table,
    Consumer,
    Stream,
    Since,
    Through,
    Open,
    Tries,
    ClaimedUntil,
}

#[derive(DeriveIden)]
enum Inbox {
    Table,
    Consumer,
    MessageId,
    ReceivedAt,
}

#[derive(DeriveIden)]
enum DeadLetters {
    Table,
    Id,
    Consumer,
    Subject,
    Message,
    Deliveries,
    Error,
    BuriedAt,
}

/// Makes `outbox`, `inbox` and `dead_letters`.
pub async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Outbox::Table)
                .col(schema::big_integer(Outbox::Seq).primary_key().auto_increment())
                .col(schema::uuid(Outbox::Id).unique_key())
                .col(schema::text(Outbox::Subject))
                .col(schema::uuid(Outbox::About))
                .col(schema::big_integer(Outbox::Version))
                .col(schema::big_integer(Outbox::OccurredAt))
                .col(schema::text(Outbox::Headers))
                .col(schema::text(Outbox::Payload))
                .col(schema::big_integer(Outbox::ClaimedUntil).default(0))
                .col(schema::big_integer_null(Outbox::SentAt))
                .to_owned(),
        )
        .await?;
    // Only what waits is in this index, so it stays small however long the history is.
    manager
        .get_connection()
        .execute_unprepared("CREATE INDEX outbox_waiting ON outbox (seq) WHERE sent_at IS NULL")
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Inbox::Table)
                .col(schema::text(Inbox::Consumer))
                .col(schema::uuid(Inbox::MessageId))
                .col(schema::big_integer(Inbox::ReceivedAt))
                .primary_key(Index::create().col(Inbox::Consumer).col(Inbox::MessageId))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(DeadLetters::Table)
                .col(schema::uuid(DeadLetters::Id).primary_key())
                .col(schema::text(DeadLetters::Consumer))
                .col(schema::text(DeadLetters::Subject))
                .col(schema::text(DeadLetters::Message))
                .col(schema::integer(DeadLetters::Deliveries))
                .col(schema::text(DeadLetters::Error))
                .col(schema::big_integer(DeadLetters::BuriedAt))
                .to_owned(),
        )
        .await
}

/// What finds old rows by their age, however many there are: for sweeping, and for a look at what was sent before a
/// stream came to be.
const BY_AGE: [(&str, &str); 3] = [
    ("outbox_by_age", "outbox (sent_at) WHERE sent_at IS NOT NULL"),
    ("outbox_by_subject_and_age", "outbox (subject, sent_at) WHERE sent_at IS NOT NULL"),
    ("inbox_by_age", "inbox (received_at)"),
];

/// Makes the indexes that find old messages.
pub async fn index_by_age(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (name, of) in BY_AGE {
        let index = format!("CREATE INDEX {name} ON {of}");
        manager.get_connection().execute_unprepared(&index).await?;
    }
    Ok(())
}

/// Takes those indexes away again.
pub(crate) async fn drop_indexes_by_age(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (name, _) in BY_AGE {
        manager.get_connection().execute_unprepared(&format!("DROP INDEX {name}")).await?;
    }
    Ok(())
}

/// Makes room for the numbers under which streams keep what was sent, and `gaps`, for what they have forgotten before a
/// consumer had it.
pub async fn number(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared("ALTER TABLE outbox ADD COLUMN number BIGINT").await?;
    manager
        .create_table(
            Table::create()
                .table(Gaps::Table)
                .col(schema::text(Gaps::Consumer))
                .col(schema::text(Gaps::Stream))
                .col(schema::big_integer(Gaps::Since))
                .col(schema::big_integer(Gaps::Through))
                .col(schema::text(Gaps::Open))
                .col(schema::integer(Gaps::Tries).default(0))
                .col(schema::big_integer(Gaps::ClaimedUntil).default(0))
                .primary_key(Index::create().col(Gaps::Consumer).col(Gaps::Stream))
                .to_owned(),
        )
        .await
}

/// Takes those away again.
pub(crate) async fn drop_numbers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.drop_table(Table::drop().table(Gaps::Table).to_owned()).await?;
    manager.get_connection().execute_unprepared("ALTER TABLE outbox DROP COLUMN number").await.map(|_| ())
}

/// What finds messages by their numbers.
const BY_NUMBER: &str = "outbox_by_number ON outbox (number) WHERE number IS NOT NULL";

/// Makes the index that finds messages by their numbers, outside a transaction: where there are many messages PostgreSQL
/// makes it while they are written.
pub async fn index_by_number(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // One that was interrupted leaves an index that is of no use.
    drop_index_by_number(manager).await?;
    let in_passing = match manager.get_database_backend() {
        DbBackend::Postgres => "CONCURRENTLY",
        _ => "",
    };
    let index = format!("CREATE INDEX {in_passing} {BY_NUMBER}");
    manager.get_connection().execute_unprepared(&index).await.map(|_| ())
}

/// Takes that index away again.
pub(crate) async fn drop_index_by_number(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared("DROP INDEX IF EXISTS outbox_by_number").await.map(|_| ())
}

/// Makes everything as the migrations of a service leave it, for whoever has tables for messages and no more.
pub async fn create_all(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(manager).await?;
    index_by_age(manager).await?;
    number(manager).await?;
    manager.get_connection().execute_unprepared(&format!("CREATE INDEX {BY_NUMBER}")).await.map(|_| ())
}

/// Takes the tables away again.
pub async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.drop_table(Table::drop().table(DeadLetters::Table).to_owned()).await?;
    manager.drop_table(Table::drop().table(Inbox::Table).to_owned()).await?;
    manager.drop_table(Table::drop().table(Outbox::Table).to_owned()).await
}
