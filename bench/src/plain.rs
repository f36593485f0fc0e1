//! What plain PostgreSQL does of the same, with nothing around it: the mark that the platform is measured by.

use std::{sync::Arc, time::Duration};

use e2e::Refused;
use rand::RngExt as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement,
    TransactionTrait as _,
};
use testbed::Postgres;

use crate::load::{Sample, closed};

/// As many as PostgreSQL was found to be quickest with here.
const CLIENTS: usize = 32;
const SEATS: i32 = 20_000;
const TABLES: &str = "
    CREATE TABLE seat (id INTEGER PRIMARY KEY, holder BIGINT, until BIGINT) WITH (fillfactor = 50);
    CREATE TABLE hold (id BIGINT PRIMARY KEY, seats TEXT NOT NULL);
    CREATE TABLE told (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what TEXT NOT NULL);
    CREATE TABLE quota (id INTEGER PRIMARY KEY, sold BIGINT NOT NULL);
    INSERT INTO quota VALUES (1, 0);
    INSERT INTO seat SELECT number, NULL, 0 FROM generate_series(1, 20000) AS number;";
const TAKE: &str = "UPDATE seat SET holder = $1, until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + 100 \
                    WHERE id IN ($2, $3) AND until < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// A database of its own on the platform's server.
pub(crate) struct Plain(Arc<DatabaseConnection>);

impl Plain {
    pub(crate) async fn on(server: &Postgres) -> anyhow::Result<Self> {
        let url = server.create_database("plain").await?;
        let mut options = ConnectOptions::new(url);
        options.max_connections(u32::try_from(CLIENTS)?).sqlx_logging(false);
        let database = Database::connect(options).await?;
        database.execute_unprepared(TABLES).await?;
        Ok(Self(Arc::new(database)))
    }

    /// Two seats in a transaction of five round trips: begin, take, write the hold, write what is told, commit.
    pub(crate) async fn holds(&self, length: Duration) -> Sample {
        closed(CLIENTS, length, async |client, turn| {
            hold(&self.0, client, turn).await.map_err(Refused::no_answer)
        })
        .await
    }

    /// One counter, counted up.
    pub(crate) async fn standing(&self, length: Duration) -> Sample {
        let count = "UPDATE quota SET sold = sold + 1 WHERE id = 1";
        closed(CLIENTS, length, async |_, _| {
            self.0.execute_unprepared(count).await.map(drop).map_err(Refused::no_answer)
        })
        .await
    }
}

async fn hold(database: &DatabaseConnection, client: usize, turn: u64) -> Result<(), DbErr> {
    let id = i64::try_from(client).unwrap_or(0) * 1_000_000_000 + i64::try_from(turn).unwrap_or(0) + 1;
    // In one order, or two of them would wait for each other.
    let first = rand::rng().random_range(1..SEATS);
    let transaction = database.begin().await?;
    let backend = transaction.get_database_backend();
    let of = |sql: &str, values: Vec<sea_orm::Value>| Statement::from_sql_and_values(backend, sql, values);
    let taken = transaction.execute_raw(of(TAKE, vec![id.into(), first.into(), (first + 1).into()])).await?;
    if taken.rows_affected() != 2 {
        transaction.rollback().await?;
        return Err(DbErr::RecordNotUpdated);
    }
    let seats = format!("{first},{}", first + 1);
    transaction
        .execute_raw(of("INSERT INTO hold VALUES ($1, $2)", vec![id.into(), seats.clone().into()]))
        .await?;
    transaction.execute_raw(of("INSERT INTO told (what) VALUES ($1)", vec![seats.into()])).await?;
    transaction.commit().await
}
