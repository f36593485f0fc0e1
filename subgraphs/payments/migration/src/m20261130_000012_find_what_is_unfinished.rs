//! What is unfinished is found without reading what is finished: an expansion, which the version before does not notice.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            "CREATE INDEX payments_unfinished ON payments (state, created_at) \
             WHERE state IN ('PENDING', 'REQUIRES_ACTION', 'FAILED', 'CANCELLING')",
            "CREATE INDEX refunds_owed ON refunds (currency, created_at) WHERE state = 'OWED'",
        ];
        for index in indexes {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["refunds_owed", "payments_unfinished"] {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {index}")).await?;
        }
        Ok(())
    }
}
