//! What people are told, what they want to be told, and what is known of them.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveIden)]
enum Notifications {
    Table,
    Id,
    UserId,
    Recipient,
    Kind,
    Channel,
    Cause,
    Subject,
    Body,
    CreatedAt,
    ReadAt,
    Status,
    Address,
    Name,
    Letter,
    Attempts,
    DueAt,
    ClaimedUntil,
    SentAt,
    LastError,
}

#[derive(DeriveIden)]
enum Preferences {
    Table,
    UserId,
    Kind,
    Channel,
    Enabled,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    UserId,
    Version,
    Email,
    Name,
    Erased,
}

#[derive(DeriveIden)]
enum Events {
    Table,
    EventId,
    Version,
    Title,
}

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out, and async_trait wants both alike")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        create_notifications(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table(Preferences::Table)
                    .col(schema::uuid(Preferences::UserId))
                    .col(schema::text(Preferences::Kind))
                    .col(schema::text(Preferences::Channel))
                    .col(schema::boolean(Preferences::Enabled))
                    .primary_key(
                        Index::create()
                            .col(Preferences::UserId)
                            .col(Preferences::Kind)
                            .col(Preferences::Channel),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Accounts::Table)
                    .col(schema::uuid(Accounts::UserId).primary_key())
                    .col(schema::big_integer(Accounts::Version))
                    .col(schema::text(Accounts::Email))
                    .col(schema::text(Accounts::Name))
                    .col(schema::boolean(Accounts::Erased))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Events::Table)
                    .col(schema::uuid(Events::EventId).primary_key())
                    .col(schema::big_integer(Events::Version))
                    .col(schema::text(Events::Title))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Events::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Accounts::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Preferences::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Notifications::Table).to_owned()).await?;
        messaging::tables::drop(manager).await
    }
}

async fn create_notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Notifications::Table)
                .col(schema::uuid(Notifications::Id).primary_key())
                .col(schema::uuid_null(Notifications::UserId))
                .col(schema::text(Notifications::Recipient))
                .col(schema::text(Notifications::Kind))
                .col(schema::text(Notifications::Channel))
                .col(schema::text(Notifications::Cause))
                .col(schema::text(Notifications::Subject))
                .col(schema::text(Notifications::Body))
                .col(schema::big_integer(Notifications::CreatedAt))
                .col(schema::big_integer_null(Notifications::ReadAt))
                .col(schema::text(Notifications::Status))
                .col(schema::text_null(Notifications::Address))
                .col(schema::text(Notifications::Name))
                .col(schema::text_null(Notifications::Letter))
                .col(schema::integer(Notifications::Attempts).default(0))
                .col(schema::big_integer(Notifications::DueAt).default(0))
                .col(schema::big_integer(Notifications::ClaimedUntil).default(0))
                .col(schema::big_integer_null(Notifications::SentAt))
                .col(schema::text_null(Notifications::LastError))
                .check(Expr::cust("channel IN ('IN_APP', 'EMAIL', 'SMS')"))
                .check(Expr::cust("status IN ('QUEUED', 'SENT', 'DELIVERED', 'FAILED')"))
                // A person sees their own; a mail has an address; what waits can be written.
                .check(Expr::cust("channel <> 'IN_APP' OR user_id IS NOT NULL"))
                .check(Expr::cust("channel <> 'EMAIL' OR address IS NOT NULL"))
                .check(Expr::cust("status <> 'QUEUED' OR letter IS NOT NULL"))
                .to_owned(),
        )
        .await?;
    // Nobody is told the same thing twice, whatever is delivered again.
    manager
        .create_index(
            Index::create()
                .name("notifications_once")
                .table(Notifications::Table)
                .col(Notifications::Recipient)
                .col(Notifications::Kind)
                .col(Notifications::Cause)
                .col(Notifications::Channel)
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("notifications_of_a_person")
                .table(Notifications::Table)
                .col(Notifications::UserId)
                .col(Notifications::CreatedAt)
                .col(Notifications::Id)
                .to_owned(),
        )
        .await?;
    // Only what waits is in this index, so it stays small however long the history is.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE INDEX notifications_waiting ON notifications (due_at) WHERE status = 'QUEUED'",
        )
        .await?;
    Ok(())
}
