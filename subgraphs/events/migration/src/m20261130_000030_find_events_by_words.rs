//! What events are found by beside their words: who performs, the lowest price and how much is left, which `tickets` tells.
//! And when each event was last touched, by which the index of a replica hears what has changed.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    Id,
    Performers,
    LowestPrice,
    Availability,
    AvailabilityVersion,
    TouchedAt,
}

#[derive(DeriveIden)]
enum Offers {
    Table,
    TicketTypeId,
    EventId,
    Version,
    LowestPrice,
}

#[derive(DeriveIden)]
enum IndexRebuilds {
    Table,
    Id,
    Asked,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            schema::text(Events::Performers).default("[]").to_owned(),
            schema::big_integer_null(Events::LowestPrice),
            schema::text_null(Events::Availability),
            schema::big_integer(Events::AvailabilityVersion).default(0).to_owned(),
            schema::big_integer(Events::TouchedAt).default(0).to_owned(),
        ] {
            let table = Table::alter().table(Events::Table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        // What was touched lately is found without looking at the rest.
        let touched = Index::create()
            .name("events_by_touch")
            .table(Events::Table)
            .col(Events::TouchedAt)
            .col(Events::Id)
            .to_owned();
        manager.create_index(touched).await?;
        let offers = Table::create()
            .table(Offers::Table)
            .col(schema::uuid(Offers::TicketTypeId).primary_key())
            .col(schema::uuid(Offers::EventId))
            .col(schema::big_integer(Offers::Version))
            .col(schema::big_integer(Offers::LowestPrice))
            .to_owned();
        manager.create_table(offers).await?;
        let of_event =
            Index::create().name("offers_by_event").table(Offers::Table).col(Offers::EventId).to_owned();
        manager.create_index(of_event).await?;
        let rebuilds = Table::create()
            .table(IndexRebuilds::Table)
            .col(schema::integer(IndexRebuilds::Id).primary_key())
            .col(schema::big_integer(IndexRebuilds::Asked))
            .check(Expr::cust("id = 1"))
            .to_owned();
        manager.create_table(rebuilds).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(IndexRebuilds::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Offers::Table).to_owned()).await?;
        manager.drop_index(Index::drop().name("events_by_touch").table(Events::Table).to_owned()).await?;
        for column in [
            Events::TouchedAt,
            Events::AvailabilityVersion,
            Events::Availability,
            Events::LowestPrice,
            Events::Performers,
        ] {
            let table = Table::alter().table(Events::Table).drop_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
