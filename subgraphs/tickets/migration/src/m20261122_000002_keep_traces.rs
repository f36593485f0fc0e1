//! A purchase that runs out of time goes on in its own trace: an expansion, which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Orders {
    Table,
    Traceparent,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = schema::text_null(Orders::Traceparent);
        manager.alter_table(Table::alter().table(Orders::Table).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Orders::Traceparent;
        manager.alter_table(Table::alter().table(Orders::Table).drop_column(column).to_owned()).await
    }
}
