//! Everything tickets keeps. The rules that must never break stand in the schema itself: a seat is one
//! row, counters cannot pass their limits, a seat has at most one ticket that admits.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Creates the tables.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 17] = [
    "CREATE TABLE layouts (
        id UUID PRIMARY KEY,
        plan TEXT NOT NULL
    )",
    "CREATE TABLE events (
        id UUID PRIMARY KEY,
        version BIGINT NOT NULL,
        organization_id UUID NOT NULL,
        layout_id UUID,
        status TEXT NOT NULL,
        ends_at BIGINT NOT NULL,
        facts TEXT NOT NULL,
        opened BOOLEAN NOT NULL,
        map_version BIGINT NOT NULL
    )",
    "CREATE TABLE sections (
        event_id UUID NOT NULL REFERENCES events (id),
        key TEXT NOT NULL,
        capacity INTEGER NOT NULL,
        held INTEGER NOT NULL CHECK (held >= 0),
        sold INTEGER NOT NULL CHECK (sold >= 0),
        blocked INTEGER NOT NULL CHECK (blocked >= 0),
        PRIMARY KEY (event_id, key),
        CHECK (held + sold + blocked <= capacity)
    )",
    // One row for each seat; status 0 free, 1 held, 2 sold, 3 blocked.
    "CREATE TABLE seats (
        event_id UUID NOT NULL,
        number INTEGER NOT NULL,
        status SMALLINT NOT NULL CHECK (status BETWEEN 0 AND 3),
        holder UUID,
        held_until BIGINT,
        PRIMARY KEY (event_id, number),
        CHECK ((holder IS NULL) = (status IN (0, 3)))
    )",
    "CREATE TABLE seat_changes (
        event_id UUID NOT NULL,
        version BIGINT NOT NULL,
        at BIGINT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (event_id, version)
    )",
    "CREATE TABLE ticket_types (
        id UUID PRIMARY KEY,
        event_id UUID NOT NULL REFERENCES events (id),
        version BIGINT NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        sections TEXT NOT NULL,
        quota INTEGER,
        sales_start BIGINT,
        sales_end BIGINT,
        min_per_order INTEGER NOT NULL,
        max_per_order INTEGER NOT NULL,
        access_code TEXT,
        held INTEGER NOT NULL CHECK (held >= 0),
        sold INTEGER NOT NULL CHECK (sold >= 0),
        CHECK (quota IS NULL OR held + sold <= quota)
    )",
    "CREATE TABLE price_tiers (
        id UUID PRIMARY KEY,
        ticket_type_id UUID NOT NULL REFERENCES ticket_types (id),
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        price BIGINT NOT NULL CHECK (price >= 0),
        currency TEXT NOT NULL,
        sells_from BIGINT,
        sells_until BIGINT,
        quota INTEGER,
        taken INTEGER NOT NULL CHECK (taken >= 0),
        CHECK (quota IS NULL OR taken <= quota)
    )",
    "CREATE TABLE reservations (
        id UUID PRIMARY KEY,
        event_id UUID NOT NULL,
        buyer_id UUID NOT NULL,
        status TEXT NOT NULL,
        holding BOOLEAN NOT NULL,
        expires_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        claims TEXT NOT NULL
    )",
    "CREATE TABLE orders (
        id UUID PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,
        reservation_id UUID NOT NULL UNIQUE REFERENCES reservations (id),
        event_id UUID NOT NULL,
        buyer_id UUID NOT NULL,
        status TEXT NOT NULL,
        total BIGINT NOT NULL CHECK (total >= 0),
        currency TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        attendees TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        progress TEXT NOT NULL,
        deadline BIGINT,
        version BIGINT NOT NULL
    )",
    "CREATE TABLE order_steps (
        order_id UUID NOT NULL REFERENCES orders (id),
        seq INTEGER NOT NULL,
        at BIGINT NOT NULL,
        step TEXT NOT NULL,
        detail TEXT,
        PRIMARY KEY (order_id, seq)
    )",
    "CREATE TABLE tickets (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders (id),
        position INTEGER NOT NULL,
        event_id UUID NOT NULL,
        ticket_type_id UUID NOT NULL,
        section TEXT NOT NULL,
        seat INTEGER,
        price BIGINT NOT NULL,
        currency TEXT NOT NULL,
        code TEXT NOT NULL UNIQUE,
        epoch INTEGER NOT NULL,
        holder_name TEXT NOT NULL,
        holder_email TEXT NOT NULL,
        status TEXT NOT NULL,
        checked_in_at BIGINT,
        gate TEXT,
        UNIQUE (order_id, position)
    )",
    "CREATE TABLE scans (
        id UUID PRIMARY KEY,
        ticket_id UUID NOT NULL,
        event_id UUID NOT NULL,
        by_user UUID NOT NULL,
        at BIGINT NOT NULL,
        outcome TEXT NOT NULL,
        gate TEXT,
        nonce TEXT
    )",
    "CREATE TABLE idempotency_keys (
        by_user UUID NOT NULL,
        operation TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        made UUID NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (by_user, operation, key)
    )",
    "CREATE TABLE signing_keys (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        secret TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX seat_admits_once ON tickets (event_id, seat)
        WHERE seat IS NOT NULL AND status IN ('VALID', 'CHECKED_IN')",
    "CREATE INDEX reservations_holding ON reservations (event_id, expires_at) WHERE holding",
    "CREATE INDEX orders_waiting ON orders (deadline) WHERE deadline IS NOT NULL",
];

const INDEXES: [&str; 7] = [
    "CREATE INDEX ticket_types_of_event ON ticket_types (event_id)",
    "CREATE INDEX price_tiers_of_type ON price_tiers (ticket_type_id)",
    "CREATE INDEX reservations_of_buyer ON reservations (buyer_id, event_id)",
    "CREATE INDEX orders_of_buyer ON orders (buyer_id, created_at)",
    "CREATE INDEX tickets_of_event ON tickets (event_id)",
    "CREATE INDEX seats_taken ON seats (event_id, number) WHERE status <> 0",
    "CREATE INDEX scans_of_ticket ON scans (ticket_id)",
];

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        service::memberships::create_table(manager).await?;
        for statement in TABLES.iter().chain(&INDEXES) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            // Room beside each seat, so that its many changes stay on its page.
            manager.get_connection().execute_unprepared("ALTER TABLE seats SET (fillfactor = 50)").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "signing_keys",
            "idempotency_keys",
            "scans",
            "tickets",
            "order_steps",
            "orders",
            "reservations",
            "price_tiers",
            "ticket_types",
            "seat_changes",
            "seats",
            "sections",
            "events",
            "layouts",
            "memberships",
        ];
        for table in tables {
            manager.get_connection().execute_unprepared(&format!("DROP TABLE {table}")).await?;
        }
        messaging::tables::drop(manager).await
    }
}
