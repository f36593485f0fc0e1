//! Messages are found by their numbers.

use sea_orm_migration::prelude::*;

use crate::tables;

/// The migration.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false) // so that nobody waits for the index
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::index_by_number(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::drop_index_by_number(manager).await
    }
}
