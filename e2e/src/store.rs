use std::path::Path;

use anyhow::Context as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement, TryGetable,
};

/// A service's SQLite file, opened to be read while the platform runs.
#[derive(Clone)]
pub struct Store(DatabaseConnection);

impl Store {
    /// Opens the file of a service in a data folder.
    pub async fn open(data: &Path, service: &str) -> anyhow::Result<Self> {
        let file = data.join(format!("{service}.sqlite"));
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=ro", file.display()));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await;
        Ok(Self(connection.with_context(|| format!("opening {}", file.display()))?))
    }

    /// Every row of a query.
    pub async fn rows(&self, sql: &str) -> anyhow::Result<Vec<QueryResult>> {
        let query = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(query).await.with_context(|| sql.to_owned())
    }

    /// The first column of the only row.
    pub async fn one<T: TryGetable>(&self, sql: &str) -> anyhow::Result<T> {
        let rows = self.rows(sql).await?;
        let row = rows.first().with_context(|| format!("{sql}: no row"))?;
        row.try_get_by_index(0).with_context(|| sql.to_owned())
    }
}
