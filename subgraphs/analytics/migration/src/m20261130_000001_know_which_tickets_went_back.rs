//! Which tickets went back, and whether money was asked for with them: an expansion, which the version before does not notice.
//! What was kept before was asked for by nobody.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, boolean, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and async_trait tells the difference"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("orders", text_null("taken_back")),
            ("refunds", boolean("asked_for").default(false).to_owned()),
            ("refunds", big_integer_null("in_all")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("refunds", "in_all"), ("refunds", "asked_for"), ("orders", "taken_back")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
