//! Keeps invoices and credit notes, whole as they were issued, and which number each series has come to.

use sea_orm_migration::prelude::*;

/// Makes the tables. Orders from before have no invoices.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 6] = [
    "CREATE TABLE organizations (
        organization_id UUID PRIMARY KEY,
        version BIGINT NOT NULL,
        name TEXT NOT NULL
    )",
    "CREATE TABLE invoice_numbers (
        organization_id UUID NOT NULL,
        year INTEGER NOT NULL,
        kind TEXT NOT NULL,
        last BIGINT NOT NULL CHECK (last > 0),
        PRIMARY KEY (organization_id, year, kind)
    )",
    "CREATE TABLE invoices (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL,
        organization_id UUID NOT NULL,
        refund_id UUID UNIQUE,
        number TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('INVOICE', 'CREDIT_NOTE')),
        issued_at BIGINT NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (organization_id, number),
        CHECK ((kind = 'INVOICE') = (refund_id IS NULL))
    )",
    "CREATE INDEX invoices_of_orders ON invoices (order_id)",
    "CREATE UNIQUE INDEX one_invoice_of_an_order ON invoices (order_id) WHERE kind = 'INVOICE'",
    "CREATE INDEX invoices_by_age ON invoices (issued_at)",
];

const DOWN: [&str; 3] = ["DROP TABLE invoices", "DROP TABLE invoice_numbers", "DROP TABLE organizations"];

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
