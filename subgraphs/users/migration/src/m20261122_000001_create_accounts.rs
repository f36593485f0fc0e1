//! Accounts, their sessions and refresh tokens, failed logins, signing keys; and the messages' tables.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
pub(crate) enum Accounts {
    Table,
    Id,
    Email,
    EmailNormalised,
    Name,
    Phone,
    Locale,
    Timezone,
    EmailVerified,
    PasswordHash,
    Version,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    AccountId,
    CreatedAt,
    ExpiresAt,
    EndedAt,
    EndReason,
}

#[derive(DeriveIden)]
enum RefreshTokens {
    Table,
    Hash,
    SessionId,
    IssuedAt,
    ExpiresAt,
    UsedAt,
}

#[derive(DeriveIden)]
enum LoginFailures {
    Table,
    Address,
    Failures,
    Since,
}

#[derive(DeriveIden)]
enum SigningKeys {
    Table,
    Generation,
    Kid,
    PrivatePem,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table(Accounts::Table)
                    .col(schema::uuid(Accounts::Id).primary_key())
                    .col(schema::text(Accounts::Email))
                    .col(schema::text(Accounts::EmailNormalised).unique_key())
                    .col(schema::text(Accounts::Name))
                    .col(schema::text_null(Accounts::Phone))
                    .col(schema::text(Accounts::Locale))
                    .col(schema::text(Accounts::Timezone))
                    .col(schema::boolean(Accounts::EmailVerified))
                    .col(schema::text(Accounts::PasswordHash))
                    .col(schema::big_integer(Accounts::Version).check(Expr::col(Accounts::Version).gt(0)))
                    .col(schema::big_integer(Accounts::CreatedAt))
                    .to_owned(),
            )
            .await?;
        create_sessions(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table(LoginFailures::Table)
                    .col(schema::text(LoginFailures::Address).primary_key())
                    .col(
                        schema::big_integer(LoginFailures::Failures)
                            .check(Expr::col(LoginFailures::Failures).gte(0)),
                    )
                    .col(schema::big_integer(LoginFailures::Since))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(SigningKeys::Table)
                    // Whoever inserts a generation first has made its key: replicas agree by it.
                    .col(schema::integer(SigningKeys::Generation).primary_key())
                    .col(schema::text(SigningKeys::Kid).unique_key())
                    .col(schema::text(SigningKeys::PrivatePem))
                    .col(schema::big_integer(SigningKeys::CreatedAt))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(SigningKeys::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(LoginFailures::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(RefreshTokens::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Sessions::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Accounts::Table).to_owned()).await?;
        messaging::tables::drop(manager).await
    }
}

async fn create_sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Sessions::Table)
                .col(schema::uuid(Sessions::Id).primary_key())
                .col(schema::uuid(Sessions::AccountId))
                .col(schema::big_integer(Sessions::CreatedAt))
                .col(schema::big_integer(Sessions::ExpiresAt))
                .col(schema::big_integer_null(Sessions::EndedAt))
                .col(schema::text_null(Sessions::EndReason))
                .check(Expr::cust("(ended_at IS NULL) = (end_reason IS NULL)"))
                .check(Expr::cust("end_reason IN ('LOGGED_OUT', 'TOKEN_REUSED')"))
                .foreign_key(
                    ForeignKey::create()
                        .from(Sessions::Table, Sessions::AccountId)
                        .to(Accounts::Table, Accounts::Id)
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
    index(manager, "sessions_of_account", Sessions::Table, Sessions::AccountId).await?;
    index(manager, "sessions_by_expiry", Sessions::Table, Sessions::ExpiresAt).await?;
    manager
        .create_table(
            Table::create()
                .table(RefreshTokens::Table)
                .col(schema::text(RefreshTokens::Hash).primary_key())
                .col(schema::uuid(RefreshTokens::SessionId))
                .col(schema::big_integer(RefreshTokens::IssuedAt))
                .col(schema::big_integer(RefreshTokens::ExpiresAt))
                .col(schema::big_integer_null(RefreshTokens::UsedAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(RefreshTokens::Table, RefreshTokens::SessionId)
                        .to(Sessions::Table, Sessions::Id)
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
    index(manager, "refresh_tokens_by_expiry", RefreshTokens::Table, RefreshTokens::ExpiresAt).await?;
    // A session's chain has one end: two refreshes at once cannot both win.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX refresh_tokens_one_unused ON refresh_tokens (session_id) WHERE used_at IS NULL",
        )
        .await?;
    index(manager, "refresh_tokens_of_session", RefreshTokens::Table, RefreshTokens::SessionId).await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden + 'static,
    column: impl IntoIden + 'static,
) -> Result<(), DbErr> {
    let index = Index::create().name(name).table(table.into_iden()).col(column.into_iden()).to_owned();
    manager.create_index(index).await
}
