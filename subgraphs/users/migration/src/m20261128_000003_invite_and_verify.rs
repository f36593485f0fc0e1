//! Invitations, proofs of addresses, who is warned, and from where people log in.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 15] = [
    // Wrong passwords for an address from one place. Neither is kept as it is.
    "CREATE TABLE login_tries (place TEXT PRIMARY KEY, address TEXT NOT NULL, failures BIGINT NOT NULL CHECK (failures >= 0), \
     first_at BIGINT NOT NULL, last_at BIGINT NOT NULL)",
    "CREATE INDEX login_tries_of_address ON login_tries (address)",
    "CREATE INDEX login_tries_by_age ON login_tries (last_at)",
    "CREATE TABLE known_clients (account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, client TEXT NOT NULL, \
     seen_at BIGINT NOT NULL, PRIMARY KEY (account_id, client))",
    "CREATE INDEX known_clients_by_age ON known_clients (seen_at)",
    "CREATE TABLE warnings (account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, kind TEXT NOT NULL, \
     sent_at BIGINT NOT NULL, PRIMARY KEY (account_id, kind))",
    "CREATE INDEX warnings_by_age ON warnings (sent_at)",
    "CREATE TABLE address_proofs (token TEXT PRIMARY KEY, account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, \
     created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT)",
    "CREATE INDEX address_proofs_of_account ON address_proofs (account_id, created_at)",
    "CREATE INDEX address_proofs_by_expiry ON address_proofs (expires_at)",
    "CREATE TABLE invitations (id UUID PRIMARY KEY, organization_id UUID NOT NULL REFERENCES organizations (id) ON DELETE CASCADE, \
     email TEXT NOT NULL, email_normalised TEXT NOT NULL, role TEXT NOT NULL \
     CHECK (role IN ('OWNER', 'MANAGER', 'BOX_OFFICE', 'SCANNER')), token TEXT NOT NULL UNIQUE, invited_by UUID NOT NULL, \
     created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT, end_reason TEXT \
     CHECK (end_reason IN ('ACCEPTED', 'REVOKED', 'REPLACED')), CHECK ((ended_at IS NULL) = (end_reason IS NULL)))",
    // An address has one open invitation of an organization.
    "CREATE UNIQUE INDEX invitations_open ON invitations (organization_id, email_normalised) WHERE ended_at IS NULL",
    "CREATE INDEX invitations_of_inviter ON invitations (invited_by, created_at)",
    "CREATE INDEX invitations_by_expiry ON invitations (expires_at)",
    "CREATE INDEX login_failures_by_age ON login_failures (since)",
];

const DOWN: [&str; 6] = [
    "DROP INDEX login_failures_by_age",
    "DROP TABLE invitations",
    "DROP TABLE address_proofs",
    "DROP TABLE warnings",
    "DROP TABLE known_clients",
    "DROP TABLE login_tries",
];

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
