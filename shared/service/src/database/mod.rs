//! SQLite or PostgreSQL, by URL.

mod connecting;
mod faults;
mod gathering;
mod instants;
pub mod lists;
mod watch;
mod writes;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use breaker::Breaker;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{Fault, from_millis};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};

use crate::{limits::Limits, request};

pub use faults::fault;
pub use gathering::Gathered;
pub use instants::{for_update, until_next};
pub(crate) use watch::watch;
pub use writes::{Write, Writes};

/// A service's database.
///
/// SQLite lets one transaction write at a time: its writers queue up for one connection here, fairly,
/// instead of meeting a locked file. With PostgreSQL both are the same pool, behind a breaker: when the
/// server is gone or hangs, transactions and requests are refused at once until it answers again. That all
/// connections are taken is no outage: who does not get one in time is refused alone.
#[derive(Clone)]
pub struct Database {
    /// For queries outside transactions.
    pub reads: DatabaseConnection,
    /// For transactions that write.
    pub writes: DatabaseConnection,
    /// `reads`, `writes` and `statements` of [`Database::background`].
    behind: (DatabaseConnection, DatabaseConnection, Arc<AtomicU64>),
    /// How many statements went through `reads` and `writes`.
    statements: Arc<AtomicU64>,
    /// Which migrations are still to be applied, once it is known whose schema this is.
    schema: Arc<OnceLock<Pending>>,
    /// Only of PostgreSQL.
    pub(crate) breaker: Option<Breaker>,
    pub(crate) limits: Limits,
    /// Whose it is, and where; it may hold a password.
    origin: Arc<(String, String)>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database of {}", self.origin.0)
    }
}

type Pending = fn(DatabaseConnection) -> BoxFuture<'static, Result<Vec<String>, Fault>>;

fn pending<M: MigratorTrait>(database: DatabaseConnection) -> BoxFuture<'static, Result<Vec<String>, Fault>> {
    Box::pin(async move {
        let pending = still_to_come(&database, M::migrations().iter().map(|one| one.name().to_owned())).await;
        pending.map_err(|cause| Fault::passing("looking for pending migrations", cause))
    })
}

/// What is known here and not applied there. A schema that is ahead of this program is fine: that is how
/// a rolling upgrade meets the replicas that are still to be replaced.
async fn still_to_come(
    database: &DatabaseConnection,
    known: impl Iterator<Item = String>,
) -> Result<Vec<String>, DbErr> {
    let mut applied = BTreeSet::new();
    if SchemaManager::new(database).has_table("seaql_migrations").await? {
        let query =
            Statement::from_string(database.get_database_backend(), "SELECT version FROM seaql_migrations");
        for row in database.query_all_raw(query).await? {
            applied.insert(row.try_get::<String>("", "version")?);
        }
    }
    Ok(known.filter(|name| !applied.contains(name)).collect())
}

impl Database {
    /// Connects with the default limits; a SQLite file is made where there is none.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, Fault> {
        Self::open("odysseus", url, max_connections, &Limits { startup_seconds: 0, ..Limits::default() })
            .await
    }

    /// Connects for `service`. A SQLite file is made where there is none; a PostgreSQL that is not up yet
    /// is waited for. Limits that make no sense are an error that names the setting.
    pub async fn open(
        service: &str,
        url: &str,
        max_connections: u32,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        limits.check(&service.to_uppercase()).map_err(|wrong| Fault::new("reading the settings", wrong))?;
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let (mut reads, mut writes, mut behind, breaker) = if url.starts_with("sqlite:") {
            let writes = Box::pin(connecting::sqlite(url, 1)).await?;
            let reads = if in_memory {
                writes.clone()
            } else {
                Box::pin(connecting::sqlite(url, max_connections)).await?
            };
            (reads.clone(), writes.clone(), (reads, writes), None)
        } else {
            let pool = Box::pin(connecting::postgres(service, url, max_connections, limits, true)).await?;
            let connections = limits.background_connections;
            let behind = Box::pin(connecting::postgres_later(service, url, connections, limits)).await?;
            let breaker = Breaker::new(format!("database of {service}"), limits.database_breaker);
            (pool.clone(), pool, (behind.clone(), behind), Some(breaker))
        };
        let statements = Arc::default();
        counting(&mut reads, &statements);
        counting(&mut writes, &statements);
        let behind_statements = Arc::default();
        counting(&mut behind.0, &behind_statements);
        counting(&mut behind.1, &behind_statements);
        let origin = Arc::new((service.to_owned(), url.to_owned()));
        let behind = (behind.0, behind.1, behind_statements);
        Ok(Self {
            reads,
            writes,
            behind,
            statements,
            schema: Arc::default(),
            breaker,
            limits: *limits,
            origin,
        })
    }

    /// Opens some connections to PostgreSQL, for requests and for what goes on in the background: before a replica that was
    /// just started says that it is ready. Whoever came first would wait for them, too long perhaps on a busy machine.
    pub(crate) async fn open_connections(&self) {
        if self.breaker.is_some() {
            connecting::open_some(&self.reads).await;
            connecting::open_some(&self.behind.0).await;
        }
    }

    /// The same database, on connections of its own: for consumers, sagas and workers, which go on however many requests
    /// wait. On SQLite, whose writers queue up anyway, writes go through the one connection that writes.
    #[must_use]
    pub fn background(&self) -> Self {
        let (reads, writes, statements) = self.behind.clone();
        Self { reads, writes, statements, ..self.clone() }
    }

    /// How many statements were sent by this database and its clones so far, those within transactions included. Their
    /// beginnings and ends are not counted, nor what went through [`Database::background`], which counts by itself.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// A connection of its own whose statements may take as long as they need: for migrations and the
    /// like. On SQLite it is the one that writes.
    pub async fn unhurried(&self) -> Result<DatabaseConnection, Fault> {
        if self.breaker.is_none() {
            return Ok(self.writes.clone());
        }
        let (service, url) = &*self.origin;
        Box::pin(connecting::postgres(service, url, 1, &self.limits, false)).await
    }

    /// A database in memory with `M`'s schema, for tests; it is gone with its last connection.
    pub async fn in_memory<M: MigratorTrait>() -> Result<Self, Fault> {
        let database = Self::connect("sqlite::memory:", 1).await?;
        database.migrate::<M>().await?;
        Ok(database)
    }

    /// Brings the schema up to date. One that is ahead stays as it is: a program that was taken back to its last
    /// release lives with it.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Fault> {
        // The migrator refuses to look at a schema that has more than it knows.
        if self.pending::<M>().await?.is_empty() {
            return Ok(());
        }
        let unhurried = self.unhurried().await?;
        M::up(&unhurried, None).await.map_err(|cause| Fault::new("migrating the database", cause))
    }

    /// The names of migrations that are still to be applied.
    pub async fn pending<M: MigratorTrait>(&self) -> Result<Vec<String>, Fault> {
        self.schema.get_or_init(|| pending::<M>)(self.reads.clone()).await
    }

    /// The same, of the schema that was asked for before; none when nobody has.
    pub async fn still_pending(&self) -> Result<Vec<String>, Fault> {
        match self.schema.get() {
            Some(pending) => pending(self.reads.clone()).await,
            None => Ok(Vec::new()),
        }
    }

    /// Begins a transaction that will write. Refused at once while PostgreSQL is left alone.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let Some(breaker) = &self.breaker else { return self.writes.begin_with_options(options).await };
        let entry = breaker.enter().map_err(|refused| DbErr::Conn(RuntimeErr::Internal(refused.chain())))?;
        let begun = self.writes.begin_with_options(options).await;
        match &begun {
            Err(cause) if faults::is_outage(cause) => entry.failed(),
            // All connections are taken, which says nothing about the server.
            Err(DbErr::ConnectionAcquire(_)) => drop(entry),
            _ => entry.succeeded(),
        }
        begun
    }

    /// Begins a transaction that will write, and asks the database in it for the time. Whoever waits for a lock
    /// afterwards and then decides by the time has to ask again.
    pub async fn begin_at(&self) -> Result<(DatabaseTransaction, DateTime<Utc>), DbErr> {
        let transaction = self.begin().await?;
        let now = now(&transaction).await?;
        Ok((transaction, now))
    }

    /// The database's time, asked for once in each request, however many of its parts want to know it: for reading.
    /// What is decided in a transaction is decided by the time that was asked for there.
    pub async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        request::time(|| now(&self.reads)).await.map_err(fault("asking for the time"))
    }

    /// True while PostgreSQL fails, so that nothing is to be asked of it for a moment.
    pub fn is_left_alone(&self) -> bool {
        self.breaker.as_ref().is_some_and(Breaker::is_open)
    }

    /// An error when the database does not answer.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.reads.ping().await.map_err(|cause| Fault::passing("asking the database", cause))
    }
}

/// The database's own clock: the one that decides about expiry.
pub async fn now(connection: &impl ConnectionTrait) -> Result<DateTime<Utc>, DbErr> {
    let backend = connection.get_database_backend();
    let query = Statement::from_string(backend, format!("SELECT {} AS now", now_millis(backend)));
    let row = connection.query_one_raw(query).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the database's clock".to_owned()))?;
    Ok(from_millis(row.try_get("", "now")?))
}

/// The database's clock as an expression of its SQL: milliseconds since 1970.
///
/// On PostgreSQL this is the clock of the moment, not of the transaction's start: whoever waited for a
/// lock compares with the time at which it got it. A millisecond has come when it has begun.
pub fn now_millis(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)",
        _ => "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)",
    }
}

fn counting(connection: &mut DatabaseConnection, statements: &Arc<AtomicU64>) {
    let statements = statements.clone();
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
}
