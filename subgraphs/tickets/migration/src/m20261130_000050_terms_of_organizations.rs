//! Keeps on which terms organizations sell, how types of tickets are taxed on their own, and what buyers get back who return
//! what they bought.

use sea_orm_migration::prelude::*;

/// Makes the table, and adds the columns. Nothing stands in them of what was there before: it is sold and taxed as its
/// organization says, and nothing of it goes back at its buyer's wish.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 5] = [
    "CREATE TABLE organization_settings (
        organization_id UUID PRIMARY KEY,
        version BIGINT NOT NULL,
        settings TEXT NOT NULL,
        relist_at BIGINT,
        relisted_through UUID
    )",
    "CREATE INDEX organization_settings_to_relist ON organization_settings (relist_at) WHERE relist_at IS NOT NULL",
    "CREATE INDEX events_of_organization ON events (organization_id)",
    "ALTER TABLE ticket_types ADD COLUMN tax TEXT",
    "ALTER TABLE orders ADD COLUMN refund_policy TEXT",
];

const DOWN: [&str; 4] = [
    "ALTER TABLE orders DROP COLUMN refund_policy",
    "ALTER TABLE ticket_types DROP COLUMN tax",
    "DROP INDEX events_of_organization",
    "DROP TABLE organization_settings",
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
