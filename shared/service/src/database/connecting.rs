//! How connections are made, and how long is waited for a server that is not up yet.

use std::{str::FromStr as _, time::Duration};

use kernel::Fault;
use sea_orm::{
    ConnectOptions, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{self, ConnectOptions as _, PgConnection, postgres::PgConnectOptions},
};
use tokio::time::{Instant, sleep};

use crate::limits::Limits;

/// How long a statement, or the wait for a connection, may take on SQLite, whose writers queue up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection to PostgreSQL that nobody uses is kept.
const IDLE: Duration = Duration::from_mins(10);
/// How many are made before anybody asks: requests and consumers come all at once to a replica that has just been started,
/// and each connection takes a computation of the password's proof.
const READY: u32 = 4;
/// How old a connection to PostgreSQL gets: moved servers and grown caches are left behind in time.
const LIFETIME: Duration = Duration::from_mins(30);
/// A connection that was idle for longer is tried before it is given out: its server may have gone.
const TRUSTED: Duration = Duration::from_secs(1);
/// How often is tried to reach a server that is not up yet.
const PAUSE: Duration = Duration::from_millis(500);

/// A pool of connections to a SQLite file, or to the one database in memory.
pub(super) async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, Fault> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                // A commit that was acknowledged survives a loss of power.
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .busy_timeout(PATIENCE)
                // In KiB, for each connection. What is not in it is in the system's memory, which all of them share.
                .pragma("cache_size", if connections == 1 { "-4000" } else { "-1000" })
        });
    if connections == 1 {
        options.max_lifetime(None).idle_timeout(None);
    }
    sea_orm::Database::connect(options).await.map_err(|cause| Fault::passing("opening the database", cause))
}

/// A pool of connections to PostgreSQL, once it is up. `statements` are limited in time, or not.
pub(super) async fn postgres(
    service: &str,
    url: &str,
    connections: u32,
    limits: &Limits,
    statements: bool,
) -> Result<DatabaseConnection, Fault> {
    let give_up = Instant::now() + Duration::from_secs(limits.startup_seconds);
    let place = place(url)?;
    loop {
        let cause =
            match sea_orm::Database::connect(options(service, url, connections, limits, statements)).await {
                Ok(pool) => return Ok(pool),
                Err(cause) => cause,
            };
        if !may_come_up(&cause) || Instant::now() >= give_up {
            return Err(Fault::passing(format!("connecting to PostgreSQL ({place})"), cause));
        }
        tracing::warn!(service, %place, %cause, "PostgreSQL is waited for");
        sleep(PAUSE).await;
    }
}

/// A pool whose connections are made when they are needed, once the server was reached.
pub(super) async fn postgres_later(
    service: &str,
    url: &str,
    connections: u32,
    limits: &Limits,
) -> Result<DatabaseConnection, Fault> {
    let mut options = options(service, url, connections, limits, true);
    options.min_connections(0).connect_lazy(true);
    sea_orm::Database::connect(options).await.map_err(|cause| Fault::new("preparing connections", cause))
}

/// Opens connections of a pool until it has as many as shall be ready, or all it may have, or one cannot be had.
pub(super) async fn open_some(pool: &DatabaseConnection) {
    let pool = pool.get_postgres_connection_pool();
    let mut opened = Vec::new();
    // Those that are kept here are not given out again, so that each time another one is opened.
    for _ in 0..READY.min(pool.options().get_max_connections()) {
        match pool.acquire().await {
            Ok(connection) => opened.push(connection),
            Err(cause) => return tracing::warn!(%cause, "no connections could be opened in advance"),
        }
    }
}

/// One connection, for whoever wants to know at once whether it can be had.
pub(super) async fn one_postgres(service: &str, url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnectOptions::from_str(url)?.application_name(service).connect().await
}

fn options(service: &str, url: &str, connections: u32, limits: &Limits, statements: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(connections.min(READY))
        .acquire_timeout(limits.connection())
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(TRUSTED)
        .set_application_name(service)
        .sqlx_logging(false);
    let mut server = vec![
        ("lock_timeout", limits.lock_millis.to_string()),
        ("idle_in_transaction_session_timeout", limits.idle_transaction_millis.to_string()),
        // The server notices within a minute that we are gone, and frees our locks.
        ("tcp_keepalives_idle", "30".to_owned()),
        ("tcp_keepalives_interval", "10".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        // What is sold is in memory, or on a disk without arms. With the default, 4, rows of a few ids are looked for in
        // the whole of a table that has grown since the server last counted it.
        ("random_page_cost", "1.1".to_owned()),
    ];
    if statements {
        server.push(("statement_timeout", limits.statement_millis.to_string()));
    }
    options.map_sqlx_postgres_opts(move |postgres| postgres.options(server.clone()));
    options
}

/// The server and the database of an URL, without the password.
fn place(url: &str) -> Result<String, Fault> {
    let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let parsed = PgConnectOptions::from_str(url).ok().filter(|_| known).ok_or_else(|| {
        Fault::broken_rule("the URL of the database begins neither with sqlite: nor with postgres://")
    })?;
    let database = parsed.get_database().unwrap_or_default();
    Ok(format!("{}:{}/{database}", parsed.get_host(), parsed.get_port()))
}

/// True for a server that is not there, not ready, or full; false for one that knows better than to let
/// us in.
fn may_come_up(cause: &DbErr) -> bool {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code == "53300" || code.starts_with("57P"))
            }
            _ => false,
        },
        DbErr::ConnectionAcquire(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_database_tells_no_password() {
        let place = place("postgres://ada:secret@db.example.org:5433/tickets?sslmode=require").unwrap();
        assert_eq!(place, "db.example.org:5433/tickets");
        assert!(super::place("mysql:nowhere").is_err());
    }
}
