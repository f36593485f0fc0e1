//! Payments with their attempts, refunds and ledger, what the provider has told, and the tables of messages.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Orders {
    Table,
    OrderId,
    ReturnReason,
}

#[derive(DeriveIden)]
enum Payments {
    Table,
    Id,
    OrderId,
    Number,
    EventId,
    BuyerId,
    AmountMinor,
    Currency,
    Description,
    ExpiresAt,
    CreatedAt,
    State,
    StateDetail,
    IfPaid,
    CapturedAt,
    CapturedMinor,
    CapturedCurrency,
    IntentId,
    ClientSecret,
    UndoAsked,
    DueAt,
    ClaimedUntil,
    Looks,
}

#[derive(DeriveIden)]
enum Attempts {
    Table,
    PaymentId,
    Number,
    BuyerId,
    ClientKey,
    Fingerprint,
    PaymentMethod,
    State,
    Detail,
    Charge,
    StartedAt,
}

#[derive(DeriveIden)]
enum Refunds {
    Table,
    Id,
    PaymentId,
    Number,
    AmountMinor,
    Currency,
    Reason,
    State,
    ProviderId,
    Announced,
    CreatedAt,
}

#[derive(DeriveIden)]
enum LedgerEntries {
    Table,
    Seq,
    OrderId,
    PaymentId,
    Cause,
    Account,
    AmountMinor,
    Currency,
    At,
}

#[derive(DeriveIden)]
enum ProviderEvents {
    Table,
    Id,
    Kind,
    ReceivedAt,
}

#[derive(DeriveIden)]
enum ParkedEvents {
    Table,
    Id,
    Kind,
    Body,
    Reason,
    ParkedAt,
}

#[expect(elided_lifetimes_in_paths, reason = "sea-orm's trait is written so")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        orders_and_payments(manager).await?;
        attempts(manager).await?;
        refunds(manager).await?;
        ledger(manager).await?;
        provider_events(manager).await?;
        let partial_indexes = [
            // What is to be asked of the provider, and when.
            "CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL",
            // A double click makes one payment: while an outcome is open there is no second attempt.
            "CREATE UNIQUE INDEX one_open_attempt ON attempts (payment_id) WHERE state IN ('OPEN', 'CONFIRMED')",
        ];
        for index in partial_indexes {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ParkedEvents::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ProviderEvents::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(LedgerEntries::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Refunds::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Attempts::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Payments::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Orders::Table).to_owned()).await?;
        messaging::tables::drop(manager).await
    }
}

async fn orders_and_payments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Orders::Table)
                .col(schema::uuid(Orders::OrderId).primary_key())
                .col(schema::text_null(Orders::ReturnReason))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Payments::Table)
                .col(schema::uuid(Payments::Id).primary_key())
                .col(schema::uuid(Payments::OrderId).unique_key())
                .col(schema::text(Payments::Number))
                .col(schema::uuid(Payments::EventId))
                .col(schema::uuid(Payments::BuyerId))
                .col(schema::big_integer(Payments::AmountMinor))
                .col(schema::text(Payments::Currency))
                .col(schema::text(Payments::Description))
                .col(schema::big_integer(Payments::ExpiresAt))
                .col(schema::big_integer(Payments::CreatedAt))
                .col(schema::text(Payments::State))
                .col(schema::text_null(Payments::StateDetail))
                .col(schema::text_null(Payments::IfPaid))
                .col(schema::big_integer_null(Payments::CapturedAt))
                .col(schema::big_integer_null(Payments::CapturedMinor))
                .col(schema::text_null(Payments::CapturedCurrency))
                .col(schema::text_null(Payments::IntentId).unique_key())
                .col(schema::text_null(Payments::ClientSecret))
                .col(schema::boolean(Payments::UndoAsked))
                .col(schema::big_integer_null(Payments::DueAt))
                .col(schema::big_integer(Payments::ClaimedUntil).default(0))
                .col(schema::integer(Payments::Looks))
                .check(Expr::col(Payments::AmountMinor).gte(0))
                .check(Expr::col(Payments::State).is_in([
                    "PENDING",
                    "REQUIRES_ACTION",
                    "FAILED",
                    "CANCELLING",
                    "CANCELLED",
                    "CAPTURED",
                ]))
                .check(
                    Expr::col(Payments::State).ne("CAPTURED").or(Expr::col(Payments::CapturedAt)
                        .is_not_null()
                        .and(Expr::col(Payments::CapturedMinor).gte(0))
                        .and(Expr::col(Payments::CapturedCurrency).is_not_null())),
                )
                .to_owned(),
        )
        .await
}

async fn attempts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Attempts::Table)
                .col(schema::uuid(Attempts::PaymentId))
                .col(schema::integer(Attempts::Number))
                .col(schema::uuid(Attempts::BuyerId))
                .col(schema::text(Attempts::ClientKey))
                .col(schema::text(Attempts::Fingerprint))
                .col(schema::text(Attempts::PaymentMethod))
                .col(schema::text(Attempts::State))
                .col(schema::text_null(Attempts::Detail))
                .col(schema::text_null(Attempts::Charge))
                .col(schema::big_integer(Attempts::StartedAt))
                .primary_key(Index::create().col(Attempts::PaymentId).col(Attempts::Number))
                .foreign_key(
                    ForeignKey::create()
                        .from(Attempts::Table, Attempts::PaymentId)
                        .to(Payments::Table, Payments::Id),
                )
                .check(Expr::col(Attempts::Number).gte(1))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("attempts_client_key")
                .table(Attempts::Table)
                .col(Attempts::BuyerId)
                .col(Attempts::ClientKey)
                .unique()
                .to_owned(),
        )
        .await
}

async fn refunds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Refunds::Table)
                .col(schema::uuid(Refunds::Id).primary_key())
                .col(schema::uuid(Refunds::PaymentId))
                .col(schema::integer(Refunds::Number))
                .col(schema::big_integer(Refunds::AmountMinor))
                .col(schema::text(Refunds::Currency))
                .col(schema::text(Refunds::Reason))
                .col(schema::text(Refunds::State))
                .col(schema::text_null(Refunds::ProviderId).unique_key())
                .col(schema::boolean(Refunds::Announced))
                .col(schema::big_integer(Refunds::CreatedAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Refunds::Table, Refunds::PaymentId)
                        .to(Payments::Table, Payments::Id),
                )
                .check(Expr::col(Refunds::AmountMinor).gt(0))
                .check(Expr::col(Refunds::State).is_in(["OWED", "ACCEPTED", "SUCCEEDED", "FAILED"]))
                .to_owned(),
        )
        .await?;
    // One key at the provider for each try to give money back.
    manager
        .create_index(
            Index::create()
                .name("refunds_number")
                .table(Refunds::Table)
                .col(Refunds::PaymentId)
                .col(Refunds::Number)
                .unique()
                .to_owned(),
        )
        .await
}

async fn ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(LedgerEntries::Table)
                .col(schema::big_integer(LedgerEntries::Seq).primary_key().auto_increment())
                .col(schema::uuid(LedgerEntries::OrderId))
                .col(schema::uuid(LedgerEntries::PaymentId))
                .col(schema::text(LedgerEntries::Cause))
                .col(schema::text(LedgerEntries::Account))
                .col(schema::big_integer(LedgerEntries::AmountMinor))
                .col(schema::text(LedgerEntries::Currency))
                .col(schema::big_integer(LedgerEntries::At))
                .check(Expr::col(LedgerEntries::AmountMinor).ne(0))
                .check(Expr::col(LedgerEntries::Account).is_in(["PROVIDER", "CAPTURED", "REFUNDED"]))
                .to_owned(),
        )
        .await?;
    // The same cause is never booked twice.
    manager
        .create_index(
            Index::create()
                .name("ledger_entries_cause")
                .table(LedgerEntries::Table)
                .col(LedgerEntries::PaymentId)
                .col(LedgerEntries::Cause)
                .col(LedgerEntries::Account)
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("ledger_entries_order")
                .table(LedgerEntries::Table)
                .col(LedgerEntries::OrderId)
                .to_owned(),
        )
        .await
}

async fn provider_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(ProviderEvents::Table)
                .col(schema::text(ProviderEvents::Id).primary_key())
                .col(schema::text(ProviderEvents::Kind))
                .col(schema::big_integer(ProviderEvents::ReceivedAt))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(ParkedEvents::Table)
                .col(schema::text(ParkedEvents::Id).primary_key())
                .col(schema::text(ParkedEvents::Kind))
                .col(schema::text(ParkedEvents::Body))
                .col(schema::text(ParkedEvents::Reason))
                .col(schema::big_integer(ParkedEvents::ParkedAt))
                .to_owned(),
        )
        .await
}
