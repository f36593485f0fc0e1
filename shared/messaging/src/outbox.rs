//! What was committed and is to be told.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use contracts::Announcement;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use tokio::sync::Notify;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub id: Uuid,
        pub subject: String,
        pub about: Uuid,
        pub version: i64,
        pub occurred_at: i64,
        pub headers: String,
        pub payload: String,
        pub claimed_until: i64,
        pub sent_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Puts announcements into the caller's transaction; they are told once it commits.
pub async fn append(
    transaction: &impl ConnectionTrait,
    announcements: impl IntoIterator<Item = Announcement>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let headers = serde_json::to_string(&BTreeMap::<String, String>::new())
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    let rows: Vec<_> = announcements
        .into_iter()
        .map(|announcement| row::ActiveModel {
            id: Set(kernel::Id::<()>::new().uuid()),
            subject: Set(announcement.subject.to_owned()),
            about: Set(announcement.about),
            version: Set(announcement.version),
            occurred_at: Set(at.timestamp_millis()),
            headers: Set(headers.clone()),
            payload: Set(announcement.payload.to_string()),
            claimed_until: Set(0),
            sent_at: Set(None),
            ..Default::default()
        })
        .collect();
    // Few rows to a statement: databases limit the values of one.
    for rows in rows.chunks(500) {
        row::Entity::insert_many(rows.to_vec()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Tells a service's relay that something was committed, so that it need not wait for its next look.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub(crate) news: Arc<Notify>,
}

impl Outbox {
    /// To be called after each commit that appended.
    pub fn wake(&self) {
        self.news.notify_one();
    }
}
