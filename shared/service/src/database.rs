//! SQLite or PostgreSQL, by URL.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{Fault, from_millis};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx,
};
use sea_orm_migration::MigratorTrait;

/// How long a statement, or the wait for a connection, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A service's database.
///
/// SQLite lets one transaction write at a time: its writers queue up for one connection here, fairly,
/// instead of meeting a locked file. With PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    /// For queries outside transactions.
    pub reads: DatabaseConnection,
    /// For transactions that write.
    pub writes: DatabaseConnection,
    /// Which migrations are still to be applied, once it is known whose schema this is.
    schema: Arc<OnceLock<Pending>>,
}

type Pending = fn(DatabaseConnection) -> BoxFuture<'static, Result<Vec<String>, Fault>>;

fn pending<M: MigratorTrait>(database: DatabaseConnection) -> BoxFuture<'static, Result<Vec<String>, Fault>> {
    Box::pin(async move {
        let pending = M::get_pending_migrations(&database).await;
        let pending = pending.map_err(|cause| Fault::passing("looking for pending migrations", cause))?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    })
}

impl Database {
    /// Connects; a SQLite file is made where there is none.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, Fault> {
        let fault = |cause| Fault::passing("connecting to the database", cause);
        let options = |connections: u32| {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(connections)
                .min_connections(1)
                .acquire_timeout(PATIENCE)
                .connect_timeout(PATIENCE)
                .sqlx_logging(false);
            if url.starts_with("sqlite:") {
                options.map_sqlx_sqlite_opts(|sqlite| {
                    sqlite
                        .create_if_missing(true)
                        .foreign_keys(true)
                        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                        // A commit that was acknowledged survives a loss of power.
                        .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                        .busy_timeout(PATIENCE)
                        .pragma("cache_size", "-16000")
                });
            } else {
                options.statement_timeout(PATIENCE);
            }
            options
        };
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        if url.starts_with("sqlite:") {
            let mut single = options(1);
            single.max_lifetime(None).idle_timeout(None);
            let writes = sea_orm::Database::connect(single).await.map_err(fault)?;
            if in_memory {
                return Ok(Self { reads: writes.clone(), writes, schema: Arc::default() });
            }
            Ok(Self {
                reads: sea_orm::Database::connect(options(max_connections)).await.map_err(fault)?,
                writes,
                schema: Arc::default(),
            })
        } else {
            let pool = sea_orm::Database::connect(options(max_connections)).await.map_err(fault)?;
            Ok(Self { reads: pool.clone(), writes: pool, schema: Arc::default() })
        }
    }

    /// A database in memory with `M`'s schema, for tests; it is gone with its last connection.
    pub async fn in_memory<M: MigratorTrait>() -> Result<Self, Fault> {
        let database = Self::connect("sqlite::memory:", 1).await?;
        database.migrate::<M>().await?;
        Ok(database)
    }

    /// Brings the schema up to date.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Fault> {
        self.schema.get_or_init(|| pending::<M>);
        M::up(&self.writes, None).await.map_err(|cause| Fault::new("migrating the database", cause))
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

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writes.begin_with_options(options).await
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
/// lock compares with the time at which it got it.
pub fn now_millis(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

/// What a failed statement means: a lost connection or a time-out passes, anything else is a fault of
/// ours.
pub fn fault(doing: &'static str) -> impl Fn(DbErr) -> Fault {
    move |cause| {
        let passing = match &cause {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                match error.as_ref() {
                    sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
                    // Serialization failures, deadlocks, cancelled statements, servers going down;
                    // SQLite's BUSY and LOCKED.
                    sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                        ["40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "5", "6", "517"]
                            .contains(&code.as_ref())
                    }),
                    _ => false,
                }
            }
            _ => false,
        };
        if passing { Fault::passing(doing, cause) } else { Fault::new(doing, cause) }
    }
}
