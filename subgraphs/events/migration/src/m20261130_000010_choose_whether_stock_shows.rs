//! Whether everybody is told how many places of an event are left. Of the events that there are they are.

use sea_orm_migration::{prelude::*, schema::boolean};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    ShowsStock,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The default is also for programs of before, which write rows without the column.
        let shows_stock = boolean(Events::ShowsStock).default(true).to_owned();
        manager.alter_table(Table::alter().table(Events::Table).add_column(shows_stock).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter().table(Events::Table).drop_column(Events::ShowsStock).to_owned();
        manager.alter_table(table).await
    }
}
