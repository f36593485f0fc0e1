//! Keeps how people are reached, and freezes it into the orders they place.

use sea_orm_migration::prelude::*;

/// Makes the table and adds the column. Nothing stands in either of who is not known, or was erased.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let table = "CREATE TABLE contacts (user_id UUID PRIMARY KEY, version BIGINT NOT NULL, contact TEXT)";
        connection.execute_unprepared(table).await?;
        connection.execute_unprepared("ALTER TABLE orders ADD COLUMN contact TEXT").await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE orders DROP COLUMN contact").await?;
        connection.execute_unprepared("DROP TABLE contacts").await.map(drop)
    }
}
