//! How buyers paid, until when a bank may be answered, and which refunds were refused: an expansion, which the version before
//! does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Payments {
    Table,
    MethodKind,
    MethodBrand,
    MethodLast4,
    ReceiptUrl,
}

#[derive(DeriveIden)]
enum Disputes {
    Table,
    RespondBy,
}

#[derive(DeriveIden)]
enum RefusedRefunds {
    Table,
    RefundId,
    Reason,
    RefusedAt,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            schema::text_null(Payments::MethodKind),
            schema::text_null(Payments::MethodBrand),
            schema::text_null(Payments::MethodLast4),
            schema::text_null(Payments::ReceiptUrl),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Payments::Table).add_column(column).to_owned()).await?;
        }
        let respond_by = schema::big_integer_null(Disputes::RespondBy);
        manager.alter_table(Table::alter().table(Disputes::Table).add_column(respond_by).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table(RefusedRefunds::Table)
                    .col(schema::uuid(RefusedRefunds::RefundId).primary_key())
                    .col(schema::text(RefusedRefunds::Reason))
                    .col(schema::big_integer(RefusedRefunds::RefusedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("refused_refunds_age")
                    .table(RefusedRefunds::Table)
                    .col(RefusedRefunds::RefusedAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(RefusedRefunds::Table).to_owned()).await?;
        let column = Disputes::RespondBy;
        manager.alter_table(Table::alter().table(Disputes::Table).drop_column(column).to_owned()).await?;
        let columns =
            [Payments::ReceiptUrl, Payments::MethodLast4, Payments::MethodBrand, Payments::MethodKind];
        for column in columns {
            manager.alter_table(Table::alter().table(Payments::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
