//! How often orders and reservations were heard of again: whoever makes and locks many rows in one statement learns from it
//! which of them were there before.

use sea_orm_migration::{prelude::*, schema::integer};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 2] = ["orders", "reservations"];

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and async_trait tells the difference"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let heard = integer("heard_again").default(0).to_owned();
            manager.alter_table(Table::alter().table(table).add_column(heard).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.alter_table(Table::alter().table(table).drop_column("heard_again").to_owned()).await?;
        }
        Ok(())
    }
}
