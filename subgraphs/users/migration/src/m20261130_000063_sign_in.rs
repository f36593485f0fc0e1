//! Second factors, what is under way between two requests, and accounts elsewhere by which people sign in.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 8] = [
    "CREATE TABLE second_factors (id UUID PRIMARY KEY, account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, \
     kind TEXT NOT NULL CHECK (kind IN ('TOTP', 'PASSKEY', 'RECOVERY_CODES')), name TEXT NOT NULL, \
     secret TEXT NOT NULL, credential TEXT UNIQUE, last_step BIGINT NOT NULL DEFAULT 0, \
     wrong BIGINT NOT NULL DEFAULT 0 CHECK (wrong >= 0), wrong_since BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, \
     CHECK ((kind = 'PASSKEY') = (credential IS NOT NULL)))",
    "CREATE INDEX second_factors_of_account ON second_factors (account_id)",
    // There is one set of recovery codes.
    "CREATE UNIQUE INDEX second_factors_one_set ON second_factors (account_id) WHERE kind = 'RECOVERY_CODES'",
    "CREATE TABLE ceremonies (token TEXT PRIMARY KEY, purpose TEXT NOT NULL \
     CHECK (purpose IN ('LOGIN', 'TOTP', 'PASSKEY', 'PASSKEY_SIGN_IN', 'FOREIGN')), \
     account_id UUID REFERENCES accounts (id) ON DELETE CASCADE, state TEXT NOT NULL, \
     wrong BIGINT NOT NULL CHECK (wrong >= 0), created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT)",
    "CREATE INDEX ceremonies_by_expiry ON ceremonies (expires_at)",
    "CREATE INDEX ceremonies_of_account ON ceremonies (account_id)",
    // A provider's account opens one account here.
    "CREATE TABLE foreign_accounts (id UUID PRIMARY KEY, account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, \
     issuer TEXT NOT NULL, subject TEXT NOT NULL, linked_at BIGINT NOT NULL, UNIQUE (issuer, subject))",
    "CREATE INDEX foreign_accounts_of_account ON foreign_accounts (account_id)",
];

const DOWN: [&str; 3] = ["DROP TABLE foreign_accounts", "DROP TABLE ceremonies", "DROP TABLE second_factors"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
