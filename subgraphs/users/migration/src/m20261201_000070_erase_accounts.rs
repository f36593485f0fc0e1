//! When an account was closed, and the sagas that erase those that were.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE accounts ADD COLUMN closed_at BIGINT").await?;
        saga::migrations::create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP TABLE sagas").await?;
        connection.execute_unprepared("ALTER TABLE accounts DROP COLUMN closed_at").await.map(drop)
    }
}
