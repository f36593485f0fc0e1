//! Old messages are found by their age, however many there are.

use sea_orm_migration::prelude::*;

use crate::tables;

/// The migration.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::index_by_age(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::drop_indexes_by_age(manager).await
    }
}
