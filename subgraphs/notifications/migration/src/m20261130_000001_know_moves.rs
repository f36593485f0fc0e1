//! Of which move of its event whoever has tickets of an order was told last.

use sea_orm_migration::prelude::*;

use super::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "CREATE TABLE order_moves (
                order_id UUID PRIMARY KEY,
                sequence BIGINT NOT NULL,
                done BOOLEAN NOT NULL,
                noted_at BIGINT NOT NULL
            )",
                "CREATE INDEX order_moves_by_age ON order_moves (noted_at)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE order_moves").await.map(drop)
    }
}
