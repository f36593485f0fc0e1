//! What is declined on the provider's pages is counted beside the cards that are declined here: an expansion, which the version
//! before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum PageDeclines {
    Table,
    /// Of the provider's event that tells of it.
    Id,
    PaymentId,
    BuyerId,
    Client,
    Card,
    At,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(PageDeclines::Table)
                    .col(schema::text(PageDeclines::Id).primary_key())
                    .col(schema::uuid(PageDeclines::PaymentId))
                    .col(schema::uuid(PageDeclines::BuyerId))
                    .col(schema::text_null(PageDeclines::Client))
                    .col(schema::text_null(PageDeclines::Card))
                    .col(schema::big_integer(PageDeclines::At))
                    .to_owned(),
            )
            .await?;
        for (name, on) in [
            ("page_declines_age", "(at)"),
            ("page_declines_of_buyer", "(buyer_id, at)"),
            ("page_declines_of_client", "(client, at) WHERE client IS NOT NULL"),
            ("page_declines_of_card", "(card, at) WHERE card IS NOT NULL"),
        ] {
            let index = format!("CREATE INDEX {name} ON page_declines {on}");
            manager.get_connection().execute_unprepared(&index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(PageDeclines::Table).to_owned()).await
    }
}
