//! Tickets that were sold, of each event and day. Which events there are does not matter: a sale may be heard of before its
//! event is known.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Popularity {
    Table,
    EventId,
    Day,
    Tickets,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Popularity::Table)
            .col(schema::uuid(Popularity::EventId))
            .col(schema::big_integer(Popularity::Day))
            .col(schema::big_integer(Popularity::Tickets))
            .primary_key(Index::create().col(Popularity::EventId).col(Popularity::Day))
            .to_owned();
        manager.create_table(table).await?;
        // The last days are summed up, and older ones forgotten, without looking at others.
        let by_day = Index::create()
            .name("popularity_by_day")
            .table(Popularity::Table)
            .col(Popularity::Day)
            .col(Popularity::EventId)
            .to_owned();
        manager.create_index(by_day).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Popularity::Table).to_owned()).await
    }
}
