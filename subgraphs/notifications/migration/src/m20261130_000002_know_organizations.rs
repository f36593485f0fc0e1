//! How organizations look in mails about their events, who manages them, and until when an order can be paid: an expansion,
//! which the version before does not notice.

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
                // A name and settings are told apart from each other, each with a version of its own.
                "CREATE TABLE organizations (
                organization_id UUID PRIMARY KEY,
                name_version BIGINT NOT NULL,
                name TEXT,
                settings_version BIGINT NOT NULL,
                colour TEXT,
                website TEXT,
                support_email TEXT
            )",
                "ALTER TABLE events ADD COLUMN organization_id UUID",
                "ALTER TABLE events ADD COLUMN timezone TEXT",
                "ALTER TABLE orders ADD COLUMN payable_until BIGINT",
            ],
        )
        .await?;
        service::memberships::create_table(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE memberships",
                "ALTER TABLE orders DROP COLUMN payable_until",
                "ALTER TABLE events DROP COLUMN timezone",
                "ALTER TABLE events DROP COLUMN organization_id",
                "DROP TABLE organizations",
            ],
        )
        .await
    }
}
