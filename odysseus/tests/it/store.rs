//! A service's database, to be looked at.

use std::path::Path;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

pub(crate) async fn open(file: &Path) -> DatabaseConnection {
    Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
}

pub(crate) async fn count(database: &DatabaseConnection, from: &str) -> i64 {
    let query =
        Statement::from_string(database.get_database_backend(), format!("SELECT COUNT(*) AS n FROM {from}"));
    database.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}
