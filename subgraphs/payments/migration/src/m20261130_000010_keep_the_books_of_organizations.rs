//! The books of organizations, with what others tell of them: an expansion, which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    EventId,
    Version,
    OrganizationId,
    Title,
    EndsAt,
}

#[derive(DeriveIden)]
enum PayoutTerms {
    Table,
    OrganizationId,
    Version,
    DelayDays,
}

#[derive(DeriveIden)]
enum OrderBooks {
    Table,
    OrderId,
    EventId,
    OrganizationId,
    Currency,
    Facts,
}

#[derive(DeriveIden)]
enum Postings {
    Table,
    Id,
    OrganizationId,
    EventId,
    OrderId,
    Currency,
    Kind,
    Account,
    AmountMinor,
    Cause,
    At,
}

#[derive(DeriveIden)]
enum Memberships {
    Table,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        service::memberships::create_table(manager).await?;
        copies(manager).await?;
        books(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Postings::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(OrderBooks::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(PayoutTerms::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Events::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Memberships::Table).to_owned()).await
    }
}

async fn copies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Events::Table)
                .col(schema::uuid(Events::EventId).primary_key())
                .col(schema::big_integer(Events::Version))
                .col(schema::uuid(Events::OrganizationId))
                .col(schema::text(Events::Title))
                .col(schema::big_integer(Events::EndsAt))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(PayoutTerms::Table)
                .col(schema::uuid(PayoutTerms::OrganizationId).primary_key())
                .col(schema::big_integer(PayoutTerms::Version))
                .col(schema::big_integer(PayoutTerms::DelayDays))
                .to_owned(),
        )
        .await
}

async fn books(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(OrderBooks::Table)
                .col(schema::uuid(OrderBooks::OrderId).primary_key())
                .col(schema::uuid(OrderBooks::EventId))
                .col(schema::uuid_null(OrderBooks::OrganizationId))
                .col(schema::text(OrderBooks::Currency))
                .col(schema::text(OrderBooks::Facts))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Postings::Table)
                .col(schema::uuid(Postings::Id).primary_key())
                .col(schema::uuid(Postings::OrganizationId))
                .col(schema::uuid_null(Postings::EventId))
                .col(schema::uuid_null(Postings::OrderId))
                .col(schema::text(Postings::Currency))
                .col(schema::text(Postings::Kind))
                .col(schema::text(Postings::Account))
                .col(schema::big_integer(Postings::AmountMinor))
                .col(schema::text(Postings::Cause))
                .col(schema::big_integer(Postings::At))
                .check(Expr::col(Postings::AmountMinor).ne(0))
                .to_owned(),
        )
        .await?;
    // The same cause is never booked twice.
    manager
        .create_index(
            Index::create()
                .name("postings_cause")
                .table(Postings::Table)
                .col(Postings::OrderId)
                .col(Postings::Cause)
                .col(Postings::Kind)
                .col(Postings::Account)
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("postings_of_organization")
                .table(Postings::Table)
                .col(Postings::OrganizationId)
                .col(Postings::At)
                .col(Postings::Id)
                .to_owned(),
        )
        .await
}
