//! Keeps why seats are kept back, where a reason was given.

use sea_orm_migration::prelude::*;

/// Makes the table.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = "CREATE TABLE blocked_seats (event_id UUID NOT NULL, number INTEGER NOT NULL, \
                     reason TEXT NOT NULL, PRIMARY KEY (event_id, number))";
        manager.get_connection().execute_unprepared(table).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE blocked_seats").await.map(drop)
    }
}
