//! With what buyers pay besides a payment method, and what is needed to see who tries cards: an expansion, which the version
//! before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Payments {
    Table,
    Openings,
    Tried,
}

#[derive(DeriveIden)]
enum Attempts {
    Table,
    Means,
    Client,
    Card,
}

/// Of declines alone, so that those that go well cost nothing.
const INDEXES: [(&str, &str); 3] = [
    ("declines_of_buyers", "ON attempts (buyer_id, started_at) WHERE state = 'DECLINED'"),
    ("declines_from_clients", "ON attempts (client, started_at) WHERE state = 'DECLINED'"),
    ("declines_of_cards", "ON attempts (started_at, card) WHERE state = 'DECLINED'"),
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            schema::integer(Payments::Openings).default(0).take(),
            schema::boolean(Payments::Tried).default(false).take(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Payments::Table).add_column(column).to_owned()).await?;
        }
        let columns = [Attempts::Means, Attempts::Client, Attempts::Card].map(schema::text_null);
        for column in columns {
            manager.alter_table(Table::alter().table(Attempts::Table).add_column(column).to_owned()).await?;
        }
        for (name, on) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("CREATE INDEX {name} {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        for column in [Attempts::Card, Attempts::Client, Attempts::Means] {
            manager.alter_table(Table::alter().table(Attempts::Table).drop_column(column).to_owned()).await?;
        }
        for column in [Payments::Tried, Payments::Openings] {
            manager.alter_table(Table::alter().table(Payments::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
