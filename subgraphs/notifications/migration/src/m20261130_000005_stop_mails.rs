//! Which addresses want no mails of a kind or take none, and what links that stop mails are signed with: an expansion, which
//! the version before does not notice.

use sea_orm_migration::prelude::*;

use super::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                // A kind of message, or UNREACHABLE where mail does not arrive at all.
                "CREATE TABLE stopped_addresses (
                address TEXT NOT NULL,
                what TEXT NOT NULL,
                why TEXT,
                noted_at BIGINT NOT NULL,
                PRIMARY KEY (address, what)
            )",
                "CREATE INDEX stopped_addresses_by_age ON stopped_addresses (noted_at)",
                "CREATE TABLE signing_keys (
                name TEXT PRIMARY KEY,
                secret TEXT NOT NULL
            )",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP TABLE signing_keys", "DROP TABLE stopped_addresses"]).await
    }
}
