//! People's telephone numbers, and when an SMS is due: an expansion, which the version before does not notice. What
//! waits for SMS is found by the index of all that waits.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Phone,
}

#[derive(DeriveIden)]
enum Notifications {
    Table,
    SmsDueAt,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phone = schema::text_null(Accounts::Phone);
        manager.alter_table(Table::alter().table(Accounts::Table).add_column(phone).to_owned()).await?;
        let due = schema::big_integer_null(Notifications::SmsDueAt);
        manager.alter_table(Table::alter().table(Notifications::Table).add_column(due).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = Notifications::SmsDueAt;
        manager.alter_table(Table::alter().table(Notifications::Table).drop_column(due).to_owned()).await?;
        let phone = Accounts::Phone;
        manager.alter_table(Table::alter().table(Accounts::Table).drop_column(phone).to_owned()).await
    }
}
