//! A payment is settled as part of the trace of its purchase: an expansion, which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Payments {
    Table,
    Traceparent,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = schema::text_null(Payments::Traceparent);
        manager.alter_table(Table::alter().table(Payments::Table).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Payments::Traceparent;
        manager.alter_table(Table::alter().table(Payments::Table).drop_column(column).to_owned()).await
    }
}
