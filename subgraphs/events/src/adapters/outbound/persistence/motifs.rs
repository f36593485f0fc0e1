//! What hangs beside layouts and organizations: views from sections, and pictures of performers.

use std::collections::{HashMap, HashSet};

use kernel::{Fault, ImageId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use service::database::fault;
use uuid::Uuid;

use crate::domain::{Image, Motif};

/// How many keys one statement names; whoever asks for more reads all that the owners have.
const MOST_KEYS: usize = 10_000;

mod motif {
    use sea_orm::entity::prelude::*;

    use super::super::images::image;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "motifs")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub image_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {
        #[sea_orm(belongs_to = "image::Entity", from = "Column::ImageId", to = "image::Column::Id")]
        Image,
    }

    impl Related<image::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Image.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is shown of these motifs, by one statement.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    asked: &[Motif],
) -> Result<HashMap<Motif, Image>, Fault> {
    let owners: HashSet<Uuid> = asked.iter().map(|motif| motif.owner).collect();
    let keys: HashSet<&str> = asked.iter().map(|motif| motif.key.as_str()).collect();
    let mut query = motif::Entity::find()
        .filter(motif::Column::OwnerId.is_in(owners))
        .filter(motif::Column::ImageId.is_not_null());
    if keys.len() <= MOST_KEYS {
        query = query.filter(motif::Column::Key.is_in(keys));
    }
    let rows = query.find_also_related(super::images::image::Entity).all(connection).await;
    let asked: HashSet<&Motif> = asked.iter().collect();
    let mut shown = HashMap::new();
    for (row, image) in rows.map_err(fault("reading motifs"))? {
        let motif = Motif { owner: row.owner_id, key: row.key };
        if let Some(image) = image.filter(|_| asked.contains(&motif)) {
            shown.insert(motif, image.restore()?);
        }
    }
    Ok(shown)
}

/// Which picture is shown of a motif. Whoever asks for the same one meanwhile waits for this transaction's end.
pub(super) async fn locked(
    transaction: &impl ConnectionTrait,
    motif: &Motif,
) -> Result<Option<ImageId>, DbErr> {
    // Without a row there would be nothing to wait at.
    let row =
        motif::ActiveModel { owner_id: Set(motif.owner), key: Set(motif.key.clone()), image_id: Set(None) };
    let once = OnConflict::columns([motif::Column::OwnerId, motif::Column::Key]).do_nothing().to_owned();
    let insert = motif::Entity::insert(row).on_conflict(once).exec_without_returning(transaction).await;
    if let Err(error) = insert
        && !matches!(error, DbErr::RecordNotInserted)
    {
        return Err(error);
    }
    let key = (motif.owner, motif.key.clone());
    let row = motif::Entity::find_by_id(key).lock_exclusive().one(transaction).await?;
    Ok(row.and_then(|row| row.image_id).map(ImageId::from_uuid))
}

/// Of how many motifs of this owner something is shown.
pub(super) async fn count(transaction: &impl ConnectionTrait, owner: Uuid) -> Result<u64, DbErr> {
    motif::Entity::find()
        .filter(motif::Column::OwnerId.eq(owner))
        .filter(motif::Column::ImageId.is_not_null())
        .count(transaction)
        .await
}

/// Shows this picture of a motif that is [`locked`], or none.
pub(super) async fn show(
    transaction: &impl ConnectionTrait,
    motif: &Motif,
    image: Option<ImageId>,
) -> Result<(), DbErr> {
    motif::Entity::update_many()
        .col_expr(motif::Column::ImageId, Expr::value(image.map(ImageId::uuid)))
        .filter(motif::Column::OwnerId.eq(motif.owner))
        .filter(motif::Column::Key.eq(motif.key.as_str()))
        .exec(transaction)
        .await?;
    Ok(())
}
