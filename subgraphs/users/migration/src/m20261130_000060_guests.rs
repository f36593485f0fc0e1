//! Guests, who buy without an account.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A guest has no password, and nobody else is without one. Where the normalised address of an account is, by which it is
/// found, a guest has their id: any number of guests may give one address, and none is found by it.
const UP: &str = "ALTER TABLE accounts ADD COLUMN guest BOOLEAN NOT NULL DEFAULT FALSE CHECK (guest = (password_hash = ''))";

/// Without the column guests would be accounts.
const DOWN: [&str; 2] = ["DELETE FROM accounts WHERE guest", "ALTER TABLE accounts DROP COLUMN guest"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
