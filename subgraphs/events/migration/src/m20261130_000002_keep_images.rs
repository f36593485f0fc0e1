//! Pictures of events with their files, in the database itself: whoever has its backup has them as well.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Images {
    Table,
    Id,
    EventId,
    OrganizationId,
    AltText,
    Width,
    Height,
    Widths,
    Placeholder,
    Digest,
    CreatedAt,
    ReplacedAt,
}

#[derive(DeriveIden)]
enum ImageFiles {
    Table,
    ImageId,
    Format,
    Width,
    Bytes,
    ReplacedAt,
}

#[derive(DeriveIden)]
enum Events {
    Table,
    ImageId,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let images = Table::create()
            .table(Images::Table)
            .col(schema::uuid(Images::Id).primary_key())
            .col(schema::uuid(Images::EventId))
            .col(schema::uuid(Images::OrganizationId))
            .col(schema::text(Images::AltText))
            .col(schema::big_integer(Images::Width))
            .col(schema::big_integer(Images::Height))
            // How wide its files are, as a JSON list.
            .col(schema::text(Images::Widths))
            .col(schema::text_null(Images::Placeholder))
            .col(schema::text(Images::Digest))
            .col(schema::big_integer(Images::CreatedAt))
            .col(schema::big_integer_null(Images::ReplacedAt))
            .check(Expr::cust("width > 0 AND height > 0"))
            .to_owned();
        manager.create_table(images).await?;
        // Without a reference to the image: what is old is forgotten table by table.
        let files = Table::create()
            .table(ImageFiles::Table)
            .col(schema::uuid(ImageFiles::ImageId))
            .col(schema::text(ImageFiles::Format))
            .col(schema::big_integer(ImageFiles::Width))
            .col(schema::blob(ImageFiles::Bytes))
            .col(schema::big_integer_null(ImageFiles::ReplacedAt))
            .primary_key(
                Index::create().col(ImageFiles::ImageId).col(ImageFiles::Format).col(ImageFiles::Width),
            )
            .to_owned();
        manager.create_table(files).await?;
        let by_age =
            Index::create().name("images_by_age").table(Images::Table).col(Images::ReplacedAt).to_owned();
        manager.create_index(by_age).await?;
        let files_by_age = Index::create()
            .name("image_files_by_age")
            .table(ImageFiles::Table)
            .col(ImageFiles::ReplacedAt)
            .to_owned();
        manager.create_index(files_by_age).await?;
        let shown = schema::uuid_null(Events::ImageId);
        manager.alter_table(Table::alter().table(Events::Table).add_column(shown).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let shown = Table::alter().table(Events::Table).drop_column(Events::ImageId).to_owned();
        manager.alter_table(shown).await?;
        manager.drop_table(Table::drop().table(ImageFiles::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Images::Table).to_owned()).await
    }
}
