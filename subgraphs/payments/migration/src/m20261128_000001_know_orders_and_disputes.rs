//! Orders that nobody has to pay, disputes, and indexes for what is forgotten: an expansion, which the version before
//! does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Orders {
    Table,
    BuyerId,
    NotPayable,
    NotedAt,
}

#[derive(DeriveIden)]
enum Payments {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Disputes {
    Table,
    Id,
    PaymentId,
    AmountMinor,
    Currency,
    Reason,
    State,
    CreatedAt,
}

const INDEXES: [(&str, &str); 4] = [
    ("provider_events_age", "ON provider_events (received_at)"),
    ("parked_events_age", "ON parked_events (parked_at)"),
    ("orders_age", "ON orders (noted_at)"),
    ("attempts_with_keys", "ON attempts (started_at) WHERE client_key NOT LIKE 'forgotten %'"),
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            schema::uuid_null(Orders::BuyerId),
            schema::text_null(Orders::NotPayable),
            schema::big_integer_null(Orders::NotedAt),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Orders::Table).add_column(column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table(Disputes::Table)
                    .col(schema::text(Disputes::Id).primary_key())
                    .col(schema::uuid(Disputes::PaymentId))
                    .col(schema::big_integer(Disputes::AmountMinor))
                    .col(schema::text(Disputes::Currency))
                    .col(schema::text(Disputes::Reason))
                    .col(schema::text(Disputes::State))
                    .col(schema::big_integer(Disputes::CreatedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .from(Disputes::Table, Disputes::PaymentId)
                            .to(Payments::Table, Payments::Id),
                    )
                    .check(Expr::col(Disputes::AmountMinor).gte(0))
                    .check(Expr::col(Disputes::State).is_in(["OPEN", "WON", "LOST"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("disputes_payment")
                    .table(Disputes::Table)
                    .col(Disputes::PaymentId)
                    .to_owned(),
            )
            .await?;
        for (name, on) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("CREATE INDEX {name} {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        manager.drop_table(Table::drop().table(Disputes::Table).to_owned()).await?;
        for column in [Orders::BuyerId, Orders::NotPayable, Orders::NotedAt] {
            manager.alter_table(Table::alter().table(Orders::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
