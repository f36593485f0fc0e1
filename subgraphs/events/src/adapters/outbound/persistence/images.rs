//! Pictures and their files.

use chrono::{DateTime, Utc};
use kernel::{Fault, ImageId, OrganizationId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use service::database::fault;

use crate::domain::{Image, ImageFormat, Size, ports::ImageFile};

pub(super) mod image {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "images")]
    pub(in super::super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        // The column has its name from when only events had pictures.
        #[sea_orm(column_name = "event_id")]
        pub of: Uuid,
        pub organization_id: Uuid,
        pub alt_text: String,
        pub width: i64,
        pub height: i64,
        pub widths: String,
        pub placeholder: Option<String>,
        pub digest: String,
        pub created_at: i64,
        pub replaced_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in super::super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod file {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "image_files")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub image_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub format: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub width: i64,
        pub bytes: Vec<u8>,
        pub replaced_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Those of these pictures that exist.
pub(super) async fn of(connection: &impl ConnectionTrait, ids: &[ImageId]) -> Result<Vec<Image>, Fault> {
    let query = image::Entity::find().filter(image::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let rows = query.all(connection).await.map_err(fault("reading pictures"))?;
    rows.into_iter().map(image::Model::restore).collect()
}

/// A file of a picture.
pub(super) async fn file(
    connection: &impl ConnectionTrait,
    id: ImageId,
    width: u32,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, Fault> {
    let key = (id.uuid(), format.extension().to_owned(), i64::from(width));
    let query = file::Entity::find_by_id(key).select_only().column(file::Column::Bytes);
    query.into_tuple().one(connection).await.map_err(fault("reading a picture's file"))
}

/// Keeps a new picture, and all its files by one statement.
pub(super) async fn add(
    transaction: &impl ConnectionTrait,
    picture: &Image,
    files: Vec<ImageFile>,
) -> Result<(), Fault> {
    let widths = serde_json::to_string(&picture.widths)
        .map_err(|cause| Fault::new("writing the widths of a picture", cause))?;
    let row = image::ActiveModel {
        id: Set(picture.id.uuid()),
        of: Set(picture.of),
        organization_id: Set(picture.organization_id.uuid()),
        alt_text: Set(picture.alt_text.clone()),
        width: Set(picture.size.width.into()),
        height: Set(picture.size.height.into()),
        widths: Set(widths),
        placeholder: Set(picture.placeholder.clone()),
        digest: Set(picture.digest.clone()),
        created_at: Set(to_millis(picture.created_at)),
        replaced_at: Set(None),
    };
    let insert = image::Entity::insert(row).exec_without_returning(transaction).await;
    insert.map_err(fault("adding a picture"))?;
    let rows = files.into_iter().map(|file| file::ActiveModel {
        image_id: Set(picture.id.uuid()),
        format: Set(file.format.extension().to_owned()),
        width: Set(file.width.into()),
        bytes: Set(file.bytes),
        replaced_at: Set(None),
    });
    let insert = file::Entity::insert_many(rows).exec_without_returning(transaction).await;
    insert.map_err(fault("adding a picture's files"))?;
    Ok(())
}

/// Notes that pictures are shown no more since then; they are forgotten some time later.
pub(super) async fn retire(
    transaction: &impl ConnectionTrait,
    ids: &[ImageId],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = || ids.iter().map(|id| id.uuid());
    let at = Expr::value(to_millis(at));
    image::Entity::update_many()
        .col_expr(image::Column::ReplacedAt, at.clone())
        .filter(image::Column::Id.is_in(ids()))
        .exec(transaction)
        .await?;
    file::Entity::update_many()
        .col_expr(file::Column::ReplacedAt, at)
        .filter(file::Column::ImageId.is_in(ids()))
        .exec(transaction)
        .await?;
    Ok(())
}

impl image::Model {
    pub(super) fn restore(self) -> Result<Image, Fault> {
        let widths = serde_json::from_str(&self.widths)
            .map_err(|cause| Fault::new("reading the widths of a picture", cause))?;
        let side = |side: i64| {
            u32::try_from(side).map_err(|cause| Fault::new("reading the size of a picture", cause))
        };
        Ok(Image {
            id: ImageId::from_uuid(self.id),
            of: self.of,
            organization_id: OrganizationId::from_uuid(self.organization_id),
            alt_text: self.alt_text,
            size: Size { width: side(self.width)?, height: side(self.height)? },
            widths,
            placeholder: self.placeholder,
            digest: self.digest,
            created_at: from_millis(self.created_at),
        })
    }
}
