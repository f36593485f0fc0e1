//! Codes that take something off, and which of them a reservation has; and on which terms its places are sold.

use sea_orm_migration::prelude::*;

/// Makes the table and adds the columns. Reservations from before have no code, and nothing was asked for the service then.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 6] = [
    "CREATE TABLE promo_codes (
        id UUID PRIMARY KEY,
        event_id UUID NOT NULL,
        name TEXT NOT NULL,
        code TEXT NOT NULL,
        takes_off TEXT NOT NULL,
        ticket_types TEXT,
        max_redemptions INTEGER,
        max_per_buyer INTEGER,
        valid_from BIGINT,
        valid_until BIGINT,
        active BOOLEAN NOT NULL,
        settled INTEGER NOT NULL CHECK (settled >= 0),
        UNIQUE (event_id, name)
    )",
    "ALTER TABLE reservations ADD COLUMN promo_code_id UUID",
    "ALTER TABLE reservations ADD COLUMN promo_code_open BOOLEAN",
    "ALTER TABLE reservations ADD COLUMN terms TEXT",
    "CREATE INDEX reservations_of_promo_code ON reservations (promo_code_id, buyer_id) WHERE promo_code_id IS NOT NULL",
    "CREATE INDEX reservations_of_open_promo_code ON reservations (promo_code_id) WHERE promo_code_open",
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
            "DROP INDEX reservations_of_open_promo_code",
            "DROP INDEX reservations_of_promo_code",
            "ALTER TABLE reservations DROP COLUMN terms",
            "ALTER TABLE reservations DROP COLUMN promo_code_open",
            "ALTER TABLE reservations DROP COLUMN promo_code_id",
            "DROP TABLE promo_codes",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
