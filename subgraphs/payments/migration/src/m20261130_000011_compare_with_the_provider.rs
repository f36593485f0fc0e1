//! What the payment provider says went through its hands, and where the books say otherwise: an expansion, which the version
//! before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum ProviderMovements {
    Table,
    Id,
    Kind,
    Intent,
    AmountMinor,
    FeeMinor,
    Currency,
    At,
    SeenAt,
    FeeDue,
}

#[derive(DeriveIden)]
enum ReconciliationDifferences {
    Table,
    Intent,
    Currency,
    ProviderMinor,
    LedgerMinor,
    FoundAt,
    SettledAt,
}

#[derive(DeriveIden)]
enum Reconciliation {
    Table,
    Id,
    ReadUpTo,
    ComparedUntil,
    NextAt,
}

#[derive(DeriveIden)]
enum LedgerEntries {
    Table,
    At,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        movements(manager).await?;
        differences(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table(Reconciliation::Table)
                    .col(schema::big_integer(Reconciliation::Id).primary_key())
                    .col(schema::text_null(Reconciliation::ReadUpTo))
                    .col(schema::big_integer(Reconciliation::ComparedUntil))
                    .col(schema::big_integer(Reconciliation::NextAt))
                    .to_owned(),
            )
            .await?;
        let begin = "INSERT INTO reconciliation (id, compared_until, next_at) VALUES (1, 0, 0)";
        manager.get_connection().execute_unprepared(begin).await?;
        manager
            .create_index(
                Index::create()
                    .name("ledger_entries_age")
                    .table(LedgerEntries::Table)
                    .col(LedgerEntries::At)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("ledger_entries_age").table(LedgerEntries::Table).to_owned();
        manager.drop_index(index).await?;
        manager.drop_table(Table::drop().table(Reconciliation::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ReconciliationDifferences::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ProviderMovements::Table).to_owned()).await
    }
}

async fn movements(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(ProviderMovements::Table)
                .col(schema::text(ProviderMovements::Id).primary_key())
                .col(schema::text(ProviderMovements::Kind))
                .col(schema::text_null(ProviderMovements::Intent))
                .col(schema::big_integer(ProviderMovements::AmountMinor))
                .col(schema::big_integer(ProviderMovements::FeeMinor))
                .col(schema::text(ProviderMovements::Currency))
                .col(schema::big_integer(ProviderMovements::At))
                .col(schema::big_integer(ProviderMovements::SeenAt))
                .col(schema::boolean(ProviderMovements::FeeDue))
                .to_owned(),
        )
        .await?;
    for (name, column) in [
        ("provider_movements_of_intent", ProviderMovements::Intent),
        ("provider_movements_seen", ProviderMovements::SeenAt),
    ] {
        let index = Index::create().name(name).table(ProviderMovements::Table).col(column).to_owned();
        manager.create_index(index).await?;
    }
    let due = "CREATE INDEX provider_movements_fees ON provider_movements (id) WHERE fee_due";
    manager.get_connection().execute_unprepared(due).await?;
    Ok(())
}

async fn differences(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(ReconciliationDifferences::Table)
                .col(schema::text(ReconciliationDifferences::Intent))
                .col(schema::text(ReconciliationDifferences::Currency))
                .col(schema::big_integer(ReconciliationDifferences::ProviderMinor))
                .col(schema::big_integer(ReconciliationDifferences::LedgerMinor))
                .col(schema::big_integer(ReconciliationDifferences::FoundAt))
                .col(schema::big_integer_null(ReconciliationDifferences::SettledAt))
                .primary_key(
                    Index::create()
                        .col(ReconciliationDifferences::Intent)
                        .col(ReconciliationDifferences::Currency),
                )
                .to_owned(),
        )
        .await
}
