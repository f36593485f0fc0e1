//! How places may be chosen: where everybody looks, whether a single seat may be left alone, how many one buyer may have, and what a ticket demands.

use sea_orm_migration::prelude::*;

/// Adds the columns. Events and ticket types from before, and those that replicas of the version before make, limit nothing.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [(&str, &str, &str); 4] = [
    ("layouts", "focal_point", "TEXT"),
    ("events", "orphan_seat_rule", "BOOLEAN NOT NULL DEFAULT FALSE"),
    ("ticket_types", "limit_per_buyer", "INTEGER CHECK (limit_per_buyer > 0)"),
    ("ticket_types", "restrictions", "TEXT NOT NULL DEFAULT '[]'"),
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, kind) in COLUMNS {
            let add = format!("ALTER TABLE {table} ADD COLUMN {column} {kind}");
            manager.get_connection().execute_unprepared(&add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, _) in COLUMNS {
            let drop_it = format!("ALTER TABLE {table} DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&drop_it).await?;
        }
        Ok(())
    }
}
