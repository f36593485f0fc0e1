//! A service that tells, and services that listen.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use contracts::Announcement;
use kernel::{Fault, Result, SystemClock};
use messaging::{Bus, Consumer, DeadLetters, Handler, Message, Outbox, Relay, Told, inbox, tables};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::SchemaManager;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const SUBJECT: &str = "odysseus.test.thing.done.v1";

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it comes in time")
}

/// A database with the tables for messages, and one in which effects are counted.
pub(crate) async fn database() -> DatabaseConnection {
    let mut options =
        sea_orm::ConnectOptions::new(format!("sqlite:file:{}?mode=memory&cache=shared", Uuid::new_v4()));
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    // It is there as long as somebody is connected, and a connection is closed when its use is given up halfway.
    std::mem::forget(Database::connect(options.clone()).await.unwrap());
    with_tables(Database::connect(options).await.unwrap()).await
}

async fn with_tables(database: DatabaseConnection) -> DatabaseConnection {
    tables::create_all(&SchemaManager::new(&database)).await.unwrap();
    let id = if database.get_database_backend() == DbBackend::Postgres { "UUID" } else { "BLOB" };
    database.execute_unprepared(&format!("CREATE TABLE effects (about {id} NOT NULL)")).await.unwrap();
    database
}

pub(crate) async fn count(database: &DatabaseConnection, from: &str) -> i64 {
    let query =
        Statement::from_string(database.get_database_backend(), format!("SELECT COUNT(*) AS n FROM {from}"));
    database.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// A service that tells what it commits.
pub(crate) struct Teller {
    pub(crate) database: DatabaseConnection,
    pub(crate) outbox: Outbox,
}

impl Teller {
    pub(crate) async fn new() -> Self {
        Self { database: database().await, outbox: Outbox::default() }
    }

    /// One with a database that is empty yet.
    pub(crate) async fn in_database(database: DatabaseConnection) -> Self {
        Self { database: with_tables(database).await, outbox: Outbox::default() }
    }

    /// Commits so many changes, each with its announcement.
    pub(crate) async fn tells(&self, times: usize) {
        self.commits(times).await.is_committed();
    }

    /// The same, and is killed before anything else is done.
    pub(crate) async fn commits(&self, times: usize) -> Told {
        let transaction = self.database.begin().await.unwrap();
        let mut told = self.outbox.begin();
        told.append(&transaction, announcements(times), chrono::DateTime::UNIX_EPOCH).await.unwrap();
        transaction.commit().await.unwrap();
        told
    }

    pub(crate) async fn changes_its_mind(&self, times: usize) {
        let transaction = self.database.begin().await.unwrap();
        let mut told = self.outbox.begin();
        told.append(&transaction, announcements(times), chrono::DateTime::UNIX_EPOCH).await.unwrap();
        transaction.rollback().await.unwrap();
    }

    pub(crate) fn relay(&self, bus: Arc<dyn Bus>) -> (JoinHandle<()>, CancellationToken) {
        let relay =
            Relay { service: "teller", database: self.database.clone(), outbox: self.outbox.clone(), bus };
        let stop = CancellationToken::new();
        (tokio::spawn(relay.run(stop.clone())), stop)
    }

    /// Waits until all that was committed is marked as sent.
    pub(crate) async fn has_told_all(&self) {
        soon(async {
            while count(&self.database, "outbox WHERE sent_at IS NULL").await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

fn announcements(times: usize) -> Vec<Announcement> {
    let one = || Announcement {
        subject: SUBJECT,
        about: Uuid::new_v4(),
        version: 0,
        payload: serde_json::json!({ "quantity": 1 }),
    };
    std::iter::repeat_with(one).take(times).collect()
}

/// What a listener does with a delivery, before it commits; counted from 1.
pub(crate) type Mood = fn(delivery: u32) -> Result<()>;

/// A service that listens.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) name: &'static str,
    pub(crate) database: DatabaseConnection,
    pub(crate) deliveries: Arc<AtomicU32>,
    mood: Mood,
}

impl Listener {
    pub(crate) async fn new(name: &'static str, mood: Mood) -> Self {
        Self { name, database: database().await, deliveries: Arc::default(), mood }
    }

    /// One with a database that is empty yet.
    pub(crate) async fn in_database(name: &'static str, database: DatabaseConnection) -> Self {
        Self { name, database: with_tables(database).await, deliveries: Arc::default(), mood: |_| Ok(()) }
    }

    /// Another replica of the same service: the same database, its own deliveries.
    pub(crate) fn replica(&self) -> Self {
        Self { deliveries: Arc::default(), ..self.clone() }
    }

    /// Waits until something took effect so often.
    pub(crate) async fn has_done(&self, times: i64) {
        soon(async {
            while self.effects().await.0 < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        assert_eq!(self.effects().await, (times, times));
    }

    /// Waits until it has been asked so often.
    pub(crate) async fn was_asked(&self, times: u32) {
        soon(async {
            while self.deliveries() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }

    pub(crate) async fn joins(&self, bus: &dyn Bus) {
        let consumer = Consumer {
            name: self.name,
            subjects: vec!["odysseus.test.>"],
            handler: Arc::new(self.clone()),
            dead_letters: self.dead_letters(),
        };
        bus.subscribe(consumer).await.unwrap();
    }

    pub(crate) fn dead_letters(&self) -> DeadLetters {
        DeadLetters::new(self.database.clone(), Arc::new(SystemClock))
    }

    pub(crate) fn deliveries(&self) -> u32 {
        self.deliveries.load(Ordering::SeqCst)
    }

    /// How often something took effect, and for how many different things.
    pub(crate) async fn effects(&self) -> (i64, i64) {
        (
            count(&self.database, "effects").await,
            count(&self.database, "(SELECT DISTINCT about FROM effects) AS e").await,
        )
    }
}

#[async_trait]
impl Handler for Listener {
    async fn handle(&self, message: &Message) -> Result<()> {
        let fault = |cause| Fault::passing("listening", cause);
        let delivery = self.deliveries.fetch_add(1, Ordering::SeqCst) + 1;
        let transaction = self.database.begin().await.map_err(fault)?;
        if inbox::first_time(&transaction, self.name, message.id, message.occurred_at).await.map_err(fault)? {
            let effect = Statement::from_sql_and_values(
                transaction.get_database_backend(),
                "INSERT INTO effects (about) VALUES ($1)",
                [message.about.into()],
            );
            transaction.execute_raw(effect).await.map_err(fault)?;
            (self.mood)(delivery)?;
        }
        transaction.commit().await.map_err(fault)?;
        Ok(())
    }
}
