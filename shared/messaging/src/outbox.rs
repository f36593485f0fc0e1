//! What was committed and is to be told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Fault, to_millis};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, Value};
use tokio::sync::Notify;

use crate::{bus::Store, rows::Rows, trace};

pub(crate) mod row {
    use kernel::{Fault, from_millis};
    use sea_orm::{IdenStatic as _, Iterable as _, entity::prelude::*};

    use crate::Message;

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
        pub number: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A row's columns, by name: an upgrade may add others while this runs.
    pub(crate) fn columns() -> String {
        Column::iter().map(|column| column.as_str().to_owned()).collect::<Vec<_>>().join(", ")
    }

    /// The message in a row.
    pub(crate) fn read(row: Model) -> Result<Message, Fault> {
        let broken = |cause| Fault::new(format!("reading outbox row {}", row.seq), cause);
        Ok(Message {
            id: row.id,
            subject: row.subject,
            about: row.about,
            version: row.version,
            occurred_at: from_millis(row.occurred_at),
            headers: serde_json::from_str(&row.headers).map_err(broken)?,
            payload: serde_json::from_str(&row.payload).map_err(broken)?,
        })
    }
}

/// Puts announcements into the caller's transaction; they are told once it commits, as part of the trace that
/// is under way here.
pub async fn append(
    transaction: &impl ConnectionTrait,
    announcements: impl IntoIterator<Item = Announcement>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    // Few rows to a statement: databases limit the values of one.
    for rows in rows(announcements, at)?.chunks(500) {
        let places =
            |row: usize| (1..=WIDTH).map(|column| format!("${}", row * WIDTH + column)).collect::<Vec<_>>();
        let places: Vec<_> = (0..rows.len()).map(|row| format!("({})", places(row).join(", "))).collect();
        let insert = format!("INSERT INTO {INTO} VALUES {}", places.join(", "));
        transaction
            .execute_raw(Statement::from_sql_and_values(backend, insert, rows.iter().flatten().cloned()))
            .await?;
    }
    Ok(())
}

/// How many values a row of [`rows`] has.
const WIDTH: usize = 8;

/// The table of [`rows`], with its columns.
pub const INTO: &str = "outbox (id, subject, about, version, occurred_at, headers, payload, claimed_until)";

/// The rows of [`append`], for whoever inserts them [`INTO`] the outbox together with other things.
pub fn rows(
    announcements: impl IntoIterator<Item = Announcement>,
    at: DateTime<Utc>,
) -> Result<Vec<[Value; WIDTH]>, DbErr> {
    let headers =
        serde_json::to_string(&trace::headers()).map_err(|error| DbErr::Custom(error.to_string()))?;
    let row = |announcement: Announcement| {
        [
            kernel::Id::<()>::new().uuid().into(),
            announcement.subject.into(),
            announcement.about.into(),
            announcement.version.into(),
            to_millis(at).into(),
            headers.clone().into(),
            announcement.payload.to_string().into(),
            0_i64.into(),
        ]
    };
    Ok(announcements.into_iter().map(row).collect())
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

/// Lets sent messages wait again, so that the relay publishes them once more: those that were sent since then, and whose
/// subject is this one, or begins as it says if it ends in `.>`. Consumers know what they have handled. How many;
/// `told` hears how many so far.
pub async fn send_again(
    database: &DatabaseConnection,
    since: Option<DateTime<Utc>>,
    subject: Option<&str>,
    mut told: impl FnMut(u64),
) -> Result<u64, Fault> {
    let mut which = format!("sent_at >= {}", since.map_or(0, to_millis));
    if let Some(subject) = subject {
        let plain = |part: char| part.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&part);
        let (start, any_end) = subject.strip_suffix('>').map_or((subject, ""), |start| (start, "%"));
        if start.is_empty() || !start.chars().all(plain) || (any_end == "%" && !start.ends_with('.')) {
            return Err(Fault::new("reading a subject", format!("{subject} is none; `.>` may end one")));
        }
        which = format!("{which} AND subject LIKE '{start}{any_end}'");
    }
    let rows = Rows::new(database.clone());
    let (mut after, mut all) = (0, 0);
    while let Some((count, last)) = rows.send_again(&which, after).await? {
        all += count;
        after = last;
        told(all);
    }
    Ok(all)
}

/// How many messages wait to be published; no more than 100,000 are counted.
pub async fn waiting(database: &DatabaseConnection) -> Result<i64, Fault> {
    Ok(Rows::new(database.clone()).waiting().await?.messages)
}

/// Lets wait again what was sent to stores into whose places these came, as relays do while they run: how many messages,
/// and whether there may be more.
pub async fn lost(database: &DatabaseConnection, stores: &[Store]) -> Result<(u64, bool), Fault> {
    Rows::new(database.clone()).lost(stores).await
}
