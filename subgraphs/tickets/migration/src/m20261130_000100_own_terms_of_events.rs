//! Keeps how events are taxed on their own and what buyers of them get back, and how far is told what they are listed for since.

use sea_orm_migration::prelude::*;

/// Adds the columns. Nothing stands in them of what was there before: it is sold on the terms of its organization.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 6] = [
    "ALTER TABLE events ADD COLUMN own_tax TEXT",
    "ALTER TABLE events ADD COLUMN own_refund_policy TEXT",
    "ALTER TABLE events ADD COLUMN taxed_since BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE events ADD COLUMN relist_at BIGINT",
    "ALTER TABLE events ADD COLUMN relisted_through UUID",
    "CREATE INDEX events_to_relist ON events (relist_at) WHERE relist_at IS NOT NULL",
];

const DOWN: [&str; 6] = [
    "DROP INDEX events_to_relist",
    "ALTER TABLE events DROP COLUMN relisted_through",
    "ALTER TABLE events DROP COLUMN relist_at",
    "ALTER TABLE events DROP COLUMN taxed_since",
    "ALTER TABLE events DROP COLUMN own_refund_policy",
    "ALTER TABLE events DROP COLUMN own_tax",
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
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
