//! Refunds know by whom they were asked, and how much the provider is asked for: an expansion, which the version before does
//! not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Refunds {
    Table,
    TriedMinor,
    Asked,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [schema::big_integer_null(Refunds::TriedMinor), schema::text_null(Refunds::Asked)] {
            manager.alter_table(Table::alter().table(Refunds::Table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Refunds::Asked, Refunds::TriedMinor] {
            manager.alter_table(Table::alter().table(Refunds::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
