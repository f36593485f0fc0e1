//! What was committed and is to be told.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Fault, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use tokio::sync::{Notify, OwnedSemaphorePermit};

use crate::{
    Message,
    bus::Store,
    rows::{Rows, clock},
    sending::Sending,
    trace,
};

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

/// How long a message belongs to the relay to which its transaction hands it over. If the process is killed in between,
/// any relay sends it then.
const HANDED_OVER: Duration = Duration::from_secs(2);

/// Where the transactions of a service leave what they tell, and its relay takes it from.
#[derive(Clone, Default)]
pub struct Outbox {
    pub(crate) news: Arc<Notify>,
    relay: Arc<Mutex<Option<Sending>>>,
}

impl Outbox {
    /// What a transaction tells that begins here: nothing yet.
    pub fn begin(&self) -> Told {
        let relay = self.relay.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Told { news: self.news.clone(), relay, handed_over: Vec::new(), room: None, waits: false }
    }

    /// From now on this relay sends at once what transactions hand over.
    pub(crate) fn is_served_by(&self, relay: Sending) {
        *self.relay.lock().unwrap_or_else(PoisonError::into_inner) = Some(relay);
    }
}

/// What one transaction tells.
///
/// Its rows are in the transaction, and a crash loses none of them. Besides, where a relay runs in this process and has
/// room, they are inserted as taken by it, and [`Told::is_committed`] hands the messages over to it: they are sent
/// without a look at the database. Whatever is not handed over waits for the relay's look.
pub struct Told {
    news: Arc<Notify>,
    relay: Option<Sending>,
    handed_over: Vec<Message>,
    room: Option<OwnedSemaphorePermit>,
    /// True when some of it waits in the outbox.
    waits: bool,
}

/// What is to be inserted into the outbox.
pub struct Insert {
    /// The table, with its columns.
    pub into: &'static str,
    /// The values of all columns but the last.
    pub values: Vec<[Value; WIDTH]>,
    /// The last column's, as an expression of SQL.
    pub last: String,
}

/// How many values a row of [`Insert`] has.
const WIDTH: usize = 7;

impl Told {
    /// The rows that tell announcements with the commit, as part of the trace that is under way here. The caller inserts
    /// them in its transaction.
    pub fn rows(
        &mut self,
        backend: DbBackend,
        announcements: impl IntoIterator<Item = Announcement>,
        at: DateTime<Utc>,
    ) -> Result<Insert, DbErr> {
        let headers = trace::headers();
        let written = serde_json::to_string(&headers).map_err(|error| DbErr::Custom(error.to_string()))?;
        let message = |announcement: Announcement| Message {
            id: kernel::Id::<()>::new().uuid(),
            subject: announcement.subject.to_owned(),
            about: announcement.about,
            version: announcement.version,
            occurred_at: from_millis(to_millis(at)),
            headers: headers.clone(),
            payload: announcement.payload,
        };
        let messages: Vec<_> = announcements.into_iter().map(message).collect();
        let row = |message: &Message| {
            [
                message.id.into(),
                message.subject.as_str().into(),
                message.about.into(),
                message.version.into(),
                to_millis(at).into(),
                written.as_str().into(),
                message.payload.to_string().into(),
            ]
        };
        let values = messages.iter().map(row).collect();
        let room = self.relay.as_ref().and_then(|relay| relay.room_for(messages.len()));
        let last = if room.is_some() {
            self.take_room(room);
            self.handed_over.extend(messages);
            format!("{} + {}", clock(backend), HANDED_OVER.as_millis())
        } else {
            self.waits |= !messages.is_empty();
            "0".to_owned()
        };
        let into = "outbox (id, subject, about, version, occurred_at, headers, payload, claimed_until)";
        Ok(Insert { into, values, last })
    }

    /// Puts announcements into the caller's transaction, as [`Told::rows`] has them.
    pub async fn append(
        &mut self,
        transaction: &impl ConnectionTrait,
        announcements: impl IntoIterator<Item = Announcement>,
        at: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let backend = transaction.get_database_backend();
        let Insert { into, values, last } = self.rows(backend, announcements, at)?;
        // Few rows to a statement: databases limit the values of one.
        for rows in values.chunks(500) {
            let place = |row: usize| {
                let places = (1..=WIDTH).map(|column| format!("${}", row * WIDTH + column));
                format!("({}, {last})", places.collect::<Vec<_>>().join(", "))
            };
            let places: Vec<_> = (0..rows.len()).map(place).collect();
            let insert = format!("INSERT INTO {into} VALUES {}", places.join(", "));
            let values = rows.iter().flatten().cloned();
            transaction.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        }
        Ok(())
    }

    /// What another tells that is a part of the same transaction.
    pub fn join(&mut self, other: Self) {
        self.waits |= other.waits;
        self.relay = self.relay.take().or(other.relay);
        self.handed_over.extend(other.handed_over);
        self.take_room(other.room);
    }

    fn take_room(&mut self, more: Option<OwnedSemaphorePermit>) {
        match (&mut self.room, more) {
            (Some(room), Some(more)) => room.merge(more),
            (none @ None, more) => *none = more,
            (Some(_), None) => {}
        }
    }

    /// To be called after the commit: it is sent.
    pub fn is_committed(mut self) {
        if let Some(relay) = &self.relay {
            for message in self.handed_over {
                let room = self.room.as_mut().and_then(|room| room.split(1));
                relay.send(message, room);
            }
        }
        if self.waits {
            self.news.notify_one();
        }
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
