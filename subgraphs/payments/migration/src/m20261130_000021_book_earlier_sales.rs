//! What was sold before there were books is to be booked too: an expansion, which the version before does not notice. A worker
//! does it, in batches; here is only how far it is.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// How far the payments were looked through that were made before there were books.
#[derive(DeriveIden)]
enum EarlierPayments {
    Table,
    Id,
    /// When the first replica came that keeps books; none before.
    BooksBeganAt,
    /// Up to which payment.
    ReadUpTo,
}

/// Payments of which a sale is still to be booked.
#[derive(DeriveIden)]
enum EarlierSales {
    Table,
    PaymentId,
    /// When it is tried next.
    DueAt,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(EarlierPayments::Table)
                    .col(schema::big_integer(EarlierPayments::Id).primary_key())
                    .col(schema::big_integer_null(EarlierPayments::BooksBeganAt))
                    .col(schema::uuid_null(EarlierPayments::ReadUpTo))
                    .to_owned(),
            )
            .await?;
        let begin = "INSERT INTO earlier_payments (id) VALUES (1)";
        manager.get_connection().execute_unprepared(begin).await?;
        manager
            .create_table(
                Table::create()
                    .table(EarlierSales::Table)
                    .col(schema::uuid(EarlierSales::PaymentId).primary_key())
                    .col(schema::big_integer(EarlierSales::DueAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("earlier_sales_due")
                    .table(EarlierSales::Table)
                    .col(EarlierSales::DueAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(EarlierSales::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(EarlierPayments::Table).to_owned()).await
    }
}
