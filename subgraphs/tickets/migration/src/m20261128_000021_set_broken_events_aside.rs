//! Lets an event whose holders cannot be told that it is off rest for a while, so that it delays no other.

use sea_orm_migration::prelude::*;

/// Adds the column.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE called_off ADD COLUMN rests_until BIGINT NOT NULL DEFAULT 0";
        manager.get_connection().execute_unprepared(column).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE called_off DROP COLUMN rests_until";
        manager.get_connection().execute_unprepared(column).await.map(drop)
    }
}
