//! Who gives support for the platform.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "ALTER TABLE accounts ADD COLUMN operator_since BIGINT";
        manager.get_connection().execute_unprepared(add).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_it = "ALTER TABLE accounts DROP COLUMN operator_since";
        manager.get_connection().execute_unprepared(drop_it).await.map(drop)
    }
}
