//! Whom buyers named to be told of their orders, and who buys without an account: an expansion, which the version before does
//! not notice.

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
                "CREATE TABLE order_contacts (
                order_id UUID PRIMARY KEY,
                user_id UUID NOT NULL,
                email TEXT NOT NULL,
                name TEXT NOT NULL,
                phone TEXT,
                locale TEXT,
                noted_at BIGINT NOT NULL
            )",
                "CREATE INDEX order_contacts_of_user ON order_contacts (user_id)",
                "CREATE INDEX order_contacts_by_age ON order_contacts (noted_at)",
                "ALTER TABLE accounts ADD COLUMN guest BOOLEAN NOT NULL DEFAULT FALSE",
                "CREATE INDEX notifications_of_order ON notifications (order_id) WHERE order_id IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX notifications_of_order",
                "ALTER TABLE accounts DROP COLUMN guest",
                "DROP TABLE order_contacts",
            ],
        )
        .await
    }
}
