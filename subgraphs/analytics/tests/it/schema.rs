use std::{fs, path::Path};

use analytics::Migrator;
use sea_orm_migration::MigratorTrait;
use testbed::own_database;

#[tokio::test]
async fn the_schema_of_the_database_can_be_taken_down_and_put_up_again() {
    let own = own_database::<Migrator>("analytics").await;
    let database = &own.database;
    Migrator::down(&database.writes, None).await.unwrap();
    Migrator::up(&database.writes, None).await.unwrap();
    assert!(database.pending::<Migrator>().await.unwrap().is_empty());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of the test itself, no setting of the service")]
fn the_schema_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let sdl = analytics::sdl();
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        fs::write(&path, &sdl).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == sdl, "schema.graphql is stale: run this test with UPDATE_SCHEMA=1");
}

#[test]
fn the_openapi_document_is_checked_in() {
    testbed::openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &analytics::openapi());
}
