//! What moved at the provider and nobody here knows of is kept for people to look at: an expansion, which the version before
//! does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum UnexplainedMovements {
    Table,
    Id,
    Kind,
    AmountMinor,
    Currency,
    SeenAt,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(UnexplainedMovements::Table)
                    .col(schema::text(UnexplainedMovements::Id).primary_key())
                    .col(schema::text(UnexplainedMovements::Kind))
                    .col(schema::big_integer_null(UnexplainedMovements::AmountMinor))
                    .col(schema::text_null(UnexplainedMovements::Currency))
                    .col(schema::big_integer(UnexplainedMovements::SeenAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("unexplained_movements_age")
                    .table(UnexplainedMovements::Table)
                    .col(UnexplainedMovements::SeenAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(UnexplainedMovements::Table).to_owned()).await
    }
}
