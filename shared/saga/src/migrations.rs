//! The table that every service with sagas has; its migrations make it.

use sea_orm_migration::prelude::*;

/// Of sagas that are over, how many days after `ended_at` a row is kept.
pub const ENDED_KEPT_DAYS: u32 = 30;

const CREATE: [&str; 4] = [
    "CREATE TABLE sagas (
        id UUID PRIMARY KEY,
        kind TEXT NOT NULL,
        about UUID NOT NULL,
        parent UUID,
        progress TEXT NOT NULL,
        deadline BIGINT,
        cursor UUID,
        traceparent TEXT,
        created_at BIGINT NOT NULL,
        ended_at BIGINT,
        version BIGINT NOT NULL
    )",
    "CREATE INDEX sagas_due ON sagas (deadline) WHERE deadline IS NOT NULL",
    "CREATE INDEX sagas_of_parent ON sagas (parent) WHERE parent IS NOT NULL AND ended_at IS NULL",
    "CREATE INDEX sagas_ended ON sagas (ended_at) WHERE ended_at IS NOT NULL",
];

/// Makes `sagas`.
pub async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for statement in CREATE {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
