//! What was told last of how much is left of events, in a word. Of events that are not here it is plenty.

use sea_orm_migration::prelude::*;

/// Adds the table.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE TABLE stock_told (event_id UUID PRIMARY KEY, level TEXT NOT NULL, version BIGINT NOT NULL)";
        manager.get_connection().execute_unprepared(create).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE stock_told").await.map(drop)
    }
}
