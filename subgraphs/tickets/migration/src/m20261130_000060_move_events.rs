//! Remembers to which times events were moved, and how far their holders have been told.

use sea_orm_migration::prelude::*;

/// Creates the table and adds the columns.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE events ADD COLUMN moved_at BIGINT",
            "ALTER TABLE events ADD COLUMN refundable_until BIGINT",
            "CREATE TABLE event_moves (
                event_id UUID NOT NULL,
                sequence BIGINT NOT NULL,
                previous_start BIGINT NOT NULL,
                reason TEXT,
                at BIGINT NOT NULL,
                told_through UUID,
                done BOOLEAN NOT NULL,
                rests_until BIGINT NOT NULL,
                PRIMARY KEY (event_id, sequence)
            )",
            "CREATE INDEX event_moves_to_tell ON event_moves (event_id) WHERE NOT done",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "DROP TABLE event_moves",
            "ALTER TABLE events DROP COLUMN refundable_until",
            "ALTER TABLE events DROP COLUMN moved_at",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
