//! Whose names are to be taken off tickets once an event is over: of people whose accounts are erased.

use sea_orm_migration::prelude::*;

/// Makes the table.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 2] = [
    "CREATE TABLE names_to_forget (
        person_id UUID NOT NULL,
        event_id UUID NOT NULL,
        look_at BIGINT NOT NULL,
        PRIMARY KEY (person_id, event_id)
    )",
    "CREATE INDEX names_to_forget_by_time ON names_to_forget (look_at)",
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
        manager.get_connection().execute_unprepared("DROP TABLE names_to_forget").await.map(drop)
    }
}
