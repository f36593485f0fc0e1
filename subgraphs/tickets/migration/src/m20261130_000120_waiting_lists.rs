//! Who waits for places of an event that is sold out, and what is kept for them until somebody has looked.

use sea_orm_migration::prelude::*;

/// Makes the tables and adds the columns. Nobody waits for events from before.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 15] = [
    "CREATE TABLE waitlist_entries (
        id UUID PRIMARY KEY,
        event_id UUID NOT NULL,
        buyer_id UUID NOT NULL,
        ticket_types TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        together BOOLEAN NOT NULL,
        price_max TEXT,
        status TEXT NOT NULL,
        ended TEXT,
        joined_at BIGINT NOT NULL,
        waits_until BIGINT NOT NULL,
        passed_over INTEGER NOT NULL,
        gathers_until BIGINT,
        reservation_id UUID,
        accepted_at BIGINT,
        ended_at BIGINT,
        CHECK ((ended_at IS NULL) = (status IN ('WAITING', 'OFFERED')))
    )",
    "CREATE INDEX waitlist_entries_in_order ON waitlist_entries (event_id, joined_at, id) WHERE status = 'WAITING'",
    "CREATE INDEX waitlist_entries_until ON waitlist_entries (event_id, waits_until) WHERE status = 'WAITING'",
    "CREATE INDEX waitlist_entries_offered ON waitlist_entries (event_id) WHERE status = 'OFFERED'",
    "CREATE UNIQUE INDEX waitlist_entries_by_reservation ON waitlist_entries (reservation_id) WHERE reservation_id IS NOT NULL",
    "CREATE INDEX waitlist_entries_of_buyer ON waitlist_entries (buyer_id, id)",
    "CREATE INDEX waitlist_entries_ended ON waitlist_entries (ended_at)",
    // What those who wait would take; a row goes when its entry does not wait any more.
    "CREATE TABLE waitlist_wants (
        event_id UUID NOT NULL,
        ticket_type_id UUID NOT NULL,
        joined_at BIGINT NOT NULL,
        entry_id UUID NOT NULL,
        PRIMARY KEY (event_id, ticket_type_id, joined_at, entry_id)
    )",
    "CREATE INDEX waitlist_wants_of_entry ON waitlist_wants (entry_id)",
    // A seat, or places of a section, or places of a ticket type at the price of a tier.
    "CREATE TABLE waitlist_kept (
        id UUID PRIMARY KEY,
        event_id UUID NOT NULL,
        seat INTEGER,
        section TEXT,
        ticket_type_id UUID,
        tier_id UUID,
        quantity INTEGER NOT NULL CHECK (quantity > 0)
    )",
    "CREATE INDEX waitlist_kept_of_event ON waitlist_kept (event_id)",
    "ALTER TABLE events ADD COLUMN waited_for TEXT",
    "ALTER TABLE events ADD COLUMN waitlist_look_at BIGINT",
    "CREATE INDEX events_with_waitlists ON events (waitlist_look_at) WHERE waitlist_look_at IS NOT NULL",
    "CREATE INDEX events_waited_for ON events (id) WHERE waited_for IS NOT NULL",
];

const DOWN: [&str; 7] = [
    "DROP INDEX events_waited_for",
    "DROP INDEX events_with_waitlists",
    "ALTER TABLE events DROP COLUMN waitlist_look_at",
    "ALTER TABLE events DROP COLUMN waited_for",
    "DROP TABLE waitlist_kept",
    "DROP TABLE waitlist_wants",
    "DROP TABLE waitlist_entries",
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
        for statement in DOWN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
