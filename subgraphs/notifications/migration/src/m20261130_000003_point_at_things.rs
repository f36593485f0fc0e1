//! In which language people are written to, what messages point at, and which were taken back before they were sent: an
//! expansion, which the version before does not notice.

use sea_orm_migration::prelude::*;

use super::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &[
            "ALTER TABLE accounts ADD COLUMN locale TEXT",
            "ALTER TABLE accounts ADD COLUMN email_verified BOOLEAN",
            // Whose address came back is found by it.
            "ALTER TABLE accounts ADD COLUMN email_key TEXT",
            "CREATE INDEX accounts_by_address ON accounts (email_key)",
            "ALTER TABLE notifications ADD COLUMN order_id UUID",
            "ALTER TABLE notifications ADD COLUMN event_id UUID",
            "ALTER TABLE notifications ADD COLUMN ticket_id UUID",
            "ALTER TABLE notifications ADD COLUMN withdrawn_at BIGINT",
            // However long a list is, what is unread in it is counted alone.
            "CREATE INDEX notifications_unread ON notifications (user_id) WHERE channel = 'IN_APP' AND read_at IS NULL",
        ]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX notifications_unread",
                "ALTER TABLE notifications DROP COLUMN withdrawn_at",
                "ALTER TABLE notifications DROP COLUMN ticket_id",
                "ALTER TABLE notifications DROP COLUMN event_id",
                "ALTER TABLE notifications DROP COLUMN order_id",
                "DROP INDEX accounts_by_address",
                "ALTER TABLE accounts DROP COLUMN email_key",
                "ALTER TABLE accounts DROP COLUMN email_verified",
                "ALTER TABLE accounts DROP COLUMN locale",
            ],
        )
        .await
    }
}
