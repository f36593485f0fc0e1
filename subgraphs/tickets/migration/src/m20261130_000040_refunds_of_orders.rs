//! Refunds of orders, and which of them has a ticket.

use sea_orm_migration::prelude::*;

/// Makes the table.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 6] = [
    "CREATE TABLE refunds (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders (id),
        event_id UUID NOT NULL,
        by_user UUID,
        tickets TEXT NOT NULL,
        price TEXT NOT NULL,
        amount BIGINT NOT NULL CHECK (amount >= 0),
        currency TEXT NOT NULL,
        whole BOOLEAN NOT NULL,
        called_off BOOLEAN NOT NULL,
        reason TEXT,
        keep_places_back BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        ended_at BIGINT
    )",
    "CREATE INDEX refunds_of_order ON refunds (order_id)",
    "CREATE INDEX refunds_of_called_off_event ON refunds (event_id) WHERE called_off",
    "ALTER TABLE tickets ADD COLUMN refund_id UUID",
    "ALTER TABLE called_off ADD COLUMN refunds_begun_at BIGINT",
    "ALTER TABLE called_off ADD COLUMN refunds_ended_at BIGINT",
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE called_off DROP COLUMN refunds_ended_at",
            "ALTER TABLE called_off DROP COLUMN refunds_begun_at",
            "ALTER TABLE tickets DROP COLUMN refund_id",
            "DROP TABLE refunds",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
