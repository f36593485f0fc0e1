//! Remembers whose money went back or is disputed, also when that is heard before the tickets are issued.

use sea_orm_migration::prelude::*;

/// Adds the column; nothing stands in it while nothing was heard.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE orders ADD COLUMN money TEXT";
        manager.get_connection().execute_unprepared(column).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE orders DROP COLUMN money").await.map(drop)
    }
}
