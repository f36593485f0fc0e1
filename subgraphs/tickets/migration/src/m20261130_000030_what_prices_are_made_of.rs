//! Keeps what the prices of reservations and orders are made of, and as which part of it a ticket was bought.

use sea_orm_migration::prelude::*;

/// Adds the columns. Nothing stands in them of what was sold before they were kept: that cost what was listed.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [(&str, &str, &str); 4] = [
    ("reservations", "breakdown", "TEXT"),
    ("orders", "breakdown", "TEXT"),
    ("tickets", "price_line", "INTEGER"),
    ("tickets", "price_unit", "INTEGER"),
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, of) in COLUMNS {
            let add = format!("ALTER TABLE {table} ADD COLUMN {column} {of}");
            manager.get_connection().execute_unprepared(&add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, _) in COLUMNS {
            let drop = format!("ALTER TABLE {table} DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}
