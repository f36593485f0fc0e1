//! On which terms organizations sell.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// As long as nobody has changed them they have no version, and nothing is kept: they are the default of the day.
const UP: [&str; 2] = [
    "ALTER TABLE organizations ADD COLUMN settings TEXT",
    "ALTER TABLE organizations ADD COLUMN settings_version BIGINT NOT NULL DEFAULT 0 \
     CHECK (settings_version >= 0 AND (settings_version = 0) = (settings IS NULL))",
];

const DOWN: [&str; 2] = [
    "ALTER TABLE organizations DROP COLUMN settings_version",
    "ALTER TABLE organizations DROP COLUMN settings",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
