//! Remembers which events were called off and how far their holders have been told; finds an event's orders; drops an
//! index that kept updates of seats from staying on their page.

use sea_orm_migration::prelude::*;

/// Creates the table and the index.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "CREATE TABLE called_off (
                event_id UUID PRIMARY KEY,
                reason TEXT,
                told_through UUID,
                done BOOLEAN NOT NULL
            )",
            "CREATE INDEX called_off_to_tell ON called_off (event_id) WHERE NOT done",
            "CREATE INDEX orders_of_event ON orders (event_id, id)",
            "DROP INDEX seats_taken",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "CREATE INDEX seats_taken ON seats (event_id, number) WHERE status <> 0",
            "DROP INDEX orders_of_event",
            "DROP TABLE called_off",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
