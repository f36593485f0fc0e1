//! Who is reminded of which event, and when: an expansion, which the version before does not notice.

use sea_orm_migration::prelude::*;

use super::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &[
            "ALTER TABLE events ADD COLUMN starts_at BIGINT",
            "ALTER TABLE events ADD COLUMN doors_at BIGINT",
            "ALTER TABLE events ADD COLUMN venue_name TEXT",
            // A row for each ticket that was ever heard of. Of one that is gone before it was heard of, nothing else is known.
            "CREATE TABLE reminders (
                ticket_id UUID PRIMARY KEY,
                gone BOOLEAN NOT NULL,
                event_id UUID,
                order_id UUID,
                recipient TEXT,
                user_id UUID,
                email TEXT,
                name TEXT,
                locale TEXT,
                due_at BIGINT,
                noted_at BIGINT NOT NULL
            )",
            "CREATE INDEX reminders_due ON reminders (due_at, event_id, recipient) WHERE due_at IS NOT NULL AND NOT gone",
            "CREATE INDEX reminders_of_an_event ON reminders (event_id, recipient)",
            "CREATE INDEX reminders_of_an_order ON reminders (order_id)",
            "CREATE INDEX reminders_to_somebody ON reminders (recipient)",
            "CREATE INDEX reminders_by_age ON reminders (noted_at)",
        ]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE reminders",
                "ALTER TABLE events DROP COLUMN venue_name",
                "ALTER TABLE events DROP COLUMN doors_at",
                "ALTER TABLE events DROP COLUMN starts_at",
            ],
        )
        .await
    }
}
