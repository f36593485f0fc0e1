//! Which refunds came back from the provider, and how much of an event's sales they are: an expansion, which the version
//! before does not notice.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text_null},
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
        let returned = big_integer("returned").default(0).check(Expr::cust("returned >= 0")).to_owned();
        for (table, column) in [("orders", text_null("came_back")), ("event_sales", returned)] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("event_sales", "returned"), ("orders", "came_back")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
