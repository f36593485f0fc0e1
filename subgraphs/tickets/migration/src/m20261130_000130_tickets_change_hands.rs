//! Whose a ticket is, and through which hands it went.
//!
//! A place of an order has one row, whoever has the ticket: with it changes hands its id and its code. So there are never two of
//! them that admit, nor none. What it was before is added to its history.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds the columns and makes the tables. Tickets are their buyers', those too that replicas of the version before issue.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [(&str, &str); 4] = [
    ("owner_id", "UUID"),
    ("owner_address", "TEXT"),
    ("transfers", "INTEGER NOT NULL DEFAULT 0"),
    ("renames", "INTEGER NOT NULL DEFAULT 0"),
];

/// No rows of the history are ever changed. It names nobody but by their account.
const TABLES: [&str; 2] = [
    "CREATE TABLE ticket_transfers (
        replaced_id UUID PRIMARY KEY,
        ticket_id UUID NOT NULL UNIQUE,
        order_id UUID NOT NULL REFERENCES orders (id),
        event_id UUID NOT NULL,
        position INTEGER NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        code TEXT NOT NULL UNIQUE,
        from_owner UUID NOT NULL,
        to_owner UUID,
        at BIGINT NOT NULL,
        UNIQUE (order_id, position, number)
    )",
    "CREATE TABLE addresses (
        address TEXT PRIMARY KEY,
        user_id UUID
    )",
];

const INDEXES: [(&str, &str); 3] = [
    ("tickets_of_owner", "tickets (owner_id, id)"),
    ("tickets_without_owner", "tickets (owner_address) WHERE owner_address IS NOT NULL"),
    ("addresses_of_user", "addresses (user_id)"),
];

fn triggers(backend: DbBackend) -> Vec<&'static str> {
    if backend == DbBackend::Postgres {
        vec![
            "CREATE FUNCTION tickets_are_their_buyers() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN NEW.owner_id := (SELECT buyer_id FROM orders WHERE id = NEW.order_id); RETURN NEW; END $$",
            "CREATE TRIGGER tickets_are_their_buyers BEFORE INSERT ON tickets FOR EACH ROW \
             WHEN (NEW.owner_id IS NULL AND NEW.owner_address IS NULL) EXECUTE FUNCTION tickets_are_their_buyers()",
        ]
    } else {
        vec![
            "CREATE TRIGGER tickets_are_their_buyers AFTER INSERT ON tickets \
             WHEN NEW.owner_id IS NULL AND NEW.owner_address IS NULL \
             BEGIN UPDATE tickets SET owner_id = (SELECT buyer_id FROM orders WHERE id = NEW.order_id) \
             WHERE id = NEW.id; END",
        ]
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (column, kind) in COLUMNS {
            connection.execute_unprepared(&format!("ALTER TABLE tickets ADD COLUMN {column} {kind}")).await?;
        }
        for trigger in triggers(manager.get_database_backend()) {
            connection.execute_unprepared(trigger).await?;
        }
        // Behind the trigger: what is issued meanwhile has its owner already.
        let buyers = "UPDATE tickets SET owner_id = (SELECT o.buyer_id FROM orders o WHERE o.id = tickets.order_id) \
                      WHERE owner_id IS NULL";
        connection.execute_unprepared(buyers).await?;
        for table in TABLES {
            connection.execute_unprepared(table).await?;
        }
        for (index, of) in INDEXES {
            connection.execute_unprepared(&format!("CREATE INDEX {index} ON {of}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let triggers = if manager.get_database_backend() == DbBackend::Postgres {
            vec![
                "DROP TRIGGER tickets_are_their_buyers ON tickets",
                "DROP FUNCTION tickets_are_their_buyers()",
            ]
        } else {
            vec!["DROP TRIGGER tickets_are_their_buyers"]
        };
        for trigger in triggers {
            connection.execute_unprepared(trigger).await?;
        }
        for (index, _) in INDEXES {
            connection.execute_unprepared(&format!("DROP INDEX {index}")).await?;
        }
        for table in ["addresses", "ticket_transfers"] {
            connection.execute_unprepared(&format!("DROP TABLE {table}")).await?;
        }
        for (column, _) in COLUMNS {
            connection.execute_unprepared(&format!("ALTER TABLE tickets DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}
