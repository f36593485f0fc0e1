//! Of which events the tax and the refund policy are their own. Of the events that there are none are: it is as their
//! organizations say.

use sea_orm_migration::{prelude::*, schema::text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    Tax,
    RefundPolicy,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Events::Tax, Events::RefundPolicy] {
            let table = Table::alter().table(Events::Table).add_column(text_null(column)).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Events::RefundPolicy, Events::Tax] {
            let table = Table::alter().table(Events::Table).drop_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
