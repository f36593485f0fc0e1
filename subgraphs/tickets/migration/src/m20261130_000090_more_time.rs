//! Whether a reservation's buyer was given more time, which is once.

use sea_orm_migration::prelude::*;

/// Adds the column. Reservations from before may be given more time; so may those that replicas of the version before make.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "ALTER TABLE reservations ADD COLUMN extended BOOLEAN NOT NULL DEFAULT FALSE";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_it = "ALTER TABLE reservations DROP COLUMN extended";
        manager.get_connection().execute_unprepared(drop_it).await.map(drop)
    }
}
