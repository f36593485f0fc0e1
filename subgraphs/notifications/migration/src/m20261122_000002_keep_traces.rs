//! A mail is sent as part of the trace in which it was queued: an expansion, which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Notifications {
    Table,
    Traceparent,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = schema::text_null(Notifications::Traceparent);
        manager.alter_table(Table::alter().table(Notifications::Table).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Notifications::Traceparent;
        manager.alter_table(Table::alter().table(Notifications::Table).drop_column(column).to_owned()).await
    }
}
