//! Events show several pictures, sections of layouts what is seen from there, and organizations their performers.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    MoreImages,
}

#[derive(DeriveIden)]
enum Motifs {
    Table,
    OwnerId,
    Key,
    ImageId,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Those behind the first, as a JSON list of ids.
        let more = schema::text_null(Events::MoreImages);
        manager.alter_table(Table::alter().table(Events::Table).add_column(more).to_owned()).await?;
        // A layout with a section's key, or an organization with a performer's id. Images keep what was sent for them.
        let motifs = Table::create()
            .table(Motifs::Table)
            .col(schema::uuid(Motifs::OwnerId))
            .col(schema::text(Motifs::Key))
            .col(schema::uuid_null(Motifs::ImageId))
            .primary_key(Index::create().col(Motifs::OwnerId).col(Motifs::Key))
            .to_owned();
        manager.create_table(motifs).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Motifs::Table).to_owned()).await?;
        let more = Table::alter().table(Events::Table).drop_column(Events::MoreImages).to_owned();
        manager.alter_table(more).await
    }
}
