use anyhow::Context as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
    TryGetable,
};
use uuid::Uuid;

use crate::{SERVICES, streams::Streams};

/// A service's database, opened while the platform runs: to be read, or to be disturbed.
#[derive(Clone)]
pub struct Store(DatabaseConnection);

/// What all services keep, and what is on its way between them.
pub struct Stores {
    stores: Vec<(&'static str, Store)>,
    pub(crate) streams: Option<Streams>,
}

impl Stores {
    /// Opens the database of each service, whose URLs `url` tells.
    pub(crate) async fn open(url: impl Fn(&str) -> String, streams: Option<Streams>) -> anyhow::Result<Self> {
        let mut stores = Vec::new();
        for service in SERVICES {
            stores.push((service, Store::open(&url(service)).await?));
        }
        Ok(Self { stores, streams })
    }

    /// The database of a service.
    pub fn of(&self, service: &str) -> &Store {
        let found = self.stores.iter().find(|(known, _)| *known == service);
        found.map(|(_, store)| store).expect("there are six services")
    }

    /// Each service with its database.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Store)> {
        self.stores.iter().map(|(service, store)| (*service, store))
    }
}

impl Store {
    /// Connects.
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await;
        Ok(Self(connection.with_context(|| format!("opening {url}"))?))
    }

    /// What a connection leads to.
    pub(crate) fn over(connection: DatabaseConnection) -> Self {
        Self(connection)
    }

    /// Every row of a query.
    pub async fn rows(&self, sql: &str) -> anyhow::Result<Vec<QueryResult>> {
        let query = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(query).await.with_context(|| sql.to_owned())
    }

    /// Changes what is kept, behind the service's back.
    pub async fn disturb(&self, sql: &str) -> anyhow::Result<()> {
        self.0.execute_unprepared(sql).await.map(drop).with_context(|| sql.to_owned())
    }

    /// The first column of the only row.
    pub async fn one<T: TryGetable>(&self, sql: &str) -> anyhow::Result<T> {
        let rows = self.rows(sql).await?;
        let row = rows.first().with_context(|| format!("{sql}: no row"))?;
        row.try_get_by_index(0).with_context(|| sql.to_owned())
    }

    /// How many rows a query counts.
    pub async fn count(&self, what: &str) -> anyhow::Result<i64> {
        self.one(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {what}")).await
    }

    /// The names of its tables, in order.
    pub async fn tables(&self) -> anyhow::Result<Vec<String>> {
        let names = if self.0.get_database_backend() == DbBackend::Postgres {
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        };
        let rows = self.rows(names).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Where this text stands, as `table.column`, in whatever case it is written; nowhere in these tables.
    pub async fn mentions(&self, text: &str, but: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for table in self.tables().await?.iter().filter(|table| !but.contains(&table.as_str())) {
            let columns = if self.0.get_database_backend() == DbBackend::Postgres {
                format!(
                    "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
                     WHERE table_schema = 'public' AND table_name = '{table}'"
                )
            } else {
                format!("SELECT name FROM pragma_table_info('{table}')")
            };
            for column in self.rows(&columns).await? {
                let column: String = column.try_get_by_index(0)?;
                let said = format!(
                    "{table} WHERE LOWER(CAST(\"{column}\" AS TEXT)) LIKE '%{}%'",
                    text.to_lowercase()
                );
                if self.count(&said).await? > 0 {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        Ok(found)
    }

    /// An id as the database writes it.
    pub(crate) fn quoted(&self, id: Uuid) -> String {
        if self.0.get_database_backend() == DbBackend::Postgres {
            format!("'{id}'")
        } else {
            format!("X'{}'", id.simple())
        }
    }
}

/// A whole number, however wide its column is.
pub(crate) fn whole(row: &QueryResult, column: &str) -> anyhow::Result<i64> {
    row.try_get::<i64>("", column)
        .or_else(|_| row.try_get::<i32>("", column).map(i64::from))
        .or_else(|_| row.try_get::<i16>("", column).map(i64::from))
        .with_context(|| format!("{column} is no number"))
}
