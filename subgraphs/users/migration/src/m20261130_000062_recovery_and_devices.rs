//! Passwords chosen anew, addresses that change, and on what people are logged in.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 8] = [
    // Links to show whose an address is were all there were.
    "ALTER TABLE address_proofs ADD COLUMN purpose TEXT NOT NULL DEFAULT 'VERIFY_ADDRESS' \
     CHECK (purpose IN ('VERIFY_ADDRESS', 'RESET_PASSWORD'))",
    "ALTER TABLE sessions ADD COLUMN device TEXT",
    "ALTER TABLE sessions ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0",
    "UPDATE sessions SET last_seen_at = created_at",
    "CREATE TABLE address_changes (id UUID PRIMARY KEY, account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, \
     new_email TEXT NOT NULL, old_token TEXT UNIQUE, old_agreed_at BIGINT, new_token TEXT NOT NULL UNIQUE, new_agreed_at BIGINT, \
     created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT, end_reason TEXT \
     CHECK (end_reason IN ('DONE', 'REPLACED', 'CANCELLED')), CHECK ((ended_at IS NULL) = (end_reason IS NULL)))",
    // An account changes its address to one other at a time.
    "CREATE UNIQUE INDEX address_changes_open ON address_changes (account_id) WHERE ended_at IS NULL",
    "CREATE INDEX address_changes_of_account ON address_changes (account_id, created_at)",
    "CREATE INDEX address_changes_by_expiry ON address_changes (expires_at)",
];

const DOWN: [&str; 5] = [
    "DROP TABLE address_changes",
    "ALTER TABLE sessions DROP COLUMN last_seen_at",
    "ALTER TABLE sessions DROP COLUMN device",
    // Without the column they would verify addresses.
    "DELETE FROM address_proofs WHERE purpose <> 'VERIFY_ADDRESS'",
    "ALTER TABLE address_proofs DROP COLUMN purpose",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
