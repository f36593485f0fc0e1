//! The numbers under which streams keep messages, and what streams have forgotten before it was read.

use sea_orm_migration::prelude::*;

use crate::tables;

/// The migration.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::number(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::drop_numbers(manager).await
    }
}
